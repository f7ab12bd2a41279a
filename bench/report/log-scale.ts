/** A logarithmic axis. */
export interface LogScale {
  readonly ticks: readonly number[];
  /** Where a value lies, from 0 at the beginning of the axis to 1 at its end. */
  place(value: number): number;
}

const STEPS: readonly number[] = [1, 2, 5, 10];

/**
 * Makes an axis that holds all `values` and begins and ends at 1, 2 or 5 times a power of ten. Ticks are powers of ten,
 * or all such numbers where there are few powers. Values that are not above zero lie at its beginning.
 */
export function logScale(values: readonly number[]): LogScale {
  const above = values.filter((value) => value > 0);
  const first = roundDown(Math.min(...above, Infinity));
  const last = Math.max(roundUp(Math.max(...above, first)), first * 10);
  const length = Math.log10(last / first);
  return {
    ticks: ticksBetween(first, last),
    place: (value) => (value <= first ? 0 : Math.log10(value / first) / length),
  };
}

function roundDown(value: number): number {
  if (!Number.isFinite(value)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return power * (STEPS.findLast((step) => step * power <= value * (1 + 1e-9)) ?? 1);
}

function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * (STEPS.find((step) => step * power >= value * (1 - 1e-9)) ?? 10);
}

function ticksBetween(first: number, last: number): number[] {
  const powers: number[] = [];
  const all: number[] = [];
  for (let power = 10 ** Math.floor(Math.log10(first)); power <= last * (1 + 1e-9); power *= 10) {
    for (const step of [1, 2, 5]) {
      const tick = step * power;
      if (tick < first * (1 - 1e-9) || tick > last * (1 + 1e-9)) continue;
      all.push(tick);
      if (step === 1) powers.push(tick);
    }
  }
  return powers.length >= 3 ? powers : all;
}

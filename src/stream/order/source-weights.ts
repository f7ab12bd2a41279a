import { HfStreamError } from "../../errors.ts";

/**
 * Shares `slots` out by `probabilities`, all above 0 but of any sum: whole numbers that sum to `slots`, at least 1 each,
 * rounded by the largest remainder, of equal ones the first. Throws `INVALID_OPTION` where there are more of them than slots.
 */
export function shareSlots(probabilities: readonly number[], slots: number): number[] {
  if (probabilities.length > slots) {
    throw new HfStreamError(
      "INVALID_OPTION",
      `interleaveDatasets(datasets, { probabilities }): expected at most ${slots} datasets, got ${probabilities.length}.`,
    );
  }
  const exact = exactShares(probabilities, slots);
  const left = slots - sum(exact.map(Math.floor));
  const threshold = left === 0 ? Infinity : Float64Array.from(exact, remainderOf).sort()[exact.length - left]!;
  let ties = left - exact.filter((share) => remainderOf(share) > threshold).length;
  return exact.map((share) => {
    const remainder = remainderOf(share);
    if (remainder === threshold) ties -= 1;
    const isUp = remainder > threshold || (remainder === threshold && ties >= 0);
    return Math.floor(share) + (isUp ? 1 : 0);
  });
}

/** Shares of at least 1: those that would get less get 1, which the others pay for in proportion. */
function exactShares(probabilities: readonly number[], slots: number): number[] {
  let shares: number[] = probabilities.map(() => slots);
  for (;;) {
    const small = shares.filter((share) => share <= 1).length;
    const rest = sum(probabilities.filter((_, index) => (shares[index] ?? 0) > 1));
    const next = probabilities.map((probability, index) =>
      (shares[index] ?? 0) > 1 ? Math.max(1, (probability / rest) * (slots - small)) : 1,
    );
    if (next.filter((share) => share <= 1).length === small) return next;
    shares = next;
  }
}

function remainderOf(share: number): number {
  return share - Math.floor(share);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

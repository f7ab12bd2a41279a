/** The middle of repeated measurements, and how far they spread. */
export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Sums `values` up, of which there must be at least one. The median of an even number is the mean of the middle two. */
export function summarize(values: readonly number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b);
  const [min, max] = [sorted[0], sorted.at(-1)];
  if (min === undefined || max === undefined) throw new RangeError("Expected at least one value");
  const middle = (sorted.length - 1) / 2;
  const [below, above] = [sorted[Math.floor(middle)] ?? min, sorted[Math.ceil(middle)] ?? max];
  return { median: (below + above) / 2, min, max };
}

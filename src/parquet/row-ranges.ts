/** Rows `[start, end)` of a row group. */
export interface RowRange {
  readonly start: number;
  readonly end: number;
}

/** The rows that are in both lists. Lists are in order and do not overlap. */
export function intersectRows(a: readonly RowRange[], b: readonly RowRange[]): RowRange[] {
  const both: RowRange[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const [left, right] = [a[i] as RowRange, b[j] as RowRange];
    const start = Math.max(left.start, right.start);
    const end = Math.min(left.end, right.end);
    if (start < end) both.push({ start, end });
    if (left.end < right.end) i += 1;
    else j += 1;
  }
  return both;
}

/** The rows that are in any of the lists, joined where they touch. */
export function uniteRows(...lists: readonly (readonly RowRange[])[]): RowRange[] {
  const united: { start: number; end: number }[] = [];
  for (const { start, end } of lists.flat().sort((a, b) => a.start - b.start)) {
    const last = united.at(-1);
    if (start >= end) continue;
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
    else united.push({ start, end });
  }
  return united;
}

/** How many rows there are in all. */
export function countRows(ranges: readonly RowRange[]): number {
  return ranges.reduce((sum, { start, end }) => sum + end - start, 0);
}

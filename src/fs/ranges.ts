import type { ByteRange } from "./types.ts";

/** A read of `length` bytes at `source`, whose bytes go to `target`. */
export interface Segment {
  readonly source: number;
  readonly target: number;
  readonly length: number;
}

/**
 * Joins segments that follow each other both in the source and in the target, and cuts what is longer than `blockSize` into
 * equal parts of at most that: the reads that fill the target, each byte once. `segments` in order of `source`.
 */
export function planReads(segments: readonly Segment[], blockSize: number): Segment[] {
  const runs: Segment[] = [];
  for (const segment of segments) {
    if (segment.length === 0) continue;
    const last = runs.at(-1);
    const follows =
      last !== undefined &&
      last.source + last.length === segment.source &&
      last.target + last.length === segment.target;
    if (follows) runs[runs.length - 1] = { ...last, length: last.length + segment.length };
    else runs.push(segment);
  }
  return runs.flatMap((run) => cut(run, blockSize));
}

function cut({ source, target, length }: Segment, blockSize: number): Segment[] {
  const parts = Math.ceil(length / blockSize);
  const bounds = Array.from({ length: parts + 1 }, (_, index) => Math.floor((index * length) / parts));
  return bounds.slice(1).map((end, index) => {
    const start = bounds[index] ?? 0;
    return { source: source + start, target: target + start, length: end - start };
  });
}

/** Ranges that one read serves: where they stand in what was asked, and the range that covers them. */
export interface MergedRange extends ByteRange {
  /** Indexes into the ranges that were given. */
  readonly members: readonly number[];
}

/**
 * Covers `ranges` with few reads: neighbours whose gap is at most `maxGap` bytes are joined while the whole stays within
 * `blockSize` bytes. Ranges may overlap and come in any order.
 */
export function mergeRanges(
  ranges: readonly ByteRange[],
  { maxGap, blockSize }: { readonly maxGap: number; readonly blockSize: number },
): MergedRange[] {
  const order = [...ranges.keys()].sort((a, b) => (ranges[a]?.offset ?? 0) - (ranges[b]?.offset ?? 0));
  const merged: { offset: number; length: number; members: number[] }[] = [];
  for (const index of order) {
    const range = ranges[index];
    if (range === undefined) continue;
    const last = merged.at(-1);
    const end = last === undefined ? 0 : last.offset + last.length;
    const joined = last === undefined ? Infinity : Math.max(end, range.offset + range.length) - last.offset;
    const overlaps = range.offset < end;
    if (last !== undefined && (overlaps || (range.offset - end <= maxGap && joined <= blockSize))) {
      last.length = joined;
      last.members.push(index);
    } else {
      merged.push({ offset: range.offset, length: range.length, members: [index] });
    }
  }
  return merged;
}

/** The bytes that Python's `[start:end]` takes of `size`: negative numbers count from the end, and both are cut to fit. */
export function sliceRange(size: number, start: number = 0, end: number = size): ByteRange {
  const place = (index: number): number => Math.min(size, Math.max(0, index < 0 ? size + index : index));
  const offset = place(start);
  return { offset, length: Math.max(0, place(end) - offset) };
}

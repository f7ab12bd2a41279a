import { linkController } from "../async/abort.ts";
import { mergeRanges, planReads, type Segment } from "./ranges.ts";
import type { ByteRange, ByteSource, ReadOptions } from "./types.ts";

/** Bytes that one request aims at. */
export const DEFAULT_BLOCK_SIZE: number = 8 * 1024 * 1024;
/** A gap that costs less to read than another request. */
const MAX_GAP = 64 * 1024;

export interface ReadSegmentsOptions extends ReadOptions {
  /** @default 8 MiB */
  readonly blockSize?: number | undefined;
}

/** Fills `target` by reading `segments`, in order of their source, in parallel. When one fails the others are ended first. */
export async function readSegments(
  source: ByteSource,
  segments: readonly Segment[],
  target: Uint8Array<ArrayBuffer>,
  { blockSize = DEFAULT_BLOCK_SIZE, signal, meter }: ReadSegmentsOptions = {},
): Promise<void> {
  const reads = planReads(segments, blockSize);
  await allOrNone(signal, reads, async (read, siblings) => {
    const into = target.subarray(read.target, read.target + read.length);
    await source.read({ offset: read.source, length: read.length }, { into, meter, signal: siblings });
  });
}

/** Reads many ranges: neighbours in one request, large ones in several, all in parallel; the answers in the order asked. */
export async function readManyRanges(
  source: ByteSource,
  ranges: readonly ByteRange[],
  { blockSize = DEFAULT_BLOCK_SIZE, signal, meter }: ReadSegmentsOptions = {},
): Promise<Uint8Array<ArrayBuffer>[]> {
  const results: Uint8Array<ArrayBuffer>[] = Array.from({ length: ranges.length });
  await allOrNone(signal, mergeRanges(ranges, { maxGap: MAX_GAP, blockSize }), async (merged, siblings) => {
    const bytes = new Uint8Array(merged.length);
    const whole = { source: merged.offset, target: 0, length: merged.length };
    await readSegments(source, [whole], bytes, { blockSize, meter, signal: siblings });
    for (const index of merged.members) {
      const { offset, length } = ranges[index] as ByteRange;
      results[index] = bytes.subarray(offset - merged.offset, offset - merged.offset + length);
    }
  });
  return results;
}

/** Runs all jobs; when one fails, aborts the others and waits for them, so that none goes on in the background. */
async function allOrNone<T>(
  signal: AbortSignal | undefined,
  items: readonly T[],
  job: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = linkController(signal);
  try {
    const jobs = items.map((item) => job(item, stop.signal));
    try {
      await Promise.all(jobs);
    } catch (error) {
      stop.abort(error);
      await Promise.allSettled(jobs);
      throw error;
    }
  } finally {
    stop.dispose();
  }
}

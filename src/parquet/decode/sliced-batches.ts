import type { SlicedBatch } from "./decoder.ts";

/** Leaves out the first rows. */
export async function* afterRows(batches: AsyncIterable<SlicedBatch>, count: number): AsyncGenerator<SlicedBatch> {
  let left = count;
  for await (const sliced of batches) {
    const { batch } = sliced;
    const skipped = Math.min(left, batch.numRows);
    left -= skipped;
    if (skipped === batch.numRows && skipped > 0) sliced.free();
    else yield skipped === 0 ? sliced : { ...sliced, batch: batch.slice(skipped) };
  }
}

import { type AbortOptions, raceAbort } from "../async/abort.ts";
import type { RowBlock } from "../stream/row-iterator.ts";
import type { DatasetState } from "../stream/state.ts";
import { columnsOf } from "../stream/steps/columns.ts";
import type { AnyRow } from "../stream/steps/steps.ts";
import { Batcher } from "./batcher.ts";
import type { DataLoaderOptions } from "./data-loader.ts";
import { sizeOfRow } from "./packet.ts";

/** Joins rows to batches, and knows the state after each. */
export async function* batchesOf<Row extends object, Batch>(
  blocks: AsyncIterable<RowBlock<Row>>,
  { collate, dropLast = false, signal, ...options }: DataLoaderOptions<Row, Batch> & AbortOptions,
): AsyncGenerator<RowBlock<Batch>> {
  const { maxBatchBytes, sizeOf = sizeOfRow } = options;
  const batchSize = options.batchSize ?? (maxBatchBytes === undefined ? 1 : Infinity);
  const batcher = new Batcher<Row>({ batchSize, maxBatchBytes, sizeOf });
  let after: (() => DatasetState) | undefined;
  const join = async (): Promise<RowBlock<Batch>> => {
    const rows = batcher.take();
    const rowsEach = rows.length;
    const made = collate === undefined ? (columnsOf(rows as AnyRow[]) as Batch) : collate(rows);
    const batch = await raceAbort(Promise.resolve(made), { signal });
    const stateAfter = after as () => DatasetState;
    return { length: 1, at: () => batch, stateAfter, rowsEach };
  };
  for await (const block of blocks) {
    for (let index = 0; index < block.length; index += 1) {
      const row = block.at(index);
      const bytes = batcher.measure(row);
      if (batcher.overflows(bytes)) yield await join();
      const isFull = batcher.add(row, bytes);
      after = () => block.stateAfter(index);
      if (isFull) yield await join();
    }
  }
  if (batcher.length > 0 && !dropLast) yield await join();
}

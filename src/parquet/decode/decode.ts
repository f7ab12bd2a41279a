import { readParquet, type RecordBatch, wasmMemory } from "parquet-wasm";
import type { DecodedBatch } from "./column-data.ts";
import type { RowRange } from "../row-ranges.ts";

/** A small Parquet file to decode. */
export interface DecodeRequest {
  readonly file: Uint8Array;
  /** How many rows the file has, by its footer. */
  readonly rowCount: number;
  /** The rows of it that are given. */
  readonly rows: RowRange;
  /** Rows of each batch but the last. */
  readonly batchRows: number;
}

/**
 * Decodes a whole Parquet file and gives rows of it as Arrow record batches, each an IPC stream of its own in its own
 * buffer, which can be transferred. Throws whatever the decoder throws on bytes that are damaged.
 */
export function* decodeParquet({ file, rowCount, rows, batchRows }: DecodeRequest): Generator<DecodedBatch> {
  const table = readParquet(file, { batchSize: Math.max(1, rowCount) });
  try {
    let start = 0;
    for (let index = 0; index < table.numBatches; index += 1) {
      const batch = table.recordBatch(index);
      if (batch === undefined) continue;
      const count = batch.numRows;
      yield* cutBatch(batch, { start: rows.start - start, end: rows.end - start }, batchRows);
      start += count;
    }
    if (start !== rowCount) throw new RangeError(`they hold ${start} rows where the footer counts ${rowCount}`);
  } finally {
    table.free();
  }
}

/** Gives the rows of a batch that are in a range, which may go beyond it on both sides; frees the batch. */
function* cutBatch(batch: RecordBatch, { start, end }: RowRange, batchRows: number): Generator<DecodedBatch> {
  try {
    const last = Math.min(batch.numRows, end);
    for (let row = Math.max(0, start); row < last; row += batchRows) {
      const ipc = batch.slice(row, Math.min(batchRows, last - row)).intoIPCStream();
      yield { ipc: ipc as Uint8Array<ArrayBuffer> };
    }
  } finally {
    batch.free();
  }
}

/** Bytes of the decoder's memory, which only grows. */
export function decoderMemory(): number {
  return (wasmMemory() as { readonly buffer: ArrayBuffer }).buffer.byteLength;
}

import { type ReaderOptions, readParquet, type RecordBatch, type Table, wasmMemory } from "parquet-wasm";
import { DamageError } from "../failures.ts";
import type { DecodedBatch } from "./column-data.ts";
import type { RowRange } from "../row-ranges.ts";

/** A small Parquet file to decode. */
export interface DecodeRequest {
  readonly file: Uint8Array;
  /** The rows of it that are given. */
  readonly rows: RowRange;
  /** Rows of each batch but the last. */
  readonly batchRows: number;
}

/**
 * Decodes rows of a Parquet file and gives them as Arrow record batches, each an IPC stream of its own in its own buffer, which
 * can be transferred. Throws a {@link DamageError} where the decoder says what is wrong with the bytes, else what it trips over.
 */
export function* decodeParquet({ file, rows, batchRows }: DecodeRequest): Generator<DecodedBatch> {
  const limit = rows.end - rows.start;
  const table = readTable(file, { batchSize: Math.max(1, limit), limit, offset: rows.start });
  try {
    let count = 0;
    for (let index = 0; index < table.numBatches; index += 1) {
      const batch = table.recordBatch(index);
      if (batch === undefined) continue;
      count += batch.numRows;
      yield* cutBatch(batch, batchRows);
    }
    if (count !== limit) throw new DamageError(`they hold ${count} rows where ${limit} are to be`);
  } finally {
    table.free();
  }
}

function readTable(file: Uint8Array, options: ReaderOptions): Table {
  try {
    return readParquet(file, options);
  } catch (cause) {
    // An error tells of the bytes; a trap of the decoder is a `RuntimeError`.
    if (!(cause instanceof Error) || cause.constructor !== Error) throw cause;
    throw new DamageError(cause.message, { cause });
  }
}

/** Gives the rows of a batch, so many at a time; frees the batch. */
function* cutBatch(batch: RecordBatch, batchRows: number): Generator<DecodedBatch> {
  try {
    for (let row = 0; row < batch.numRows; row += batchRows) {
      const ipc = batch.slice(row, Math.min(batchRows, batch.numRows - row)).intoIPCStream();
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

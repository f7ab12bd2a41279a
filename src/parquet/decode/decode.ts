import { readParquet, type Table, wasmMemory } from "parquet-wasm";
import type { DecodedBatch } from "./column-data.ts";
import { corruptPages } from "./corrupt-pages.ts";
import type { RowRange } from "../row-ranges.ts";

/** A small Parquet file to decode. */
export interface DecodeRequest {
  /** What it was made of, for messages. */
  readonly path: string;
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
 * buffer, which can be transferred. Throws `CORRUPT_FILE`.
 */
export function* decodeParquet(request: DecodeRequest): Generator<DecodedBatch> {
  const { path, file, rowCount, rows, batchRows } = request;
  const table = guarded(path, () => readParquet(file, { batchSize: Math.max(1, rowCount) }));
  try {
    let start = 0;
    for (let index = 0; index < table.numBatches; index += 1) {
      const { count, batches } = cutBatch(path, table, { index, start, rows, batchRows });
      yield* batches;
      start += count;
    }
    if (start !== rowCount) throw corruptPages(path, `they hold ${start} rows where the footer counts ${rowCount}`);
  } finally {
    table.free();
  }
}

/** Which batch of a table, the row that it begins with, and the rows that are wanted. */
interface Cut {
  readonly index: number;
  readonly start: number;
  readonly rows: RowRange;
  readonly batchRows: number;
}

function cutBatch(
  path: string,
  table: Table,
  { index, start, rows, batchRows }: Cut,
): { readonly count: number; readonly batches: Iterable<DecodedBatch> } {
  const batch = table.recordBatch(index);
  if (batch === undefined) return { count: 0, batches: [] };
  const count = batch.numRows;
  const first = Math.max(0, rows.start - start);
  const last = Math.min(count, rows.end - start);
  const cut = function* (): Generator<DecodedBatch> {
    try {
      for (let row = first; row < last; row += batchRows) {
        const length = Math.min(batchRows, last - row);
        const ipc = guarded(path, () => batch.slice(row, length).intoIPCStream());
        yield { ipc: ipc as Uint8Array<ArrayBuffer> };
      }
    } finally {
      batch.free();
    }
  };
  return { count, batches: cut() };
}

function guarded<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw corruptPages(path, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

/** Bytes of the decoder's memory, which only grows. */
export function decoderMemory(): number {
  return (wasmMemory() as { readonly buffer: ArrayBuffer }).buffer.byteLength;
}

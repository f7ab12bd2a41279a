import type { RecordBatch, Schema } from "apache-arrow";
import type { ReadOptions } from "../fs/types.ts";
import type { Decoder } from "../parquet/decode/decoder.ts";
import type { Predicate } from "../parquet/predicate/filters.ts";
import type { Features } from "../resolve/features/features.ts";

/** A part of a data file that is read as one: a Parquet row group. */
export interface Unit {
  readonly rows: number;
  /** As stored, all columns. */
  readonly bytes: number;
  /** Decompressed, all columns. */
  readonly decodedBytes: number;
}

/** What of a unit is wanted. */
export interface UnitRequest {
  /** The unit's place in the file. */
  readonly unit: number;
  /** Rows `[start, end)` of the unit. */
  readonly start: number;
  readonly end: number;
  /** Top-level columns; all if left out. Those the file lacks are left out of the batches. */
  readonly columns: readonly string[] | undefined;
  /** Rows that do not match need not be fetched: what is given must still be filtered. */
  readonly predicate: Predicate | undefined;
}

/** A batch and the rows of it that are wanted. */
export interface RowBatch {
  readonly batch: RecordBatch;
  /** Places of the wanted rows in the batch, ascending; all if left out. */
  readonly rows: Uint32Array | undefined;
  /** The place in the unit of the batch's first row. */
  readonly firstRow: number;
}

/** What one iteration reads with. */
export interface FetchOptions extends ReadOptions {
  readonly decoder: Decoder;
  /** Bytes that one request aims at. */
  readonly blockSize: number;
  /** Called when the fetched bytes are no longer held. */
  readonly onDecoded?: (() => void) | undefined;
}

/** A unit whose reads are planned, so that its cost is known before it is read. */
export interface PreparedUnit {
  /** Bytes to fetch. */
  readonly fetchedBytes: number;
  /** Bytes held while it is read: fetched and decoded. */
  readonly heldBytes: number;
  /** Fetches the unit and begins to decode it. */
  fetch(options: FetchOptions): Promise<AsyncIterable<RowBatch>>;
}

/** A data file that can be read: what a format makes of bytes. */
export interface OpenFile {
  readonly path: string;
  readonly units: readonly Unit[];
  /** The columns as they are decoded. */
  readonly schema: Schema;
  /** What the file itself says of its columns. */
  features(): Features;
  /** Decompressed bytes of these columns of all units; of all columns if left out. */
  decodedBytes(columns?: readonly string[]): number;
  /** Plans the reads of a unit; `undefined` where none of its rows can match. */
  prepare(request: UnitRequest, options: ReadOptions): Promise<PreparedUnit | undefined>;
}

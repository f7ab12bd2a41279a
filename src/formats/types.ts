import type { RecordBatch, Schema } from "apache-arrow";
import type { AbortOptions } from "../async/abort.ts";
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
  /** Bytes that a slice aims at, fetched or decoded, whichever is more; one slice if left out. */
  readonly sliceBytes?: number | undefined;
  /** Whether the first slice is to be as small as can be: the first rows wait for it. */
  readonly isEarly?: boolean | undefined;
}

/** A batch and the rows of it that are wanted. */
export interface RowBatch {
  readonly batch: RecordBatch;
  /** Places of the wanted rows in the batch, ascending; all if left out. */
  readonly rows: Uint32Array | undefined;
  /** The place in the unit of the batch's first row. */
  readonly firstRow: number;
  /** The memory that the batch holds. */
  readonly bytes: number;
  /** Gives the batch's memory back for other batches: nobody may read it any more. */
  free(): void;
}

/** What one iteration reads with. */
export interface FetchOptions extends ReadOptions {
  readonly decoder: Decoder;
  /** Bytes that one request aims at. */
  readonly blockSize: number;
}

/** Options of reading one unit: who is asked for memory, and told when it is free again. */
export interface UnitReadOptions extends FetchOptions {
  /** Bytes that the iteration may hold: nothing is believed to be larger. */
  readonly memoryBudget: number;
  /** Resolves when a slice may be fetched; asked in order. */
  readonly admit: (slice: number, options: AbortOptions) => Promise<void>;
  /** The first slice is there. */
  readonly onFirstFetched?: (() => void) | undefined;
  /** A slice's fetched bytes are no longer held; it became batches of so many bytes, in so long. */
  readonly onDecoded: (slice: number, decoded: { readonly bytes: number; readonly ms: number }) => void;
}

/** What a stretch of a unit costs. */
export interface SliceCost {
  /** Bytes to fetch. */
  readonly fetchedBytes: number;
  /** Bytes held while it is read: fetched and decoded. */
  readonly heldBytes: number;
}

/** A unit whose reads are planned, so that its cost is known before it is read. */
export interface PreparedUnit {
  /** It is fetched in slices, which are decoded in order; never none. */
  readonly slices: readonly SliceCost[];
  /** Begins to fetch the unit, and to decode what has come. */
  read(options: UnitReadOptions): UnitReading;
}

/** A batch, and the slice that completed it. */
export interface SlicedRowBatch extends RowBatch {
  readonly slice: number;
}

/** A unit under way. */
export interface UnitReading {
  /** In order. Throws what fetching or decoding throws. */
  readonly batches: AsyncIterable<SlicedRowBatch>;
  /** Resolves when nothing of it is being fetched any more; never rejects. */
  readonly fetched: Promise<void>;
  /** Whether bytes that have come are still to be decoded: what a consumer then waits for. */
  readonly isDecoding: boolean;
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

import { inspect } from "node:util";
import { HfStreamError } from "../errors.ts";

/** How rows become batches. */
export interface BatchLimits<Row> {
  readonly batchSize: number;
  readonly maxBatchBytes: number | undefined;
  readonly sizeOf: (row: Row) => number;
}

/**
 * Decides where batches end: when they are full, or when the next row no longer fits their bytes. A row that is too large
 * for any batch goes alone.
 */
export class Batcher<Row> {
  readonly #limits: BatchLimits<Row>;
  #rows: Row[] = [];
  #bytes = 0;

  constructor(limits: BatchLimits<Row>) {
    this.#limits = limits;
  }

  get length(): number {
    return this.#rows.length;
  }

  /** The bytes of a row, if they matter. Throws `INVALID_OPTION` for what is no size. */
  measure(row: Row): number {
    const { maxBatchBytes, sizeOf } = this.#limits;
    if (maxBatchBytes === undefined) return 0;
    const bytes: unknown = sizeOf(row);
    if (typeof bytes === "number" && bytes >= 0) return bytes;
    throw new HfStreamError("INVALID_OPTION", `\`sizeOf\` must return a number of bytes, got ${inspect(bytes)}.`);
  }

  /** Whether a row of so many bytes must wait for the next batch. */
  overflows(bytes: number): boolean {
    const { maxBatchBytes = Infinity } = this.#limits;
    return this.#rows.length > 0 && this.#bytes + bytes > maxBatchBytes;
  }

  /** Adds a row of so many bytes; tells whether the batch is full. */
  add(row: Row, bytes: number): boolean {
    const { maxBatchBytes = Infinity, batchSize } = this.#limits;
    this.#rows.push(row);
    this.#bytes += bytes;
    return this.#rows.length >= batchSize || this.#bytes >= maxBatchBytes;
  }

  /** Gives the rows, and begins the next batch. */
  take(): Row[] {
    const rows = this.#rows;
    [this.#rows, this.#bytes] = [[], 0];
    return rows;
  }
}

/** How rows become batches. */
export interface BatchLimits {
  readonly batchSize: number;
  readonly maxBatchBytes: number | undefined;
  readonly sizeOf: (row: never) => number;
}

/**
 * Decides where batches end: when they are full, or when the next row no longer fits their bytes. A row that is too large
 * for any batch goes alone.
 */
export class Batcher<Row> {
  readonly #limits: BatchLimits;
  #rows: Row[] = [];
  #bytes = 0;

  constructor(limits: BatchLimits) {
    this.#limits = limits;
  }

  get length(): number {
    return this.#rows.length;
  }

  /** Whether a row must wait for the next batch. */
  overflows(row: Row): boolean {
    const { maxBatchBytes, sizeOf } = this.#limits;
    return maxBatchBytes !== undefined && this.#rows.length > 0 && this.#bytes + sizeOf(row as never) > maxBatchBytes;
  }

  /** Adds a row; tells whether the batch is full. */
  add(row: Row): boolean {
    const { maxBatchBytes, sizeOf, batchSize } = this.#limits;
    this.#rows.push(row);
    if (maxBatchBytes !== undefined) this.#bytes += sizeOf(row as never);
    return this.#rows.length >= batchSize || (maxBatchBytes !== undefined && this.#bytes >= maxBatchBytes);
  }

  /** Gives the rows, and begins the next batch. */
  take(): Row[] {
    const rows = this.#rows;
    [this.#rows, this.#bytes] = [[], 0];
    return rows;
  }
}

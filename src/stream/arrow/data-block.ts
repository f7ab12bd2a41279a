import type { RecordBatch } from "apache-arrow";
import { bindPredicate, compilePredicate } from "../../parquet/predicate/evaluate.ts";
import type { Predicate } from "../../parquet/predicate/filters.ts";
import type { Piece } from "../order/piece.ts";

/** Which rows of which batches, in order; left out are all rows of the only batch. */
export interface Picks {
  /** By row: the batch, by its place; 0 if left out. */
  readonly batches?: Uint32Array | undefined;
  /** By row: its place in the batch. */
  readonly rows: Uint32Array;
}

/** A batch of which not all values can be cast: each row can be asked for alone. */
export interface Uncast {
  readonly error: unknown;
  /** Throws for a row that cannot be cast. */
  castRow(row: number): RecordBatch;
}

/** A batch, and which rows of a file it holds. */
export interface DecodedBatch {
  readonly batch: RecordBatch;
  /** Left out: the batch is cast. */
  readonly uncast?: Uncast | undefined;
  readonly path: string;
  readonly rowGroup: number;
  /** The row of the row group that comes first. */
  readonly firstRow: number;
  /** Gives its memory back for other batches: nobody may read it any more. */
  free(): void;
}

/** Where the rows of a block stand. */
export interface BlockOrder {
  /** The piece whose rows these are. */
  readonly piece: Piece;
  /** The place of the first row in the order of the piece. */
  readonly place: number;
  /** How far after it each row's place is; as many as rows come before if left out. */
  readonly places?: Uint32Array | undefined;
  /** For each step that counts, how many rows it counted up to a place. */
  readonly counts?: readonly ((place: number) => number)[] | undefined;
}

/** Decoded rows in their order, and where each stands in the order of a piece. No row is made yet. */
export class DataBlock {
  readonly length: number;
  readonly batches: readonly DecodedBatch[];
  readonly order: BlockOrder;
  readonly #picks: Picks | undefined;

  constructor(batches: readonly DecodedBatch[], picks: Picks | undefined, order: BlockOrder) {
    this.batches = batches;
    this.order = order;
    this.#picks = picks;
    this.length = picks?.rows.length ?? batches[0]?.batch.numRows ?? 0;
  }

  /** Whether it is no more than the end of a round of rows that repeat. */
  get isRoundEnd(): boolean {
    return this.batches.length === 0;
  }

  batchAt(index: number): number {
    return this.#picks?.batches?.[index] ?? 0;
  }

  rowAt(index: number): number {
    return this.#picks === undefined ? index : (this.#picks.rows[index] as number);
  }

  /** The place in the piece's order of a row. */
  placeAt(index: number): number {
    const { place, places } = this.order;
    return place + (places === undefined ? index : (places[index] as number));
  }

  /** How many of the rows stand at a place before `place`. */
  rowsBefore(place: number): number {
    let [low, high] = [0, this.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.placeAt(middle) < place) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The same rows, after a step that counts, which had counted `before` rows before them. */
  counted(before: number): DataBlock {
    const count = (place: number): number => before + this.rowsBefore(place + 1);
    return new DataBlock(this.batches, this.#picks, { ...this.order, counts: [...(this.order.counts ?? []), count] });
  }

  /** Rows `[start, end)` of the block. */
  slice(start: number, end: number): DataBlock {
    if (start <= 0 && end >= this.length) return this;
    const first = Math.max(0, start);
    const length = Math.max(0, Math.min(end, this.length) - first);
    return this.pick(Uint32Array.from({ length }, (_, index) => first + index));
  }

  /** The rows that match. */
  where(predicate: Predicate): DataBlock {
    this.mustBeCast();
    const tests = this.batches.map(({ batch }) => compilePredicate(bindPredicate(predicate, batch.schema), batch));
    const found = new Uint32Array(this.length);
    let count = 0;
    for (let index = 0; index < this.length; index += 1) {
      if (tests[this.batchAt(index)]?.(this.rowAt(index)) !== true) continue;
      found[count] = index;
      count += 1;
    }
    return this.pick(found.subarray(0, count));
  }

  /** Throws what went wrong with a batch that cannot be cast, for those that need it whole. */
  mustBeCast(): void {
    for (const { uncast } of this.batches) if (uncast !== undefined) throw uncast.error;
  }

  /** Some of the rows, by their index. */
  pick(kept: Uint32Array): DataBlock {
    const batches = this.#picks?.batches;
    const picks = {
      rows: kept.map((index) => this.rowAt(index)),
      ...(batches === undefined ? {} : { batches: kept.map((index) => batches[index] as number) }),
    };
    const places = kept.map((index) => this.placeAt(index) - this.order.place);
    return new DataBlock(this.batches, picks, { ...this.order, places });
  }
}

/** Says that a round of rows that repeat ends here. */
export const ROUND_END_DATA: DataBlock = new DataBlock([], undefined, {
  piece: { start: 0, end: 0, from: 0, to: 0 },
  place: 0,
});

import type { Piece } from "./order/piece.ts";

/** Which row of which file: what `onError` is told. */
export interface RowOrigin {
  /** The file, as errors name it. */
  readonly path: string;
  /** The row group in the file. */
  readonly rowGroup: number;
  /** The row in the row group. */
  readonly row: number;
}

/** Where the rest begins: at a place of a piece's order, or where a source that counts for itself says. */
export type Rest =
  | { readonly piece: Piece; readonly from: number; readonly skip: number }
  | { readonly inner: () => SourceState };

/** What a source that counts for itself needs to go on. Plain JSON. */
export type SourceState = { readonly [name: string]: unknown };

/** A row of a block, whose origin is looked up when it is needed. */
export interface Origin {
  readonly block: { originOf(index: number): RowOrigin | undefined };
  readonly index: number;
}

/** Rows that are made when they are asked for, and where each of them stands. */
export interface Block<Row> {
  readonly length: number;
  at(index: number): Row;
  /** The row's place in the order: what functions of the user get as index. */
  placeAt(index: number): number;
  /** Where the rows after this one begin. */
  restAfter(index: number): Rest;
  /** What steps that count rows have counted up to this row. */
  countsAt(index: number): readonly number[];
  originOf(index: number): RowOrigin | undefined;
  /** Whether it holds nothing, and says that a round of rows that repeat ends here. */
  readonly isRoundEnd?: boolean | undefined;
  /** Gives its memory back at once, if no row can share it. No row can be made of it any more. */
  free?(): void;
}

/** A row on its way through functions. */
export interface Item<Row> {
  readonly row: Row;
  /** The row's place in the order. */
  readonly place: number;
  /** Where the rows after this one begin. */
  readonly after: Mark;
  /** What made it, or the first row of it: told to `onError`. */
  readonly origin: Origin;
}

/** Where an iteration stands. */
export interface Mark {
  readonly rest: Rest;
  /** What each step that counts has counted. */
  readonly counts: readonly number[];
}

/**
 * In the place of rows on their way: a round of rows that repeat ends here. Compared by identity. A step that holds rows
 * of the round back keeps it to itself: that the round gave nothing cannot be told there.
 */
export const ROUND_END_ITEMS: readonly never[] = [];

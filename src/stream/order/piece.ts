/**
 * Rows of a line: those at places `[from, to)` of the order in which its rows `[start, end)` are given. Cutting a piece
 * nowhere depends on what that order is, only on its being a permutation.
 */
export interface Piece {
  readonly start: number;
  /** `Infinity` where the line's end is not known yet. */
  readonly end: number;
  readonly from: number;
  readonly to: number;
  /** Rows already given of those that a batched `map` made of the first batch. */
  readonly skip?: number | undefined;
  /** Whether it repeats rows of another piece, to make parts equal. */
  readonly isPadding?: boolean | undefined;
}

/** A piece as JSON: start, end, from, to, skip, and 1 for padding. `null` is an end that is not known. */
export type PieceJson = readonly [number, number | null, number, number | null, number?, 1?];

/** All rows of `[start, end)`. */
export function wholePiece(start: number, end: number): Piece {
  return { start, end, from: 0, to: end - start };
}

/** How many rows a piece holds. */
export function pieceRows({ from, to }: Piece): number {
  return to - from;
}

export function pieceToJson({ start, end, from, to, skip = 0, isPadding }: Piece): PieceJson {
  const json = [start, finiteOrNull(end), from, finiteOrNull(to)] as const;
  if (isPadding === true) return [...json, skip, 1];
  return skip === 0 ? json : [...json, skip];
}

export function pieceFromJson([start, end, from, to, skip = 0, padding]: PieceJson): Piece {
  return restOfPiece({ start, end: end ?? Infinity, from, to: to ?? Infinity, isPadding: padding === 1 }, from, skip);
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** What is left of a piece from a place of its order on. */
export function restOfPiece(piece: Piece, from: number, skip: number): Piece {
  const { start, end, to, isPadding } = piece;
  return { start, end, from, to, ...(skip > 0 ? { skip } : {}), ...(isPadding === true ? { isPadding } : {}) };
}

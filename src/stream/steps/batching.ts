import { HfStreamError } from "../../errors.ts";
import { type Item, type Mark, ROUND_END_ITEMS } from "../block.ts";
import { columnsOf } from "./columns.ts";
import type { AnyRow } from "./steps.ts";

/** Rows joined into one, and where they begin. */
export interface BatchItem extends Item<AnyRow> {
  readonly before: Mark;
}

export interface BatchingOptions {
  /** Where the rows begin. */
  readonly start: Mark;
  /** Whether batches stand at fixed places of the order, so that one ends where a piece does. */
  readonly isAligned: boolean;
  readonly dropLast: boolean;
  /** Rows that one place of the result stands for. @default 1 */
  readonly perPlace?: number | undefined;
}

/** Joins rows into one row of array columns, `size` at a time. */
export async function* collectItems(
  chunks: AsyncIterable<readonly Item<AnyRow>[]>,
  size: number,
  { start, isAligned, dropLast, perPlace = 1 }: BatchingOptions,
): AsyncGenerator<readonly BatchItem[]> {
  let batch: Item<AnyRow>[] = [];
  let before = start;
  const join = (): BatchItem => {
    const [first, last] = [batch[0] as Item<AnyRow>, batch.at(-1) as Item<AnyRow>];
    const place = Math.floor(first.place / perPlace);
    const joined = { ...first, place, row: columnsOf(batch.map(({ row }) => row)), after: last.after, before };
    batch = [];
    before = last.after;
    return joined;
  };
  for await (const chunk of chunks) {
    if (chunk === ROUND_END_ITEMS) {
      if (isAligned && batch.length > 0 && !dropLast) yield [join()]; // what follows is of another piece
      if (isAligned) batch = [];
      if (batch.length === 0) yield ROUND_END_ITEMS;
      continue;
    }
    const joined: BatchItem[] = [];
    for (const item of chunk) {
      if (isAligned && pieceOf(item.after) !== pieceOf(before)) {
        if (batch.length > 0 && !dropLast) joined.push(join());
        batch = [];
        before = startOfPiece(item.after);
      }
      batch.push(item);
      if (batch.length === size) joined.push(join());
    }
    if (joined.length > 0) yield joined;
  }
  if (batch.length > 0 && !dropLast) yield [join()];
}

function pieceOf({ rest }: Mark): unknown {
  return "piece" in rest ? rest.piece : undefined;
}

function startOfPiece({ rest, counts }: Mark): Mark {
  if (!("piece" in rest)) return { rest, counts };
  const { piece } = rest;
  return { rest: { piece, from: piece.from, skip: piece.skip ?? 0 }, counts };
}

/** The rows that a function made of a batch, given as columns. */
export function* rowsOfColumns(columns: AnyRow): Generator<AnyRow> {
  const entries = Object.entries(columns);
  const [first] = entries;
  for (const [name, values] of entries) {
    const length = (values as { length?: unknown } | null)?.length;
    const wanted = (first?.[1] as { length?: unknown } | null)?.length;
    if (typeof length === "number" && length === wanted) continue;
    throw new HfStreamError(
      "INVALID_OPTION",
      `A batched \`map\` must give columns of one length: '${first?.[0]}' has ${String(wanted)} values, '${name}' ${String(length)}. ` +
        "Columns that it does not return must be named in `remove`.",
    );
  }
  const count = (first?.[1] as { length: number } | undefined)?.length ?? 0;
  for (let row = 0; row < count; row += 1) {
    yield Object.fromEntries(entries.map(([name, values]) => [name, (values as ArrayLike<unknown>)[row]]));
  }
}

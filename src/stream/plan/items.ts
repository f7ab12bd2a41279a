import { type Block, type Item, type Mark, type Origin, type Rest, ROUND_END_ITEMS, type RowOrigin } from "../block.ts";
import type { ErrorGuard } from "../steps/row-errors.ts";
import type { AnyRow } from "../steps/steps.ts";

/** Rows that go through functions together: these are called so far ahead of the consumer. */
const CHUNK_ROWS = 16;

/** The rows of blocks, with where each stands. A row that cannot be made may be left out. */
export async function* itemsOf(
  blocks: AsyncIterable<Block<AnyRow>>,
  errors: ErrorGuard,
): AsyncGenerator<readonly Item<AnyRow>[]> {
  for await (const block of blocks) {
    if (block.isRoundEnd === true) yield ROUND_END_ITEMS;
    for (let start = 0; start < block.length; start += CHUNK_ROWS) {
      const items: Item<AnyRow>[] = [];
      const end = Math.min(block.length, start + CHUNK_ROWS);
      try {
        for (let index = start; index < end; index += 1) {
          const item = itemAt(block, index, errors);
          if (item !== undefined) items.push(item);
        }
      } catch (error) {
        yield items; // the rows before it come first
        throw error;
      }
      yield items;
    }
  }
}

function itemAt(block: Block<AnyRow>, index: number, errors: ErrorGuard): Item<AnyRow> | undefined {
  const origin = { block, index };
  const place = block.placeAt(index);
  const row = errors.call({ place, origin }, () => block.at(index)) as AnyRow | undefined;
  if (row === undefined) return undefined;
  return { row, place, after: { rest: block.restAfter(index), counts: block.countsAt(index) }, origin };
}

/** Rows that were made already, as a block. */
export class ItemBlock implements Block<AnyRow> {
  readonly length: number;
  readonly isRoundEnd: boolean;
  readonly #items: readonly Item<AnyRow>[];

  constructor(items: readonly Item<AnyRow>[]) {
    this.length = items.length;
    this.isRoundEnd = items === ROUND_END_ITEMS;
    this.#items = items;
  }

  at(index: number): AnyRow {
    return this.#item(index).row;
  }

  placeAt(index: number): number {
    return this.#item(index).place;
  }

  restAfter(index: number): Rest {
    return this.#item(index).after.rest;
  }

  countsAt(index: number): readonly number[] {
    return this.#item(index).after.counts;
  }

  originOf(index: number): RowOrigin | undefined {
    const { origin } = this.#item(index);
    return origin.block.originOf(origin.index);
  }

  #item(index: number): Item<AnyRow> {
    const item = this.#items[index];
    if (item === undefined) throw new RangeError(`a block of ${this.length} rows has no row ${index}`);
    return item;
  }
}

/** Says that a round ends. */
export const ROUND_END_BLOCK: Block<AnyRow> = new ItemBlock(ROUND_END_ITEMS);

/** One row as a block. */
export function blockOfRow(row: AnyRow, place: number, after: Mark, origin: Origin): Block<AnyRow> {
  return new ItemBlock([{ row, place, after, origin }]);
}

/** A block whose rows and places are those of another, changed. */
export class ChangedBlock implements Block<AnyRow> {
  readonly length: number;
  readonly #block: Block<AnyRow>;
  readonly #change: (row: AnyRow) => AnyRow;
  readonly #move: (rest: Rest) => { readonly rest: Rest; readonly place: number };

  constructor(
    block: Block<AnyRow>,
    change: (row: AnyRow) => AnyRow,
    move: (rest: Rest) => { readonly rest: Rest; readonly place: number },
  ) {
    this.length = block.length;
    this.#block = block;
    this.#change = change;
    this.#move = move;
  }

  at(index: number): AnyRow {
    return this.#change(this.#block.at(index));
  }

  placeAt(index: number): number {
    return this.#move(this.#block.restAfter(index)).place;
  }

  restAfter(index: number): Rest {
    return this.#move(this.#block.restAfter(index)).rest;
  }

  countsAt(): readonly number[] {
    return [];
  }

  originOf(index: number): RowOrigin | undefined {
    return this.#block.originOf(index);
  }
}

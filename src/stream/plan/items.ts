import type { Block, Item, Mark, Origin, Rest, RowOrigin } from "../block.ts";
import type { ErrorGuard } from "../steps/row-errors.ts";
import type { AnyRow } from "../steps/steps.ts";

/** The rows of blocks one by one, with where each stands. A row that cannot be made may be left out. */
export async function* itemsOf(blocks: AsyncIterable<Block<AnyRow>>, errors: ErrorGuard): AsyncGenerator<Item<AnyRow>> {
  for await (const block of blocks) {
    for (let index = 0; index < block.length; index += 1) {
      const origin = { block, index };
      const place = block.placeAt(index);
      const made = errors.call({ place, origin }, () => ({ row: block.at(index) })) as { row: AnyRow } | undefined;
      if (made === undefined) continue;
      const after = { rest: block.restAfter(index), counts: block.countsAt(index) };
      yield { row: made.row, place, after, origin };
    }
  }
}

/** A row that was made already, as a block. */
export class ItemBlock implements Block<AnyRow> {
  readonly length = 1;
  readonly #row: AnyRow;
  readonly #place: number;
  readonly #after: Mark;
  readonly #origin: Origin | undefined;

  constructor(row: AnyRow, place: number, after: Mark, origin?: Origin) {
    this.#row = row;
    this.#place = place;
    this.#after = after;
    this.#origin = origin;
  }

  at(): AnyRow {
    return this.#row;
  }

  placeAt(): number {
    return this.#place;
  }

  restAfter(): Rest {
    return this.#after.rest;
  }

  countsAt(): readonly number[] {
    return this.#after.counts;
  }

  originOf(): RowOrigin | undefined {
    return this.#origin?.block.originOf(this.#origin.index);
  }
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

import type { Block, Rest } from "../block.ts";
import type { Range } from "../order/order.ts";
import type { Piece } from "../order/piece.ts";
import type { AnyRow } from "../steps/steps.ts";
import { ChangedBlock, ROUND_END_BLOCK } from "./items.ts";
import { giveColumns, joinedColumns, type JoinedColumn, joinRows, type RowJoiner } from "./join-columns.ts";
import type { Plan } from "./plan.ts";
import { type AddressableSource, type Ranges, type ReadFrom, type Reading, ROUND_END } from "./source.ts";

/** A piece of an input, and where its order begins in that of the range it is part of. */
interface InputPiece {
  readonly input: number;
  readonly piece: Piece;
  readonly before: number;
}

/** Plans one after the other. */
export class Concatenation implements AddressableSource {
  readonly isAddressable = true;
  readonly #inputs: readonly Plan[];

  constructor(inputs: readonly Plan[]) {
    this.#inputs = inputs;
  }

  async columns(reading: Reading): Promise<readonly JoinedColumn[] | undefined> {
    return await joinedColumns(this.#inputs, reading);
  }

  async give(columns: readonly JoinedColumn[], reading: Reading): Promise<void> {
    await giveColumns(this.#inputs, columns, reading);
  }

  async count(reading: Reading): Promise<number> {
    const counts = await Promise.all(this.#inputs.map(async (input) => await input.count(reading)));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  async *read(ranges: Ranges, { epoch }: ReadFrom, reading: Reading): AsyncGenerator<Block<AnyRow>> {
    const joiners = await joinRows(this.#inputs, reading);
    for await (const item of ranges) {
      if (item === ROUND_END) {
        yield ROUND_END_BLOCK;
        continue;
      }
      const { piece, range } = item;
      for await (const { input, piece: own, before } of this.#split(range, reading)) {
        const plan = this.#inputs[input] as Plan;
        const join = joiners[input] as RowJoiner;
        const move = (rest: Rest): { readonly rest: Rest; readonly place: number } => {
          const from = range.place + before - range.from + ("piece" in rest ? rest.from : 0);
          return { rest: { piece, from, skip: 0 }, place: piece.start + from - 1 };
        };
        const start = { rest: { piece: own, from: own.from, skip: 0 }, counts: [] };
        const blocks = plan.readPieces([own], { epoch: epoch + range.pass, start }, reading);
        for await (const block of blocks) yield new ChangedBlock(block, join, move);
      }
    }
  }

  async *seams(range: Range, epoch: number, reading: Reading): AsyncGenerator<number> {
    for await (const { input, piece, before } of this.#split(range, reading)) {
      for await (const seam of (this.#inputs[input] as Plan).seams(piece, epoch + range.pass, reading))
        yield before + seam;
      yield before + piece.to;
    }
  }

  /** What of each input a range consists of. An input is counted when the next one is asked for. */
  async *#split({ start, end, from, to }: Range, reading: Reading): AsyncGenerator<InputPiece> {
    let first = 0; // the row at which the input begins
    for (const [input, plan] of this.#inputs.entries()) {
      const isLazy = first <= start && from === 0 && !Number.isFinite(end) && first === 0;
      const count = isLazy ? Infinity : await plan.count(reading);
      const [low, high] = [Math.max(start, first), Math.min(end, first + count)];
      const before = low - start;
      const own = {
        start: low - first,
        end: high - first,
        from: Math.max(0, from - before),
        to: Math.min(to - before, high - low),
      };
      if (own.from < own.to) yield { input, piece: own, before };
      first += isLazy ? await plan.count(reading) : count;
      if (first >= end || first - start >= to) return;
    }
  }
}

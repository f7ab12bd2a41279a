import type { Block } from "../block.ts";
import type { Range } from "../order/order.ts";
import { keyOf } from "../order/permutation.ts";
import { SourceOrder, type SourceWalk } from "../order/source-order.ts";
import type { AnyRow } from "../steps/steps.ts";
import { blockOfRow, ROUND_END_BLOCK } from "./items.ts";
import { giveColumns, joinedColumns, type JoinedColumn, joinRows, type RowJoiner } from "./join-columns.ts";
import type { Plan } from "./plan.ts";
import type { StatedBlock } from "./plan-reader.ts";
import { type AddressableSource, type Ranges, type ReadFrom, type Reading, ROUND_END } from "./source.ts";
import type { Interleaving as InterleaveOptions } from "./spec.ts";
import { weave } from "./weave.ts";

/** Places between which an interleaving is worth cutting: any is as good as another. */
const SEAM_ROWS = 4096;

/** Plans interleaved whose rows are counted: the row at any place is known by arithmetic. */
export class Interleaving implements AddressableSource {
  readonly isAddressable = true;
  readonly #inputs: readonly Plan[];
  readonly #options: InterleaveOptions;

  constructor(inputs: readonly Plan[], options: InterleaveOptions) {
    this.#inputs = inputs;
    this.#options = options;
  }

  async columns(reading: Reading): Promise<readonly JoinedColumn[] | undefined> {
    return await joinedColumns(this.#inputs, reading);
  }

  async give(columns: readonly JoinedColumn[], reading: Reading): Promise<void> {
    await giveColumns(this.#inputs, columns, reading);
  }

  async count(reading: Reading): Promise<number> {
    const counts = await this.#counts(reading);
    return this.#order(counts).length(counts);
  }

  async *read(ranges: Ranges, { epoch }: ReadFrom, reading: Reading): AsyncGenerator<Block<AnyRow>> {
    const joiners = await joinRows(this.#inputs, reading);
    const own = { ...reading, share: reading.share * this.#inputs.length };
    for await (const item of ranges) {
      if (item === ROUND_END) {
        yield ROUND_END_BLOCK;
        continue;
      }
      const { piece, range } = item;
      let place = range.place;
      const last = place + range.to - range.from;
      if (place >= last) continue;
      for await (const { block, index, input } of this.#weave(range, epoch + range.pass, own)) {
        place += 1;
        const row = (joiners[input] as RowJoiner)(block.at(index));
        const after = { rest: { piece, from: place, skip: 0 }, counts: [] };
        yield blockOfRow(row, piece.start + place - 1, after, { block, index });
        if (place >= last) break;
      }
    }
  }

  async *seams({ start, from, to }: Range, _: number, reading: Reading): AsyncGenerator<number> {
    const last = Number.isFinite(to) ? to : (await this.count(reading)) - start;
    for (let seam = from + SEAM_ROWS; seam < last; seam += SEAM_ROWS) yield seam;
  }

  /** Rows from the beginning of a range on. */
  async *#weave(range: Range, epoch: number, reading: Reading): ReturnType<typeof weave> {
    const first = range.start + range.from;
    const isCounted = first > 0 || this.#options.probabilities === "rows";
    const counts = isCounted ? await this.#counts(reading) : this.#inputs.map(() => Infinity);
    const order = this.#order(counts);
    const { walk, taken } = first > 0 ? order.locate(first, counts) : { walk: undefined, taken: counts.map(() => 0) };
    const passOf = (input: number): number => Math.floor((taken[input] ?? 0) / (counts[input] ?? Infinity)) || 0;
    const restarts = this.#options.stop === "all_exhausted";
    const passes = counts.map((_, input) => (restarts ? passOf(input) : 0));
    const begunPasses = [...passes];
    const open = (input: number, pass: number): AsyncGenerator<StatedBlock> => {
      const plan = this.#inputs[input] as Plan;
      const rows = counts[input] ?? Infinity;
      const given = (taken[input] ?? 0) - pass * (Number.isFinite(rows) ? rows : 0);
      const from = pass === begunPasses[input] ? Math.min(given, rows) : 0;
      return unstated(plan, { start: 0, end: rows, from, to: rows }, { epoch: epoch + pass, reading });
    };
    const together = this.#inputs.flatMap((_, input) =>
      restarts || (taken[input] ?? 0) < (counts[input] ?? Infinity) ? [input] : [],
    );
    const walkFrom = (empty: readonly number[]): SourceWalk => walk ?? order.walk({ empty });
    yield* weave(walkFrom, { together, restarts, open, passes });
  }

  #order(counts: readonly number[]): SourceOrder {
    const { probabilities, seed, stop } = this.#options;
    const rows = counts.reduce((sum, count) => sum + count, 0);
    const chances = probabilities === "rows" ? counts.map((count) => count / Math.max(1, rows)) : probabilities;
    return new SourceOrder({ sources: counts.length, probabilities: chances, key: keyOf("interleave", seed), stop });
  }

  async #counts(reading: Reading): Promise<number[]> {
    return await Promise.all(this.#inputs.map(async (input) => await input.count(reading)));
  }
}

/** A piece of a plan that is read for its rows: where they stand is told by the interleaving. */
async function* unstated(
  plan: Plan,
  piece: { readonly start: number; readonly end: number; readonly from: number; readonly to: number },
  { epoch, reading }: { readonly epoch: number; readonly reading: Reading },
): AsyncGenerator<StatedBlock> {
  const start = { rest: { piece, from: piece.from, skip: 0 }, counts: [] };
  for await (const block of plan.readPieces([piece], { epoch, start }, reading)) {
    yield { block, stateAfter: () => ({ pieces: [], next: null, course: [null, null, 0, 1] }) };
  }
}

import type { Block, SourceState } from "../block.ts";
import { type Key, keyOf } from "../order/permutation.ts";
import { SourceOrder, type SourceMark, type SourceWalk } from "../order/source-order.ts";
import type { AnyRow } from "../steps/steps.ts";
import { blockOfRow } from "./items.ts";
import { giveColumns, joinedColumns, type JoinedColumn, joinRows, type RowJoiner } from "./join-columns.ts";
import type { PlanState } from "./plan-state.ts";
import type { Plan } from "./plan.ts";
import { PlanReader, type StatedBlock } from "./plan-reader.ts";
import type { Beginning, PlanRequest, Reading, SequentialSource } from "./source.ts";
import type { Interleaving as InterleaveOptions } from "./spec.ts";
import { weave } from "./weave.ts";

/** Where a join stands. Plain JSON. */
interface JoinState extends SourceState {
  readonly mark: SourceMark | { readonly position: number };
  /** How often each input has begun again. */
  readonly passes: readonly number[];
  readonly inputs: readonly PlanState[];
  /** Rows given so far. */
  readonly rows: number;
}

/**
 * Inputs of which only reading can tell how many rows they give, one after the other or interleaved. A part of it joins
 * the same part of each input.
 */
export class SequentialJoin implements SequentialSource {
  readonly isAddressable = false;
  readonly repeats = false;
  readonly #inputs: readonly Plan[];
  readonly #interleaving: InterleaveOptions | undefined;

  /** Without `interleaving`, one after the other. */
  constructor(inputs: readonly Plan[], interleaving?: InterleaveOptions) {
    this.#inputs = inputs;
    this.#interleaving = interleaving;
  }

  inputOf(index: number): Plan | undefined {
    return this.#inputs[index];
  }

  async columns(reading: Reading): Promise<readonly JoinedColumn[] | undefined> {
    return await joinedColumns(this.#inputs, reading);
  }

  async give(columns: readonly JoinedColumn[], reading: Reading): Promise<void> {
    await giveColumns(this.#inputs, columns, reading);
  }

  async begin(
    { state, isWhole }: Beginning<SourceState>,
    request: PlanRequest,
    reading: Reading,
  ): Promise<SourceState> {
    const from = state as JoinState | undefined;
    const begin = async (input: Plan, index: number): Promise<PlanState> =>
      await new PlanReader(input, request, reading).begin({ state: from?.inputs[index], isWhole });
    const inputs = await Promise.all(this.#inputs.map(begin));
    const { mark = { position: 0 }, passes = inputs.map(() => 0), rows = 0 } = from ?? {};
    return { mark, passes, inputs, rows };
  }

  async end(request: PlanRequest, reading: Reading): Promise<SourceState> {
    const inputs = await Promise.all(
      this.#inputs.map(async (input) => await new PlanReader(input, request, reading).end()),
    );
    const ended = inputs.map((_, input) => input);
    const mark = { position: inputs.length, start: 0, first: 0, empty: [], exhausted: ended };
    return { mark, passes: inputs.map(() => 0), inputs, rows: 0 };
  }

  async *readFrom(state: SourceState, request: PlanRequest, reading: Reading): AsyncGenerator<Block<AnyRow>> {
    const from = state as JoinState;
    const joiners = await joinRows(this.#inputs, reading);
    const passes = [...from.passes];
    const states: (() => PlanState)[] = from.inputs.map((input) => () => input);
    const together = this.#interleaving === undefined ? [] : this.#inputs.map((_, input) => input);
    const own = { ...reading, share: reading.share * Math.max(1, together.length) };
    const [firstPasses, statedPasses] = [[...passes], [...passes]];
    const chances = await this.#chances(reading);
    const rows = weave((empty) => this.#walk(from.mark, empty, chances), {
      together,
      restarts: this.#interleaving?.stop === "all_exhausted",
      passes,
      open: (input, pass) => {
        const begun = pass === firstPasses[input] ? from.inputs[input] : undefined;
        return readInput(this.#inputs[input] as Plan, begun, { ...request, epoch: request.epoch + pass }, own);
      },
    });
    const whole = await this.begin({ state: undefined, isWhole: false }, request, reading);
    let place = from.rows;
    for await (const { block, index, input, stateAfter, walk } of rows) {
      states[input] = stateAfter;
      for (const [other, pass] of passes.entries()) {
        if (pass === statedPasses[other]) continue;
        statedPasses[other] = pass;
        states[other] = () => (whole as JoinState).inputs[other] as PlanState;
      }
      const [mark, snapshot, begun, given] = [walk.mark(), [...states], [...passes], place + 1];
      const inner = (): SourceState => ({ mark, passes: begun, inputs: snapshot.map((after) => after()), rows: given });
      const row = (joiners[input] as RowJoiner)(block.at(index));
      yield blockOfRow(row, place, { rest: { inner }, counts: [] }, { block, index });
      place += 1;
    }
  }

  /** How often each input comes. */
  async #chances(reading: Reading): Promise<readonly number[] | undefined> {
    const probabilities = this.#interleaving?.probabilities;
    if (probabilities !== "rows") return probabilities;
    const counts = await Promise.all(this.#inputs.map(async (input) => await input.count(reading)));
    const rows = counts.reduce((sum, count) => sum + count, 0);
    return counts.map((count) => count / Math.max(1, rows));
  }

  #walk(mark: JoinState["mark"], empty: readonly number[], chances: readonly number[] | undefined): SourceWalk {
    if (this.#interleaving === undefined) return new InTurn(this.#inputs.length, mark);
    const { seed, stop } = this.#interleaving;
    const key: Key = keyOf("interleave", seed);
    const order = new SourceOrder({ sources: this.#inputs.length, probabilities: chances, key, stop });
    return order.walk("start" in mark ? mark : { empty });
  }
}

/** Reads an input from where a state of it says, or from the beginning. */
async function* readInput(
  plan: Plan,
  state: PlanState | undefined,
  request: PlanRequest,
  reading: Reading,
): AsyncGenerator<StatedBlock> {
  const reader = new PlanReader(plan, request, reading);
  yield* reader.read(state ?? (await reader.begin({ state, isWhole: false })));
}

/** One input after the other. */
class InTurn implements SourceWalk {
  readonly #inputs: number;
  readonly #ended: Set<number>;
  #position: number;

  constructor(inputs: number, { position, exhausted = [] }: Partial<SourceMark> & { readonly position: number }) {
    this.#inputs = inputs;
    this.#ended = new Set(exhausted);
    this.#position = position;
  }

  get source(): number | undefined {
    for (let input = 0; input < this.#inputs; input += 1) if (!this.#ended.has(input)) return input;
    return undefined;
  }

  advance(isLast: boolean): void {
    if (isLast && this.source !== undefined) this.#ended.add(this.source);
    this.#position += 1;
  }

  mark(): SourceMark {
    return { position: this.#position, start: 0, first: 0, empty: [], exhausted: [...this.#ended] };
  }
}

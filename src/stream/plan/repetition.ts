import type { Block, SourceState } from "../block.ts";
import type { AnyRow } from "../steps/steps.ts";
import { ItemBlock } from "./items.ts";
import type { JoinedColumn } from "./join-columns.ts";
import type { PlanState } from "./plan-state.ts";
import type { Plan } from "./plan.ts";
import type { Beginning, PlanRequest, Reading, SequentialSource } from "./source.ts";

/** Where a repetition stands. Plain JSON. */
interface PassState extends SourceState {
  readonly passes: readonly [number];
  readonly inputs: readonly [PlanState];
}

/** A plan again and again, each pass in the order of the next epoch. */
export class Repetition implements SequentialSource {
  readonly isAddressable = false;
  readonly #input: Plan;
  readonly #times: number;

  constructor(input: Plan, times: number) {
    this.#input = input;
    this.#times = times;
  }

  async columns(reading: Reading): Promise<readonly JoinedColumn[] | undefined> {
    return await this.#input.columns(reading);
  }

  async begin(
    { state, isWhole }: Beginning<SourceState>,
    request: PlanRequest,
    reading: Reading,
  ): Promise<SourceState> {
    const from = state as PassState | undefined;
    const input = await this.#input.begin({ state: from?.inputs[0], isWhole }, request, reading);
    return { passes: [from?.passes[0] ?? 0], inputs: [input] };
  }

  async end(request: PlanRequest, reading: Reading): Promise<SourceState> {
    return { passes: [this.#times], inputs: [await this.#input.end(request, reading)] };
  }

  async *readFrom(state: SourceState, request: PlanRequest, reading: Reading): AsyncGenerator<Block<AnyRow>> {
    const { passes, inputs } = state as PassState;
    const [first] = passes;
    let place = 0;
    for (let pass = first; pass < this.#times; pass += 1) {
      const begin = { state: pass === first ? inputs[0] : undefined, isWhole: false };
      const asked = { ...request, epoch: request.epoch + pass };
      const before = place;
      const rows = this.#input.read(await this.#input.begin(begin, asked, reading), asked, reading);
      for await (const { block, stateAfter } of rows) {
        for (let index = 0; index < block.length; index += 1) {
          const inner = (): SourceState => ({ passes: [pass], inputs: [stateAfter(index)] });
          yield new ItemBlock(block.at(index), place, { rest: { inner }, counts: [] }, { block, index });
          place += 1;
        }
      }
      if (place === before && pass > first) return; // no rows: for ever would be
    }
  }
}

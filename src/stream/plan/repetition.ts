import type { Block, SourceState } from "../block.ts";
import type { AnyRow } from "../steps/steps.ts";
import { damagedState } from "../state.ts";
import { fitsPlan } from "./check-state.ts";
import { blockOfRow, ROUND_END_BLOCK } from "./items.ts";
import type { JoinedColumn } from "./join-columns.ts";
import type { PlanState } from "./plan-state.ts";
import type { Plan } from "./plan.ts";
import { PlanReader } from "./plan-reader.ts";
import type { Excerpt, RepeatOrigin } from "./spec.ts";
import type { Beginning, PlanRequest, Reading, SequentialSource } from "./source.ts";

/**
 * Where a repetition stands: what is left of some passes, by their numbers; those after the last one are whole. Plain JSON.
 */
export interface PassState extends SourceState {
  readonly passes: readonly number[];
  readonly inputs: readonly PlanState[];
  /** How many passes there are; `null`: no end. */
  readonly times: number | null;
  /** Rows given so far. */
  readonly rows: number;
}

/** A plan again and again, each pass in the order of the next epoch; or once, and only what an excerpt says of it. */
export class Repetition implements SequentialSource {
  readonly isAddressable = false;
  readonly repeats = true;
  readonly #input: Plan;
  readonly #times: number;
  readonly #excerpt: Excerpt | undefined;

  constructor(input: Plan, { times, excerpt }: Pick<RepeatOrigin, "times" | "excerpt">) {
    this.#input = input;
    this.#times = times;
    this.#excerpt = excerpt;
  }

  inputOf(): Plan {
    return this.#input;
  }

  async columns(reading: Reading): Promise<readonly JoinedColumn[] | undefined> {
    return await this.#input.columns(reading);
  }

  async give(columns: readonly JoinedColumn[], reading: Reading): Promise<void> {
    await this.#input.give(columns, reading);
  }

  async begin(
    { state, isWhole }: Beginning<SourceState>,
    request: PlanRequest,
    reading: Reading,
  ): Promise<SourceState> {
    const { passes, inputs, rows } = (state ?? { passes: [0], inputs: [undefined], rows: 0 }) as PassState;
    const asked = this.#asked(request);
    const reader = new PlanReader(this.#input, asked, reading);
    const begun = inputs.map((input) =>
      reader.begin(input === undefined ? this.#beginning(asked) : { state: input, isWhole }),
    );
    return this.#state(passes, await Promise.all(begun), rows);
  }

  async end(request: PlanRequest, reading: Reading): Promise<SourceState> {
    // One without end ends where a pass gives no row: so does the next one.
    const pass = Number.isFinite(this.#times) ? this.#times : 0;
    return this.#state([pass], [await new PlanReader(this.#input, this.#asked(request), reading).end()], 0);
  }

  async *readFrom(state: SourceState, request: PlanRequest, reading: Reading): AsyncGenerator<Block<AnyRow>> {
    const { passes, inputs, rows } = state as PassState;
    const last = passes.at(-1) ?? 0;
    let place = rows;
    for (let [index, pass] = [0, passes[0] ?? 0]; pass < this.#times; index += 1, pass = passes[index] ?? pass + 1) {
      const asked = { ...this.#asked(request), epoch: request.epoch + pass };
      const begin = { state: inputs[index], isWhole: false };
      const before = place;
      const reader = new PlanReader(this.#input, asked, reading);
      for await (const { block, stateAfter } of reader.read(await reader.begin(begin))) {
        for (let row = 0; row < block.length; row += 1) {
          const given = place + 1;
          const inner = (): SourceState =>
            this.#state([pass, ...passes.slice(index + 1)], [stateAfter(row), ...inputs.slice(index + 1)], given);
          yield blockOfRow(block.at(row), place, { rest: { inner }, counts: [] }, { block, index: row });
          place = given;
        }
      }
      if (pass <= last) continue; // it was begun before: what is left of it tells nothing
      if (place === before) return; // no rows: for ever would be
      if (pass + 1 < this.#times) yield ROUND_END_BLOCK; // the steps behind may have left out all of them
    }
  }

  /** An excerpt knows its parts: those of what is made of it take turns. */
  #asked(request: PlanRequest): PlanRequest {
    return this.#excerpt === undefined ? request : { ...request, parts: this.#excerpt.parts };
  }

  /** What a state left of an epoch is for that epoch only. */
  #beginning({ epoch, parts }: PlanRequest): Beginning<PlanState> {
    const resumed = this.#excerpt?.resumed;
    if (resumed === undefined || resumed.epoch !== epoch) return { state: undefined, isWhole: false };
    if (resumed.rest !== null && !fitsPlan(this.#input, resumed.rest)) throw damagedState();
    return { state: resumed.rest ?? undefined, isWhole: resumed.part.length === 0 && parts.length > 0 };
  }

  #state(passes: readonly number[], inputs: readonly PlanState[], rows: number): PassState {
    return { passes, inputs, times: Number.isFinite(this.#times) ? this.#times : null, rows };
  }
}

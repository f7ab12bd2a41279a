import { isCommitGone } from "../fs/byte-source.ts";
import { linkController } from "../async/abort.ts";
import { HfStreamError } from "../errors.ts";
import { createMeter } from "../hub/meter.ts";
import { createDecoder } from "../parquet/decode/create-decoder.ts";
import type { DataBlock } from "./arrow/data-block.ts";
import type { DatasetReader } from "./dataset-reader.ts";
import { fingerprintOf } from "./fingerprint.ts";
import type { Span } from "./line.ts";
import { type Cut, isPart } from "./order/parts.ts";
import { fitsPlan } from "./plan/check-state.ts";
import { cutPlanState } from "./plan/cut-state.ts";
import { Plan } from "./plan/plan.ts";
import { type Deal, PlanReader, type StatedBlock } from "./plan/plan-reader.ts";
import type { PlanState } from "./plan/plan-state.ts";
import type { Reading } from "./plan/source.ts";
import { type Excerpt, excerptsOf, type PlanSpec, readersOf } from "./plan/spec.ts";
import type { RowBlock } from "./row-iterator.ts";
import { checkOwner, damagedState, type DatasetState, makeState, type StateOwner } from "./state.ts";
import { createStats, type StreamStats } from "./stats.ts";
import { Watchdog } from "./watchdog.ts";
import type { AnyRow } from "./steps/steps.ts";

/** Which of a dataset's rows are wanted: its part, its epoch, and from where on. */
export interface Situation extends Excerpt {
  readonly epoch: number;
}

/** What an iteration shares with others that read parts of the same rows. */
export interface Sharing {
  /** How many they are: each has its share of the memory. */
  readonly share: number;
  /** @default as the options of what is read say */
  readonly decodeThreads?: number;
  /** Counters to go on with. @default new ones */
  readonly stats?: StreamStats | undefined;
}

/** Which rows are read, and from where on. */
interface Begun {
  readonly reader: PlanReader;
  readonly state: PlanState;
}

/** An iteration under way. */
export class Iteration {
  readonly stats: StreamStats;
  #plan: Plan;
  /** The signal of the options of what is read. */
  readonly userSignal: AbortSignal | undefined;
  readonly #spec: PlanSpec;
  readonly #situation: Situation;
  readonly #readers: readonly DatasetReader[];
  readonly #stop: ReturnType<typeof linkController>;
  readonly #sharing: Sharing;
  #owner: StateOwner;
  /** What is left where no row is: at the beginning, and at the end. */
  #rest: { readonly rest: PlanState | null; readonly part: readonly Cut[] };

  constructor(spec: PlanSpec, situation: Situation, sharing: Sharing = { share: 1 }) {
    this.#sharing = sharing;
    this.stats = sharing.stats ?? createStats(createMeter());
    this.#spec = spec;
    this.#situation = situation;
    this.#plan = new Plan(spec, situation.resumed?.windowBudgets);
    this.#readers = readersOf(spec);
    this.userSignal = signalOf(this.#readers);
    this.#stop = linkController(this.userSignal);
    const { resumed, parts } = situation;
    const id = this.#readers.map(({ source }) => source.name).join("+");
    const fingerprint = fingerprintOf(spec);
    const { commit = null, config = null, split = null } = resumed ?? {};
    this.#owner = { id, commit, config, split, fingerprint, ...mixedBy(this.#plan) };
    const rest = resumed?.rest ?? null;
    const isCut = rest !== null && this.#isWhole && fitsPlan(this.plan, rest);
    const cut = isCut ? cutPlanState(this.plan, rest, parts.filter(isPart)) : rest;
    this.#rest = cut === undefined ? { rest, part: [] } : { rest: cut, part: parts };
  }

  get plan(): Plan {
    return this.#plan;
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  abort(reason: unknown): void {
    this.#stop.abort(reason);
    this.#stop.dispose();
  }

  /** The state where no row is behind: before the first one, or after the last. */
  restingState(): DatasetState {
    return makeState(this.#owner, { epoch: this.#situation.epoch, ...this.#rest });
  }

  /** Makes the state of the whole of what a plan says is left. */
  stateOf(rest: PlanState): DatasetState {
    const { epoch, parts } = this.#situation;
    return makeState(this.#owner, { epoch, part: parts, rest });
  }

  /** Reads the rows, or those of them that a deal picks: a new one where reading begins anew, at another commit. */
  async *blocks(deal?: () => Deal): AsyncGenerator<StatedBlock> {
    yield* this.#run(({ reader, state }) => reader.read(state, deal?.()));
  }

  /** Reads the rows, with the state after each. */
  async *rowBlocks(): AsyncGenerator<RowBlock<AnyRow>> {
    for await (const { block, stateAfter } of this.blocks()) {
      const state = (index: number): DatasetState => this.stateOf(stateAfter(index));
      yield { length: block.length, at: (index) => block.at(index), stateAfter: state };
      block.free?.(); // the consumer asks for the next one when it has made all rows of this one
    }
  }

  /** Reads the rows of one dataset without making them. */
  async *dataBlocks(): AsyncGenerator<DataBlock> {
    yield* this.#run(({ reader, state }) => reader.readData(state));
  }

  /** Counts the rows that it gives; `null` where only reading can tell. */
  async countRows(): Promise<number | null> {
    return await this.#atCommit(async () => {
      const { reader, state } = await this.#begin(this.#reading(0));
      return await reader.countRows(state);
    });
  }

  /** What it would read of one dataset, unit by unit, without reading it. */
  async *plannedSpans(): AsyncGenerator<readonly Span[]> {
    const { reader, state } = await this.#begin(this.#reading(0));
    yield* reader.plannedSpans(state);
  }

  async *#run<T>(read: (begun: Begun) => AsyncGenerator<T>): AsyncGenerator<T> {
    this.signal.throwIfAborted();
    const threads = Math.max(...this.#readers.map(({ settings }) => settings.decodeThreads));
    const reading = this.#reading(this.#sharing.decodeThreads ?? threads);
    const { watchdog } = reading;
    watchdog.start();
    try {
      const { begun, first, items } = await this.#atCommit(async () => {
        const started = await this.#begin(reading);
        const all = read(started);
        return { begun: started, first: await all.next(), items: all };
      });
      try {
        for (let item = first; item.done !== true; item = await items.next()) {
          const goesOn = watchdog.waitsFor(() => "consumer");
          yield item.value;
          goesOn();
        }
      } finally {
        await items.return(undefined);
      }
      this.#rest = { rest: await begun.reader.end(), part: this.#situation.parts };
    } finally {
      watchdog.stop();
      await reading.decoder.close();
    }
  }

  /** Does what comes before the first row; where its commit turns out to be gone, at the one there is now. */
  async #atCommit<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!isCommitGone(error)) throw error;
      const options = { signal: this.signal, meter: this.stats };
      const moved = await Promise.all(this.#readers.map(async (reader) => await reader.reopen(options)));
      if (!moved.includes(true)) throw error;
      this.#plan = new Plan(this.#spec, this.#situation.resumed?.windowBudgets);
      return await work();
    }
  }

  #reading(decodeThreads: number): Reading {
    return {
      signal: this.signal,
      stats: this.stats,
      decoder: createDecoder(decodeThreads),
      share: this.#sharing.share,
      watchdog: new Watchdog(this.#owner.id, this.stats),
    };
  }

  async #begin(reading: Reading): Promise<Begun> {
    await this.#identify(reading);
    this.#checkParts();
    const { parts, epoch, resumed } = this.#situation;
    if (resumed?.rest !== null && resumed?.rest !== undefined && !fitsPlan(this.plan, resumed.rest))
      throw damagedState();
    const reader = new PlanReader(this.plan, { parts, epoch }, reading);
    return { reader, state: await reader.begin({ state: resumed?.rest ?? undefined, isWhole: this.#isWhole }) };
  }

  /** Whether it is resumed from the state of the whole, of which it is a part. */
  get #isWhole(): boolean {
    const { resumed, parts } = this.#situation;
    return resumed !== undefined && resumed.part.length === 0 && parts.length > 0;
  }

  /** Resolves what is read, and checks that a state belongs to it. */
  async #identify({ decoder }: Reading): Promise<void> {
    this.#owner = await this.#ownerOf(this.#spec);
    this.#check(this.#situation, this.#owner);
    for (const { input, excerpt } of excerptsOf(this.#spec)) this.#check(excerpt, await this.#ownerOf(input));
    const files = this.#readers.flatMap(({ opened }) => opened?.files ?? []);
    decoder.expect(files.reduce((sum, { size }) => sum + size, 0));
  }

  #check({ resumed, resumedAs, parts }: Excerpt, owner: StateOwner): void {
    if (resumed !== undefined) checkOwner(resumed, { ...owner, fingerprint: resumedAs ?? owner.fingerprint }, parts);
  }

  async #ownerOf(spec: PlanSpec): Promise<StateOwner> {
    const options = { signal: this.signal, meter: this.stats };
    const readers = readersOf(spec);
    const opened = await Promise.all(readers.map(async (reader) => await reader.open(options)));
    const joined = (values: readonly string[]): string => values.join("+");
    return {
      id: joined(readers.map(({ source }) => source.name)),
      commit: joined(opened.map(({ commit }) => commit)),
      config: joined(opened.map(({ config }) => config.name)),
      split: joined(opened.map(({ split }) => split)),
      fingerprint: fingerprintOf(spec),
      ...mixedBy(this.#plan),
    };
  }

  #checkParts(): void {
    const equalized = this.#situation.parts.filter(isPart).find(({ equalize }) => equalize !== "none");
    if (equalized === undefined || this.plan.isDense) return;
    throw new HfStreamError(
      "INVALID_OPTION",
      `\`equalize: '${equalized.equalize}'\` needs to know how many rows each rank gets, which \`filter\`, batched \`map\` and ` +
        "`onError` hide. Leave it out, or let ranks stop after the same number of steps.",
    );
  }
}

function mixedBy({ windowBudgets }: Plan): Pick<StateOwner, "windowBudgets"> {
  return windowBudgets === undefined ? {} : { windowBudgets };
}

/** A signal that aborts when that of any dataset's options does. */
export function signalOf(readers: readonly DatasetReader[]): AbortSignal | undefined {
  const signals = new Set(readers.flatMap(({ settings }) => (settings.signal === undefined ? [] : [settings.signal])));
  return signals.size > 1 ? AbortSignal.any([...signals]) : [...signals][0];
}

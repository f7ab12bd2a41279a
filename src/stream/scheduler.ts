import { linkController, raceAbort } from "../async/abort.ts";
import { Breather } from "../async/breather.ts";
import { publishUnit } from "../diagnostics.ts";
import { redact } from "../redact.ts";
import type { Stage, Watchdog } from "./watchdog.ts";
import { Limiter, type Permit } from "../async/limiter.ts";
import { mapAhead } from "../async/map-ahead.ts";
import { Turns } from "../async/turns.ts";
import type {
  OpenFile,
  PreparedUnit,
  RowBatch,
  SliceCost,
  SlicedRowBatch,
  UnitReading,
  UnitReadOptions,
} from "../formats/types.ts";
import type { Decoder } from "../parquet/decode/decoder.ts";
import type { Predicate } from "../parquet/predicate/filters.ts";
import { BadFiles, type BadFilesOptions } from "./bad-files.ts";
import type { Span } from "./line.ts";
import type { ReadAhead } from "./read-ahead.ts";
import { SliceMemory } from "./slice-memory.ts";
import type { StreamStats } from "./stats.ts";
import { timed } from "./timed.ts";

export interface ScheduleOptions extends BadFilesOptions {
  readonly decoder: Decoder;
  /** Columns to read; all if left out. */
  readonly columns: readonly string[] | undefined;
  /** What of a file's rows is wanted. */
  readonly predicateOf: (file: OpenFile) => Predicate | undefined;
  /** Decides how many groups are under way, and what a request aims at. */
  readonly readAhead: ReadAhead;
  /** Bytes held, fetched and decoded. */
  readonly memoryBudget: number;
  readonly stats: StreamStats;
  readonly watchdog: Watchdog;
}

/** Spans whose rows are read together. */
export interface SpanGroup {
  readonly spans: readonly Span[];
  /** Whether all its rows are needed before the first of them is used. */
  readonly isWhole: boolean;
}

/** A group under way: its spans' batches come as they are decoded. */
export interface FetchedGroup<Group extends SpanGroup> {
  readonly group: Group;
  readonly spans: readonly FetchedSpan[];
}

export interface FetchedSpan {
  readonly span: Span;
  readonly batches: AsyncIterable<RowBatch>;
}

/** A group whose memory is counted. */
interface HeldGroup<Group extends SpanGroup> extends FetchedGroup<Group> {
  readonly release: () => void;
}

/** The part of the budget that is left to batches which are done with, but which the garbage collector has yet to free. */
const GARBAGE_SHARE = 0.25;

/**
 * Reads groups of spans in order: while one is used the next are fetched and decoded, within the memory budget. A group's
 * share of it is given back when the consumer has passed it; of a group that need not be whole, slice by slice and batch
 * by batch.
 */
export async function* readGroups<Group extends SpanGroup>(
  groups: AsyncIterable<Group>,
  options: ScheduleOptions,
): AsyncGenerator<FetchedGroup<Group>> {
  const { stats, signal, readAhead } = options;
  const scheduler = new Scheduler(options);
  const timing = { ...options, waitsFor: (): Stage => (scheduler.waitsForMemory ? "memory" : "network") };
  let spansPerGroup = 1;
  const begin = async (group: Group, job: { signal: AbortSignal }): Promise<HeldGroup<Group>> => {
    spansPerGroup = group.spans.length;
    return await scheduler.begin(group, job.signal);
  };
  const ahead = (): number => readAhead.depth(spansPerGroup);
  const onStart = (refill: () => void): void => void (readAhead.onFetched = refill);
  let waitedBefore = 0;
  const breather = new Breather(); // units that are ruled out are passed without a wait
  try {
    for await (const held of timed(mapAhead(groups, begin, { ahead, signal, onStart }), timing)) {
      const [began, waited] = [performance.now(), stats.waitingOnNetworkMs];
      try {
        yield held;
      } finally {
        held.release();
      }
      const units = held.group.spans.length;
      const usedMs = performance.now() - began - (stats.waitingOnNetworkMs - waited);
      if (units > 0) readAhead.used(usedMs, stats.waitingOnNetworkMs - waitedBefore, units);
      waitedBefore = stats.waitingOnNetworkMs;
      stats.unitsDone += units;
      await breather.rest();
    }
  } finally {
    await scheduler.settled();
  }
}

/** A span whose reads are planned. */
interface PlannedSpan {
  readonly span: Span;
  readonly unit: PreparedUnit;
}

/** Begins groups in order, within one memory budget. */
class Scheduler {
  readonly #options: ScheduleOptions;
  readonly #budget: Limiter;
  readonly #bad: BadFiles;
  readonly #turns = new Turns();
  readonly #fetching = new Set<Promise<void>>();
  #admitting = 0;

  constructor(options: ScheduleOptions) {
    this.#options = options;
    this.#budget = new Limiter(options.memoryBudget * (1 - GARBAGE_SHARE));
    this.#bad = new BadFiles(options);
  }

  /** Whether nothing is fetched since there is no memory for it. */
  get waitsForMemory(): boolean {
    return this.#admitting > 0 && this.#fetching.size === 0;
  }

  /** Resolves when nothing is fetched any more. */
  async settled(): Promise<void> {
    await Promise.all(this.#fetching);
  }

  /** Begins to fetch and decode a group, as soon as all earlier ones have the memory they need. */
  async begin<Group extends SpanGroup>(group: Group, signal: AbortSignal): Promise<HeldGroup<Group>> {
    const turn = this.#turns.take();
    try {
      const planned = await this.#plan(group, signal);
      if (group.isWhole || planned.length === 0) this.#options.readAhead.begin();
      // Memory is asked for in the order of reading: a later group must not take what an earlier one waits for.
      await raceAbort(turn.begins, { signal });
      const reads = group.isWhole
        ? await this.#readWhole(planned, signal)
        : planned.map((one) => this.#readOne(one, signal));
      void Promise.all(reads.map(({ admitted }) => admitted)).then(() => turn.end());
      void this.#measure(planned, reads);
      const spans = reads.map(({ batches }, index) => ({ span: (planned[index] as PlannedSpan).span, batches }));
      return { group, spans, release: () => reads.forEach(({ release }) => release()) };
    } catch (error) {
      turn.end();
      throw error;
    }
  }

  async #measure(planned: readonly PlannedSpan[], reads: readonly UnderWay[]): Promise<void> {
    const began = performance.now();
    const blockSize = this.#options.readAhead.blockSize();
    const sizes = planned.flatMap(({ unit }) => unit.slices.map(({ fetchedBytes }) => fetchedBytes));
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    const requests = sizes.reduce((sum, size) => sum + Math.ceil(size / blockSize), 0);
    await Promise.all(reads.map(({ fetched }) => fetched));
    if (reads.length > 0) this.#options.readAhead.fetched(performance.now() - began, bytes, requests);
  }

  async #plan({ spans, isWhole }: SpanGroup, signal: AbortSignal): Promise<PlannedSpan[]> {
    const { columns, predicateOf, stats: meter, readAhead } = this.#options;
    const sliceBytes = readAhead.sliceBytes();
    const isEarly = !readAhead.hasBegun && !isWhole;
    const planned = await Promise.all(
      spans.map(async (span): Promise<PlannedSpan | undefined> => {
        const prepare = async (): Promise<PreparedUnit | undefined> =>
          await span.file.prepare(
            { ...span, columns, predicate: predicateOf(span.file), sliceBytes, isEarly },
            { signal, meter },
          );
        const unit = await this.#bad.guard(span, signal, prepare);
        return unit === undefined ? undefined : { span, unit };
      }),
    );
    return planned.filter((one) => one !== undefined);
  }

  /** Reads units that are needed together: their memory is taken at once, so that none waits for another. */
  async #readWhole(planned: readonly PlannedSpan[], signal: AbortSignal): Promise<UnderWay[]> {
    const costs = planned.flatMap(({ unit }) => unit.slices);
    const permit = costs.length === 0 ? undefined : await this.#admit(costs, signal);
    return planned.map(({ span, unit }) => {
      const { batches, fetched } = this.#start(span, unit, signal, {
        admit: async () => {},
        onDecoded: (slice) => permit?.release(unit.slices[slice]?.fetchedBytes),
      });
      return { batches, fetched, admitted: Promise.resolve(), release: () => permit?.release() };
    });
  }

  /** Reads a unit that is used as it comes: slice by slice, as memory allows. */
  #readOne({ span, unit }: PlannedSpan, signal: AbortSignal): UnderWay {
    const held: SliceMemory[] = [];
    const stop = linkController(signal);
    const { readAhead } = this.#options;
    let onFirstFetched = (): void => {};
    const firstFetched = readAhead.hasBegun
      ? Promise.resolve()
      : new Promise<void>((resolve) => (onFirstFetched = resolve));
    let lastAdmitted = (): void => {};
    const admitted = new Promise<void>((resolve) => (lastAdmitted = resolve));
    const { batches, fetched } = this.#start(span, unit, stop.signal, {
      admit: async (slice, job) => {
        if (slice > 0) await raceAbort(firstFetched, job);
        const cost = unit.slices[slice] as SliceCost;
        held[slice] = new SliceMemory(await this.#admit([cost], job.signal), cost.heldBytes);
        if (slice === unit.slices.length - 1) lastAdmitted();
      },
      onFirstFetched: () => {
        onFirstFetched();
        readAhead.begin();
      },
      onDecoded: (slice, { bytes }) => held[slice]?.decoded(bytes),
    });
    const ended = fetched.then(() => {
      lastAdmitted(); // also when it ends early
      stop.dispose();
    });
    const onUsed = (slice: number, bytes: number): void => held[slice]?.used(bytes);
    return {
      batches: inUse(batches, onUsed),
      fetched,
      admitted,
      release: () => {
        stop.abort(new Error("the unit is not read any further"));
        void ended.then(() => held.forEach((memory) => memory.end()));
      },
    };
  }

  async #admit(costs: readonly SliceCost[], signal: AbortSignal | undefined): Promise<Permit> {
    const all = costs.reduce((sum, { heldBytes }) => sum + heldBytes, 0);
    const largest = costs.reduce((most, { heldBytes }) => Math.max(most, heldBytes), 0);
    // What a decoder grows to, until it tells.
    this.#budget.take(Math.max(this.#options.decoder.memory, 2 * largest));
    this.#admitting += 1;
    try {
      return await this.#budget.acquire(all, { signal });
    } finally {
      this.#admitting -= 1;
    }
  }

  #start(span: Span, unit: PreparedUnit, signal: AbortSignal, memory: MemoryCalls): Started {
    const { stats, readAhead, decoder, watchdog, memoryBudget } = this.#options;
    const blockSize = readAhead.blockSize();
    const began = performance.now();
    let [decodeMs, fetchMs] = [0, 0];
    const onDecoded: MemoryCalls["onDecoded"] = (slice, decoded) => {
      memory.onDecoded(slice, decoded);
      decodeMs += decoded.ms;
      if (slice !== unit.slices.length - 1) return;
      readAhead.decoded(decodeMs);
      const bytes = unit.slices.reduce((sum, { fetchedBytes }) => sum + fetchedBytes, 0);
      publishUnit(() => ({ path: redact(span.file.path), unit: span.unit, bytes, fetchMs, decodeMs }));
    };
    const reading = unit.read({ ...memory, onDecoded, decoder, blockSize, memoryBudget, signal, meter: stats });
    this.#fetching.add(reading.fetched);
    void reading.fetched.then(() => {
      fetchMs = performance.now() - began;
      this.#fetching.delete(reading.fetched);
    });
    const waitsFor = (): Stage => {
      if (reading.isDecoding) return "decode";
      return this.waitsForMemory ? "memory" : "network";
    };
    const batches = timed(reading.batches, { stats, watchdog, waitsFor, isUnit: true, path: span.file.path });
    return { batches: this.#bad.watch(span, batches), fetched: reading.fetched };
  }
}

/** A unit that is being read. */
interface UnderWay {
  readonly batches: AsyncIterable<RowBatch>;
  /** Resolves when nothing of it is fetched any more. */
  readonly fetched: Promise<void>;
  /** Resolves when it needs no more memory. */
  readonly admitted: Promise<void>;
  readonly release: () => void;
}

type MemoryCalls = Pick<UnitReadOptions, "admit" | "onFirstFetched" | "onDecoded">;
type Started = Pick<UnitReading, "batches" | "fetched">;

/** Leaves out batches of which nothing is wanted, and tells of each when the consumer asks for the next one. */
async function* inUse(
  batches: AsyncIterable<SlicedRowBatch>,
  onUsed: (slice: number, bytes: number) => void,
): AsyncGenerator<RowBatch> {
  for await (const batch of batches) {
    if (batch.rows?.length !== 0) yield batch;
    onUsed(batch.slice, batch.bytes);
  }
}

import { raceAbort } from "../async/abort.ts";
import { Limiter, type Permit } from "../async/limiter.ts";
import { mapAhead } from "../async/map-ahead.ts";
import { isHfStreamError } from "../errors.ts";
import type { FetchOptions, OpenFile, PreparedUnit, RowBatch } from "../formats/types.ts";
import type { Predicate } from "../parquet/predicate/filters.ts";
import type { Span } from "./line.ts";
import type { StreamStats } from "./stats.ts";

export interface ScheduleOptions extends FetchOptions {
  /** Columns to read; all if left out. */
  readonly columns: readonly string[] | undefined;
  readonly predicate: Predicate | undefined;
  /** Units fetched ahead of those being read. */
  readonly prefetchDepth: number;
  /** Bytes held, fetched and decoded. */
  readonly memoryBudget: number;
  readonly stats: StreamStats;
  /** Decides about a file that cannot be read: leaves it out, or throws. */
  readonly onBadFile: (error: unknown, path: string) => void;
}

/** Spans whose rows are needed together. */
export interface SpanGroup {
  readonly spans: readonly Span[];
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

/** The part of the budget that is left to batches which are done with, but which the garbage collector has yet to free. */
const GARBAGE_SHARE = 0.25;

/** A group that is fetched; `undefined` for a span of which nothing is wanted, or that cannot be read. */
interface Held<Group extends SpanGroup> extends FetchedGroup<Group> {
  readonly permit: Permit | undefined;
}

/**
 * Reads groups of spans in order: while one is used the next are fetched and decoded, so many as `prefetchDepth` and
 * the memory budget allow. A group's share of the budget is given back when the consumer has passed it; of a group of
 * one span, batch by batch.
 */
export async function* readGroups<Group extends SpanGroup>(
  groups: AsyncIterable<Group>,
  options: ScheduleOptions,
): AsyncGenerator<FetchedGroup<Group>> {
  const { stats, signal, prefetchDepth } = options;
  const budget = new Limiter(options.memoryBudget * (1 - GARBAGE_SHARE));
  const bad = new BadFiles(options);
  const turns = new Turns();
  let spansPerGroup = 1;
  const fetchOne = async (group: Group, job: { signal: AbortSignal }): Promise<Held<Group>> => {
    spansPerGroup = group.spans.length;
    const turn = turns.take();
    try {
      return await fetchGroup(group, { ...options, signal: job.signal }, { budget, turn, bad });
    } finally {
      turn.end();
    }
  };
  const ahead = (): number => Math.ceil(prefetchDepth / Math.max(1, spansPerGroup));
  for await (const held of timed(stats, "network", mapAhead(groups, fetchOne, { ahead, signal }))) {
    const { group, spans, permit } = held;
    const isAlone = group.spans.length === 1;
    const watched = spans.map(({ span, batches }) => {
      const decoded = timed(stats, "decode", batches);
      return { span, batches: bad.watch(span, isAlone && permit !== undefined ? releasing(permit, decoded) : decoded) };
    });
    try {
      yield { group, spans: watched };
    } finally {
      permit?.release();
    }
    stats.unitsDone += group.spans.length;
  }
}

interface Scheduling {
  readonly budget: Limiter;
  readonly turn: Turn;
  readonly bad: BadFiles;
}

async function fetchGroup<Group extends SpanGroup>(
  group: Group,
  options: ScheduleOptions,
  { budget, turn, bad }: Scheduling,
): Promise<Held<Group>> {
  const { columns, predicate, signal, decoder } = options;
  const plans = await Promise.all(
    group.spans.map((span) =>
      bad.guard(span, signal, async () => await span.file.prepare({ ...span, columns, predicate }, options)),
    ),
  );
  const held = plans.reduce((sum, plan) => sum + (plan?.heldBytes ?? 0), 0);
  if (held === 0 && plans.every((plan) => plan === undefined)) return { group, spans: [], permit: undefined };
  // Memory is asked for in the order of reading: a later group must not take what an earlier one waits for.
  await raceAbort(turn.begins, { signal });
  const largest = plans.reduce((most, plan) => Math.max(most, plan?.heldBytes ?? 0), 0);
  budget.take(Math.max(decoder.memory, 2 * largest)); // what a decoder grows to, until it tells
  const permit = await budget.acquire(held, { signal });
  turn.end();
  const fetchSpan = async (span: Span, plan: PreparedUnit | undefined): Promise<FetchedSpan | undefined> => {
    if (plan === undefined) return undefined;
    const onDecoded = (): void => permit.release(plan.fetchedBytes);
    const batches = await bad.guard(span, signal, async () => await plan.fetch({ ...options, onDecoded }));
    return batches === undefined ? undefined : { span, batches };
  };
  try {
    const fetched = await Promise.all(group.spans.map((span, index) => fetchSpan(span, plans[index])));
    return { group, spans: fetched.filter((span) => span !== undefined), permit };
  } catch (error) {
    permit.release();
    throw error;
  }
}

/** Files that turned out to be unreadable: the rest of them is left out, if the options say so. */
class BadFiles {
  readonly #files = new Set<OpenFile>();
  readonly #onBadFile: ScheduleOptions["onBadFile"];
  readonly #signal: AbortSignal | undefined;

  constructor({ onBadFile, signal }: ScheduleOptions) {
    this.#onBadFile = onBadFile;
    this.#signal = signal;
  }

  /** Does `work` on a span; `undefined` if its file is bad. */
  async guard<T>({ file }: Span, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T | undefined> {
    if (this.#files.has(file)) return undefined;
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      this.#report(error, file);
      return undefined;
    }
  }

  /** Passes a span's batches on, up to where its file turns out to be bad. */
  async *watch({ file }: Span, batches: AsyncIterable<RowBatch>): AsyncGenerator<RowBatch> {
    if (this.#files.has(file)) return;
    try {
      yield* batches;
    } catch (error) {
      this.#signal?.throwIfAborted();
      if (!isHfStreamError(error, "CORRUPT_FILE")) throw error;
      this.#report(error, file);
    }
  }

  #report(error: unknown, file: OpenFile): void {
    if (!this.#files.has(file)) this.#onBadFile(error, file.path);
    this.#files.add(file);
  }
}

interface Turn {
  /** Resolves when all earlier turns have ended. */
  readonly begins: Promise<unknown>;
  end(): void;
}

/** Turns that begin in the order in which they were taken. */
class Turns {
  #last: Promise<unknown> = Promise.resolve();

  take(): Turn {
    const begins = this.#last;
    let end = (): void => {};
    const ended = new Promise<void>((resolve) => (end = resolve));
    this.#last = Promise.all([begins, ended]);
    return { begins, end };
  }
}

/** Gives back what a batch held when the consumer asks for the next one. */
async function* releasing(permit: Permit, batches: AsyncIterable<RowBatch>): AsyncGenerator<RowBatch> {
  for await (const batch of batches) {
    yield batch;
    permit.release(batch.batch.data.byteLength);
  }
}

const COUNTERS = { network: "waitingOnNetworkMs", decode: "waitingOnDecodeMs" } as const;

/** Passes `items` on, and measures how long the consumer waited for each, and each decoded batch for the consumer. */
async function* timed<T>(stats: StreamStats, what: keyof typeof COUNTERS, items: AsyncIterable<T>): AsyncGenerator<T> {
  const iterator = items[Symbol.asyncIterator]();
  try {
    for (;;) {
      const asked = performance.now();
      const next = await iterator.next();
      const came = performance.now();
      stats[COUNTERS[what]] += came - asked;
      if (next.done === true) return;
      yield next.value;
      if (what === "decode") stats.waitingOnConsumerMs += performance.now() - came;
    }
  } finally {
    await iterator.return?.();
  }
}

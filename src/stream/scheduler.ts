import { raceAbort } from "../async/abort.ts";
import { Limiter, type Permit } from "../async/limiter.ts";
import { mapAhead } from "../async/map-ahead.ts";
import { isHfStreamError } from "../errors.ts";
import type { FetchOptions, OpenFile, RowBatch } from "../formats/types.ts";
import type { Predicate } from "../parquet/predicate/filters.ts";
import type { Span } from "./line.ts";
import type { StreamStats } from "./stats.ts";

export interface ScheduleOptions extends FetchOptions {
  /** Columns to read; all if left out. */
  readonly columns: readonly string[] | undefined;
  readonly predicate: Predicate | undefined;
  /** Units fetched ahead of the one being read. */
  readonly prefetchDepth: number;
  /** Bytes held, fetched and decoded. */
  readonly memoryBudget: number;
  readonly stats: StreamStats;
  /** Decides about a file that cannot be read: leaves it out, or throws. */
  readonly onBadFile: (error: unknown, path: string) => void;
}

/** The part of the budget that is left to batches which are done with, but which the garbage collector has yet to free. */
const GARBAGE_SHARE = 0.25;

/** A unit that is fetched. */
interface FetchedUnit {
  readonly span: Span;
  readonly batches: AsyncIterable<RowBatch>;
  readonly permit: Permit;
}

/**
 * Reads spans in order: while one is used the next are fetched and decoded, so many as `prefetchDepth` and the memory
 * budget allow. A unit's share of the budget is given back when the consumer has passed it.
 */
export async function* readSpans(spans: AsyncIterable<Span>, options: ScheduleOptions): AsyncGenerator<RowBatch> {
  const { stats, signal, prefetchDepth, onBadFile } = options;
  const budget = new Limiter(options.memoryBudget * (1 - GARBAGE_SHARE));
  const badFiles = new Set<OpenFile>();
  const turns = new Turns();
  const fetchOne = async (span: Span, job: { signal: AbortSignal }): Promise<FetchedUnit | undefined> => {
    const turn = turns.take();
    try {
      if (badFiles.has(span.file)) return undefined;
      return await fetchUnit(span, { ...options, signal: job.signal }, { budget, turn });
    } catch (error) {
      job.signal.throwIfAborted();
      if (!badFiles.has(span.file)) onBadFile(error, span.file.path);
      badFiles.add(span.file);
      return undefined;
    } finally {
      turn.end();
    }
  };
  for await (const unit of timed(stats, "network", mapAhead(spans, fetchOne, { ahead: prefetchDepth, signal }))) {
    if (unit !== undefined) {
      try {
        if (!badFiles.has(unit.span.file)) yield* releasing(unit.permit, timed(stats, "decode", unit.batches));
      } catch (error) {
        signal?.throwIfAborted();
        if (!isHfStreamError(error, "CORRUPT_FILE")) throw error;
        onBadFile(error, unit.span.file.path);
        badFiles.add(unit.span.file);
      } finally {
        unit.permit.release();
      }
    }
    stats.unitsDone += 1;
  }
}

async function fetchUnit(
  { file, unit, start, end }: Span,
  options: ScheduleOptions,
  { budget, turn }: { readonly budget: Limiter; readonly turn: Turn },
): Promise<FetchedUnit | undefined> {
  const { columns, predicate, signal, decoder } = options;
  const prepared = await file.prepare({ unit, start, end, columns, predicate }, options);
  if (prepared === undefined) return undefined;
  // Memory is asked for in the order of reading: a later unit must not take what an earlier one waits for.
  await raceAbort(turn.begins, { signal });
  budget.take(Math.max(decoder.memory, 2 * prepared.heldBytes)); // what a decoder grows to, until it tells
  const permit = await budget.acquire(prepared.heldBytes, { signal });
  turn.end();
  try {
    const onDecoded = (): void => permit.release(prepared.fetchedBytes);
    return { span: { file, unit, start, end }, batches: await prepared.fetch({ ...options, onDecoded }), permit };
  } catch (error) {
    permit.release();
    throw error;
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

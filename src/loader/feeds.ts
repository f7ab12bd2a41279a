import { makeController, onceAborted, raceAbort } from "../async/abort.ts";
import { ThreadStartError, warnOfMissingThreads } from "../async/threads.ts";
import { createMeter } from "../hub/meter.ts";
import { partsOf } from "../stream/dataset-parts.ts";
import type { Iteration } from "../stream/iteration.ts";
import type { RowBlock, RowFeed } from "../stream/row-iterator.ts";
import { type DatasetState, makeState } from "../stream/state.ts";
import { createStats, type StreamStats } from "../stream/stats.ts";
import { loadModule, type ModuleSource } from "./module.ts";
import type { WorkerFeed } from "./worker-feed.ts";

/** Rows, and what an iterator needs to know of where they come from. */
export interface BatchFeed extends RowFeed {
  blocks(): AsyncIterable<RowBlock<object>>;
}

/** Reads a dataset in this thread. */
export function iterationFeed(iteration: Iteration): BatchFeed {
  return {
    stats: iteration.stats,
    blocks: () => iteration.rowBlocks(),
    restingState: () => iteration.restingState(),
    abort: (reason) => iteration.abort(reason),
    userSignal: iteration.userSignal,
  };
}

/** Reads the dataset of a module in this thread; what it is, is known when the first row is asked for. */
export function moduleFeed(source: ModuleSource, stats: StreamStats = createStats(createMeter())): BatchFeed {
  const stop = makeController();
  const { signal } = stop;
  let iteration: Iteration | undefined;
  const blocks = async function* (): AsyncGenerator<RowBlock<object>> {
    const dataset = await raceAbort(loadModule(source, { index: 0, count: 1 }), { signal });
    const { spec, situation, Iteration } = partsOf(dataset);
    const begun = new Iteration(spec, situation, { share: 1, stats });
    iteration = begun;
    onceAborted(signal, () => begun.abort(signal.reason));
    yield* begun.rowBlocks();
  };
  const restingState = (): DatasetState => iteration?.restingState() ?? restingStateOf(source);
  return { stats, blocks, restingState, abort: (reason) => stop.abort(reason), userSignal: undefined };
}

/** Reads in worker threads. */
export function workerFeed(threads: WorkerFeed, userSignal: AbortSignal | undefined): BatchFeed {
  return {
    stats: threads.stats,
    blocks: () => threads.blocks(),
    restingState: () => threads.restingState(),
    abort: () => void threads.close(),
    userSignal,
  };
}

/** Reads by `threads`, or where none can be started, in this thread. */
export function orInline(threads: BatchFeed, makeInline: (stats: StreamStats) => BatchFeed): BatchFeed {
  const stop = makeController();
  let feed = threads;
  const blocks = async function* (): AsyncGenerator<RowBlock<object>> {
    try {
      yield* threads.blocks();
      return;
    } catch (error) {
      if (!(error instanceof ThreadStartError)) throw error;
      warnOfMissingThreads(error.cause);
    }
    stop.signal.throwIfAborted();
    feed = makeInline(threads.stats);
    yield* feed.blocks();
  };
  const abort = (reason: unknown): void => {
    stop.abort(reason);
    feed.abort(reason);
  };
  return { ...threads, blocks, restingState: () => feed.restingState(), abort };
}

/** The state before a module's first row, while nobody knows which dataset it makes. */
export function restingStateOf({ url, epoch = 0, resumed }: ModuleSource): DatasetState {
  const owner = { id: url, commit: null, config: null, split: null, fingerprint: "" };
  return resumed ?? makeState(owner, { epoch, part: [], rest: null });
}

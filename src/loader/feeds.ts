import { makeController, onceAborted, raceAbort } from "../async/abort.ts";
import { createMeter } from "../hub/meter.ts";
import { partsOf } from "../stream/dataset-parts.ts";
import { Iteration } from "../stream/iteration.ts";
import type { RowBlock, RowFeed } from "../stream/row-iterator.ts";
import { type DatasetState, makeState } from "../stream/state.ts";
import { createStats } from "../stream/stats.ts";
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
export function moduleFeed(source: ModuleSource): BatchFeed {
  const stats = createStats(createMeter());
  const stop = makeController();
  const { signal } = stop;
  let iteration: Iteration | undefined;
  const blocks = async function* (): AsyncGenerator<RowBlock<object>> {
    const dataset = await raceAbort(loadModule(source, { index: 0, count: 1 }), { signal });
    const { spec, situation } = partsOf(dataset);
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

/** The state before a module's first row, while nobody knows which dataset it makes. */
export function restingStateOf({ url, epoch = 0, resumed }: ModuleSource): DatasetState {
  const owner = { id: url, commit: null, config: null, split: null, fingerprint: "" };
  return resumed ?? makeState(owner, { epoch, part: [], rest: null });
}

import { makeController } from "../async/abort.ts";
import { HfStreamError } from "../errors.ts";
import { checkEach, type Checks, invalidArgument, isBoolean, isWhole } from "../fs/option-checks.ts";
import { partsOf } from "../stream/dataset-parts.ts";
import type { IterableDataset } from "../stream/iterable-dataset.ts";
import type { ColumnsOf, DatasetRow } from "../stream/row-types.ts";
import { type Iteration, signalOf } from "../stream/iteration.ts";
import { readersOf } from "../stream/plan/spec.ts";
import { type RowBlock, RowIterator } from "../stream/row-iterator.ts";
import { checkState, type DatasetState } from "../stream/state.ts";
import type { StreamStats } from "../stream/stats.ts";
import { batchesOf } from "./batches.ts";
import { type BatchFeed, iterationFeed, moduleFeed, orInline, restingStateOf, workerFeed } from "./feeds.ts";
import type { WorkerSource } from "./messages.ts";
import { isDataset, type ModuleSource, moduleUrl } from "./module.ts";
import { recipeOf } from "./recipe.ts";
import { WorkerFeed } from "./worker-feed.ts";

/** Options of `DataLoader`. */
export interface DataLoaderOptions<Row extends object = DatasetRow, Batch = ColumnsOf<Row>> {
  /** Rows of each batch but the last. @default 1, or no limit with `maxBatchBytes` */
  readonly batchSize?: number | undefined;
  /** Worker threads that read, decode and do the dataset's steps; 0: the calling thread does. @default 0 */
  readonly workers?: number | undefined;
  /** Leaves the last batch out if it is smaller than the others. @default false */
  readonly dropLast?: boolean | undefined;
  /** Makes a batch of rows, in the calling thread. @default an object of arrays, one for each column */
  readonly collate?: ((rows: Row[]) => Batch | Promise<Batch>) | undefined;
  /** Batches that each worker reads at a stretch, at least; it reads ahead as far as memory allows. @default 2 */
  readonly prefetchFactor?: number | undefined;
  /** Ends a batch before a row that would make it larger. A row that is larger by itself goes alone. */
  readonly maxBatchBytes?: number | undefined;
  /** The bytes of a row, for `maxBatchBytes`. @default what its strings, typed arrays and numbers take */
  readonly sizeOf?: ((row: Row) => number) | undefined;
}

const CHECKS: Checks<DataLoaderOptions<never, unknown>> = {
  batchSize: ["a whole number of rows, at least 1", isWhole(1)],
  workers: ["a whole number from 0 to 64", (value) => isWhole(0)(value) && (value as number) <= 64],
  dropLast: ["a boolean", isBoolean],
  collate: ["a function", isFunction],
  prefetchFactor: ["a whole number, at least 1", isWhole(1)],
  maxBatchBytes: ["a whole number of bytes, at least 1", isWhole(1)],
  sizeOf: ["a function", isFunction],
};

/** What rows come from: a dataset, or a module that makes one. */
type LoaderSource =
  | { readonly kind: "dataset"; readonly dataset: IterableDataset<object> }
  | ({ readonly kind: "module" } & ModuleSource);

/**
 * Batches of a dataset's rows, made by worker threads: the same batches in the same order for any number of them. A
 * dataset without functions goes to the workers as it is. One with functions is given as the URL of a module whose
 * default export makes it: `({ index, count, epoch }) => IterableDataset`; each worker calls it, and must be given the
 * same dataset, of which the loader deals the rows: do not cut it by `index` and `count`.
 *
 * Rows cross between threads by structured cloning: typed arrays come as they were (a `Buffer` as the `Uint8Array` that it
 * is), instances of classes as plain objects, functions not at all.
 *
 * Iterating rejects with the error of a worker that throws, after the batches before it, and with `WORKER_FAILED` if
 * workers die more than three times; those before are replaced, and go on where they ended.
 */
export class DataLoader<Row extends object = DatasetRow, Batch = ColumnsOf<Row>> implements AsyncIterable<Batch> {
  #source: LoaderSource;
  readonly #options: DataLoaderOptions<Row, Batch>;
  #last: RowIterator<Batch> | undefined;

  /** Does no I/O. Throws `INVALID_OPTION`, also for a dataset with functions if there are workers. */
  constructor(source: IterableDataset<Row> | string | URL, options: DataLoaderOptions<Row, Batch> = {}) {
    checkEach(options, CHECKS as Checks<DataLoaderOptions<Row, Batch>>, "DataLoader(dataset, {})");
    if (!isDataset(source) && typeof source !== "string" && !(source instanceof URL))
      throw invalidArgument("DataLoader(dataset)", "a dataset, or the URL of a module that makes one", source);
    if (options.sizeOf !== undefined && options.maxBatchBytes === undefined)
      throw new HfStreamError(
        "INVALID_OPTION",
        "DataLoader(dataset, { sizeOf }): `sizeOf` is for `maxBatchBytes`, which is missing.",
      );
    this.#source = isDataset(source)
      ? { kind: "dataset", dataset: source }
      : { kind: "module", url: moduleUrl(source), epoch: undefined, resumed: undefined };
    this.#options = { ...options };
    if (this.#source.kind === "dataset" && (options.workers ?? 0) > 0) recipeOf(this.#source.dataset); // for its errors
  }

  [Symbol.asyncIterator](): RowIterator<Batch> {
    const workers = this.#options.workers ?? 0;
    const feed = workers === 0 ? this.#inline() : this.#threaded(workers);
    const stop = makeController();
    const abort = (reason: unknown): void => {
      stop.abort(reason);
      feed.abort(reason);
    };
    const blocks = feed.blocks() as AsyncIterable<RowBlock<Row>>;
    this.#last = new RowIterator(batchesOf(blocks, { ...this.#options, signal: stop.signal }), { ...feed, abort });
    return this.#last;
  }

  /**
   * Where the batches end that the latest iteration has delivered: give it to `resume` of this loader or of the dataset,
   * also with another number of workers, or another batch size.
   */
  state(): DatasetState {
    return this.#last?.state() ?? this.#resting();
  }

  /** The batches that follow those that were delivered when `state` was asked for. */
  resume(state: DatasetState): DataLoader<Row, Batch> {
    const resumed = checkState(state);
    if (this.#source.kind === "dataset")
      return this.#with({ kind: "dataset", dataset: this.#source.dataset.resume(resumed) });
    const isBlank = resumed.fingerprint === "" && resumed.rest === null;
    return this.#with({ ...this.#source, epoch: resumed.epoch, resumed: isBlank ? undefined : resumed });
  }

  /** The batches of another epoch, counted from 0. */
  withEpoch(epoch: number): DataLoader<Row, Batch> {
    if (this.#source.kind === "dataset")
      return this.#with({ kind: "dataset", dataset: this.#source.dataset.withEpoch(epoch) });
    if (!isWhole(0)(epoch)) throw invalidArgument("withEpoch(epoch)", "a whole number, at least 0", epoch);
    const { resumed } = this.#source;
    return this.#with({ ...this.#source, epoch, resumed: resumed?.epoch === epoch ? resumed : undefined });
  }

  #with(source: LoaderSource): DataLoader<Row, Batch> {
    const given = source.kind === "dataset" ? (source.dataset as IterableDataset<Row>) : source.url;
    const loader = new DataLoader<Row, Batch>(given, this.#options);
    loader.#source = source;
    return loader;
  }

  #resting(): DatasetState {
    const source = this.#source;
    if (source.kind === "module") return restingStateOf(source);
    const iteration = iterationOf(source.dataset);
    iteration.abort(new Error("it is only asked for its state")); // and no longer listens to the user's signal
    return iteration.restingState();
  }

  /** Reads in this thread. */
  #inline(stats?: StreamStats): BatchFeed {
    const source = this.#source;
    if (source.kind === "dataset") return iterationFeed(iterationOf(source.dataset, stats));
    return moduleFeed(source, stats);
  }

  /** Reads in worker threads. */
  #threaded(workers: number): BatchFeed {
    const source = this.#source;
    const { batchSize = 1, prefetchFactor = 2 } = this.#options;
    const readers = source.kind === "dataset" ? readersOf(partsOf(source.dataset).spec) : [];
    const order: WorkerSource =
      source.kind === "dataset" ? { kind: "recipe", recipe: recipeOf(source.dataset) } : source;
    const taskRows = batchSize * prefetchFactor;
    const options = { source: order, workers, taskRows, resting: this.#resting() };
    return orInline(workerFeed(new WorkerFeed(options), signalOf(readers)), (stats) => this.#inline(stats));
  }
}

function isFunction(value: unknown): boolean {
  return typeof value === "function";
}

function iterationOf(dataset: IterableDataset<object>, stats?: StreamStats): Iteration {
  const { spec, situation, Iteration } = partsOf(dataset);
  return new Iteration(spec, situation, { share: 1, stats });
}

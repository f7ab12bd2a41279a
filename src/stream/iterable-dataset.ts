import type { RecordBatch } from "apache-arrow";
import { inspect } from "node:util";
import { checkEach, invalidArgument, isObject, isWhole } from "../fs/option-checks.ts";
import { type Filters, parseFilters } from "../parquet/predicate/filters.ts";
import { recordBatches } from "./dataset-batches.ts";
import { type DatasetInfo, describeDataset } from "./dataset-info.ts";
import { PARTS, partsOf, type ReadableParts } from "./dataset-parts.ts";
import { describeDatasetSpec } from "./describe-dataset.ts";
import { explainDataset, type Explanation } from "./explain.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { checkUnsettled, dealt, follow, repeated } from "./follow.ts";
import { Iteration, type Situation } from "./iteration.ts";
import { checkCount, isColumns } from "./options.ts";
import type { Equalize } from "./order/parts.ts";
import { shuffleSpec } from "./plan/shuffle-spec.ts";
import { type PlanSpec, readersOf, shapeOf, withErrorHandler } from "./plan/spec.ts";
import { type RowBlock, RowIterator } from "./row-iterator.ts";
import type { Awaitable, ColumnName, Columns, ColumnsOf, DatasetRow, Renamed, RowOf, Without } from "./row-types.ts";
import { checkState, type DatasetState } from "./state.ts";
import type { ErrorHandler } from "./steps/row-errors.ts";
import {
  BATCH_CHECKS,
  BATCHES_CHECKS,
  type BatchesOptions,
  type BatchOptions,
  checkMapOptions,
  checkPart,
  INFO_CHECKS,
  type InfoOptions,
  SHARD_CHECKS,
  type ShardOptions,
  SHUFFLE_CHECKS,
  type ShuffleOptions,
  SPLIT_CHECKS,
  type SplitByNodeOptions,
} from "./steps/step-options.ts";
import type { AnyRow, MapOptions, Step } from "./steps/steps.ts";

/** Rows that `shuffle` mixes at a time. */
const DEFAULT_WINDOW = 10_000;

/**
 * Rows of a dataset, read when they are iterated. Immutable: each method gives a new dataset. It can be iterated any
 * number of times, also at the same time; each iteration reads anew.
 */
export class IterableDataset<Row extends object = DatasetRow> implements AsyncIterable<Row> {
  /** How it was put together; the options, of which a token may be one, are in it. */
  readonly #spec: PlanSpec;
  /** Which of its rows are wanted. */
  readonly #situation: Situation;

  /** @internal Datasets are made by `loadDataset`, `interleaveDatasets` and `concatenateDatasets`. */
  constructor(spec: PlanSpec, situation: Situation = { epoch: 0, parts: [], resumed: undefined }) {
    shapeOf(spec); // for its errors
    this.#spec = spec;
    this.#situation = situation;
  }

  static {
    Object.defineProperties(this.prototype, {
      [PARTS]: {
        value(this: IterableDataset): ReadableParts {
          return { spec: this.#spec, situation: this.#situation, Iteration };
        },
      },
      [inspect.custom]: {
        value(this: IterableDataset): string {
          return describeDatasetSpec(this.#spec, this.#situation);
        },
      },
    });
  }

  /** Same as {@link rows}. */
  [Symbol.asyncIterator](): RowIterator<Row> {
    return this.rows();
  }

  /** Begins an iteration; nothing is read until the first row is asked for. */
  rows(): RowIterator<Row> {
    const iteration = new Iteration(this.#spec, this.#situation);
    return new RowIterator<Row>(iteration.rowBlocks() as AsyncGenerator<RowBlock<Row>>, iteration);
  }

  /**
   * The rows as apache-arrow record batches; no row objects are made. Batches have exactly `batchSize` rows but for the
   * last, or the sizes in which they were decoded if that is left out. Throws `INVALID_OPTION` after functions
   * (`filter(fn)`, `map`, `batch`), which work on rows, and for datasets that are joined.
   */
  batches(options: BatchesOptions = {}): AsyncIterable<RecordBatch> {
    checkEach(options, BATCHES_CHECKS, "batches({})");
    return recordBatches({ spec: this.#spec, situation: this.#situation }, options.batchSize);
  }

  /** The first `n` rows. */
  take(n: number): IterableDataset<Row> {
    checkCount("take(n)", n);
    return this.slice(0, n);
  }

  /** All but the first `n` rows, which are not fetched. */
  skip(n: number): IterableDataset<Row> {
    checkCount("skip(n)", n);
    return this.slice(n, Infinity);
  }

  /** Rows `[start, end)`; others are not fetched. */
  slice(start: number, end: number = Infinity): IterableDataset<Row> {
    checkCount("slice(start)", start);
    checkCount("slice(start, end)", end);
    return this.#with({ kind: "slice", start, end: Math.max(start, end) });
  }

  /** Only these columns, in this order; others are not fetched. */
  select<Name extends ColumnName<Row>>(columns: readonly Name[]): IterableDataset<Pick<Row, Name>> {
    if (!isColumns(columns)) throw invalidArgument("select(columns)", "a list of column names, each once", columns);
    return this.#with({ kind: "select", columns: [...columns] });
  }

  /** All but these columns, which are not fetched. */
  remove<Name extends ColumnName<Row>>(columns: readonly Name[]): IterableDataset<Without<Row, Name>> {
    if (!isColumns(columns)) throw invalidArgument("remove(columns)", "a list of column names, each once", columns);
    return this.#with({ kind: "remove", columns: [...columns] });
  }

  /** Columns under other names: `{ old: new }`. */
  rename<const Names extends Readonly<Record<string, string>>>(
    names: Names & { readonly [Name in keyof Names]: Name extends keyof Row ? string : never },
  ): IterableDataset<Renamed<Row, Names>> {
    if (!isObject(names) || !Object.values(names).every((name) => typeof name === "string"))
      throw invalidArgument("rename(names)", "an object of new names by old ones", names);
    return this.#with({ kind: "rename", names: new Map(Object.entries(names)) });
  }

  /**
   * The rows for which `test` gives something truthy, or that filters match (as pyarrow takes them). Filters are pushed
   * down: what cannot match is not fetched. A function is called on each row, and may be asynchronous.
   */
  filter<Kept extends Row>(test: (row: Row, index: number) => row is Kept): IterableDataset<Kept>;
  filter(test: Filters<Row> | ((row: Row, index: number) => Awaitable<unknown>)): IterableDataset<Row>;
  filter(test: Filters<Row> | ((row: Row, index: number) => Awaitable<unknown>)): IterableDataset<Row> {
    if (typeof test === "function") {
      return this.#with({ kind: "filter", test: test as (row: AnyRow, index: number) => unknown });
    }
    const predicate = parseFilters(test);
    return predicate === undefined ? this : this.#with({ kind: "where", predicate });
  }

  /**
   * Mixes the rows: the units (row groups) of the whole split in another order, then the rows of several units at a time,
   * `window` rows or those of eight units if that is more, as far as `memoryBudget` allows. The order is a function of
   * seed, epoch and place alone: the same wherever reading begins and whatever the timing. Footers of all files are
   * needed, once; their counts are in the shared cache. Parts are cut of the mixed order, and each mixes its own rows.
   */
  shuffle(options: ShuffleOptions = {}): IterableDataset<Row> {
    checkEach(options, SHUFFLE_CHECKS, "shuffle({})");
    const { seed = 0, window = DEFAULT_WINDOW } = options;
    checkUnsettled(partsOf(this), "shuffle");
    return new IterableDataset<Row>(shuffleSpec(this.#spec, { seed, window }), this.#situation);
  }

  /** The order of another epoch, counted from 0. What `resume` left of an epoch is for that epoch only. */
  withEpoch(epoch: number): IterableDataset<Row> {
    if (!isWhole(0)(epoch)) throw invalidArgument("withEpoch(epoch)", "a whole number, at least 0", epoch);
    const { resumed } = this.#situation;
    return this.#at({ epoch, resumed: resumed?.epoch === epoch ? resumed : undefined });
  }

  /** The rows `times` over, for ever if left out; each pass in the order of the next epoch. */
  repeat(times: number = Infinity): IterableDataset<Row> {
    checkCount("repeat(times)", times);
    const { spec, situation } = repeated(partsOf(this), times);
    return new IterableDataset<Row>(spec, situation);
  }

  /**
   * One of `count` parts: disjoint, complete, and of numbers of rows that differ by at most one (by those that filters
   * leave, where there are any). Each reads its own units only; one at a cut is read by two. `take`, `skip` and `slice`
   * after it are of the part; all else is done as if rows were dealt last, so that batches are made of the whole.
   */
  shard(options: ShardOptions): IterableDataset<Row> {
    checkEach(options, SHARD_CHECKS, "shard({})");
    const { count, index } = options;
    checkPart("shard({})", ["count", count], ["index", index]);
    return this.#part(count, index, "none");
  }

  /**
   * The part of one process of a distributed run, as {@link shard}. `equalize` makes all exactly equal: `drop` leaves the
   * last rows out, `pad` gives some twice.
   */
  splitByNode(options: SplitByNodeOptions): IterableDataset<Row> {
    checkEach(options, SPLIT_CHECKS, "splitByNode({})");
    const { worldSize, rank, equalize = "none" } = options;
    checkPart("splitByNode({})", ["worldSize", worldSize], ["rank", rank]);
    return this.#part(worldSize, rank, equalize);
  }

  /**
   * What is left of the iteration that gave `state`, in its epoch: no row is lost, none comes twice. Throws
   * `STATE_MISMATCH`, at the call or with the first row, for a state of another dataset, commit, pipeline or part. Steps
   * may follow; they are of the rest. Memory budget, threads, prefetch and connections may be others than before.
   */
  resume(state: DatasetState): IterableDataset<Row> {
    const resumed = checkState(state);
    return this.#at({ resumed, resumedAs: fingerprintOf(this.#spec), epoch: resumed.epoch });
  }

  /**
   * What happens to a row that cannot be decoded, mapped or filtered: the iteration fails (`throw`, as without), or goes
   * on without it (`skip`, counted in `stats.skippedRows`). A function gets the error, and which row of which row group
   * and file it was, and says which.
   */
  onError(handler: ErrorHandler): IterableDataset<Row> {
    if (handler !== "throw" && handler !== "skip" && typeof handler !== "function")
      throw invalidArgument("onError(handler)", "'throw', 'skip' or a function that returns one of them", handler);
    checkUnsettled(partsOf(this), "onError");
    return new IterableDataset<Row>(withErrorHandler(this.#spec, handler), this.#situation);
  }

  /**
   * Rows with what `fn` returns laid over them, as in Python: the same names replace, others are added, `remove` takes
   * away. The order is kept; an asynchronous `fn` runs on up to `concurrency` rows at once. `index` is the row's place
   * in the order, which filters do not change, nor where reading began.
   */
  map<Out extends object, Given extends ColumnName<Row> = ColumnName<Row>, Removed extends ColumnName<Row> = never>(
    fn: (row: Pick<Row, Given>, index: number) => Awaitable<Out | null | undefined | void>,
    options?: MapOptions<Given, Removed> & { readonly batched?: false | undefined },
  ): IterableDataset<Without<Row, keyof Out | Removed> & Out>;
  /** The same for `batchSize` rows at once: `fn` gets columns, and returns columns of as many rows as it likes. */
  map<Out extends Columns, Given extends ColumnName<Row> = ColumnName<Row>, Removed extends ColumnName<Row> = never>(
    fn: (columns: ColumnsOf<Pick<Row, Given>>, index: number) => Awaitable<Out | null | undefined | void>,
    options: MapOptions<Given, Removed> & { readonly batched: true },
  ): IterableDataset<Without<Row, keyof Out | Removed> & RowOf<Out>>;
  map<Out extends object>(
    fn: (row: never, index: number) => Awaitable<Out | null | undefined | void>,
    options: MapOptions = {},
  ): IterableDataset<Without<Row, keyof Out> & Out> {
    if (typeof fn !== "function") throw invalidArgument("map(fn)", "a function", fn);
    const checked = checkMapOptions(options);
    return this.#with({ kind: "map", fn: fn as (row: AnyRow, index: number) => unknown, options: checked });
  }

  /** Rows joined `n` at a time into rows of array columns; the last may hold fewer, unless `dropLast`. */
  batch(n: number, options: BatchOptions = {}): IterableDataset<ColumnsOf<Row>> {
    if (!isWhole(1)(n)) throw invalidArgument("batch(n)", "a whole number of rows, at least 1", n);
    checkEach(options, BATCH_CHECKS, "batch(n, {})");
    return this.#with({ kind: "batch", size: n, dropLast: options.dropLast ?? false });
  }

  /**
   * What is known of the dataset: `numRows` is `undefined` where neither the card nor a footer that was read tells it, unless
   * `scan` reads the footers of all files.
   */
  async info(options: InfoOptions = {}): Promise<DatasetInfo> {
    checkEach(options, INFO_CHECKS, "info({})");
    return await describeDataset(readersOf(this.#spec), { scan: options.scan ?? false });
  }

  /**
   * How many rows an iteration gives, exactly, from the footers of the files; `null` where only reading can tell, after
   * `filter`, a batched `map`, and where `onError` may leave rows out.
   */
  async numRows(): Promise<number | null> {
    return await new Iteration(this.#spec, this.#situation).countRows();
  }

  /** What iterating would read, and hold in memory; text by `String()`. Reads footers, no data. */
  async explain(): Promise<Explanation> {
    return await explainDataset(this.#spec, this.#situation);
  }

  #with<Out extends object>(step: Step): IterableDataset<Out> {
    const { spec, situation } = follow(partsOf(this), step);
    return new IterableDataset<Out>(spec, situation);
  }

  #at(situation: Partial<Situation>): IterableDataset<Row> {
    return new IterableDataset<Row>(this.#spec, { ...this.#situation, ...situation });
  }

  #part(count: number, index: number, equalize: Equalize): IterableDataset<Row> {
    const { spec, situation } = dealt(partsOf(this), { count, index, equalize });
    return new IterableDataset<Row>(spec, situation);
  }
}

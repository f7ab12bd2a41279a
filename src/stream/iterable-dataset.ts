import type { RecordBatch } from "apache-arrow";
import { HfStreamError } from "../errors.ts";
import type { RowBatch } from "../formats/types.ts";
import { createMeter } from "../hub/meter.ts";
import { type Filters, parseFilters } from "../parquet/predicate/filters.ts";
import type { DatasetReader } from "./dataset-reader.ts";
import { type DatasetInfo, describeDataset } from "./dataset-info.ts";
import { explainDataset, type Explanation } from "./explain.ts";
import { createMediaStep } from "./steps/decode-media.ts";
import { countLine } from "./line.ts";
import { checkEach, invalidOption, isObject, isWhole } from "../fs/option-checks.ts";
import { checkCount, isColumns } from "./options.ts";
import { toRecordBatches } from "./arrow/record-batches.ts";
import { RowDecoder } from "./arrow/row-decoder.ts";
import { type RowBlock, RowIterator } from "./row-iterator.ts";
import { applyRowSteps } from "./steps/row-steps.ts";
import {
  BATCH_CHECKS,
  BATCHES_CHECKS,
  type BatchesOptions,
  type BatchOptions,
  checkMapOptions,
  INFO_CHECKS,
  type InfoOptions,
} from "./steps/step-options.ts";
import { type AnyRow, compileSteps, type MapOptions, type Step } from "./steps/steps.ts";

/** A row as it comes: its columns as own properties. */
export type DatasetRow = Record<string, unknown>;

/** A value, or a promise of it. */
type Awaitable<T> = T | Promise<T>;

/** Rows joined: an array for each column. */
export type ColumnsOf<Row extends object> = { [Name in keyof Row]: Row[Name][] };

/** What a batched `map` gives: columns of values. */
type Columns = { readonly [name: string]: ArrayLike<unknown> };

/** A row of {@link Columns}. */
type RowOf<Out extends Columns> = { -readonly [Name in keyof Out]: Out[Name][number] };

/**
 * Rows of a dataset, read when they are iterated. Immutable: each method gives a new dataset. It can be iterated any
 * number of times, also at the same time; each iteration reads anew.
 */
export class IterableDataset<Row extends object = DatasetRow> implements AsyncIterable<Row> {
  readonly #reader: DatasetReader;
  readonly #steps: readonly Step[];

  /** Datasets are made by `loadDataset`. */
  constructor(reader: DatasetReader, steps: readonly Step[]) {
    this.#reader = reader;
    this.#steps = steps;
  }

  /** Same as {@link rows}. */
  [Symbol.asyncIterator](): RowIterator<Row> {
    return this.rows();
  }

  /** Begins an iteration; nothing is read until the first row is asked for. */
  rows(): RowIterator<Row> {
    const { pipeline, batches, stats, abort, signal } = this.#reader.iterate(this.#steps);
    const { settings } = this.#reader;
    const blocks = async function* (): AsyncGenerator<RowBlock<AnyRow>> {
      let decoder: RowDecoder | undefined;
      for await (const batch of batches) {
        const { columns } = await pipeline;
        decoder ??= new RowDecoder(columns, settings);
        yield blockOf(batch, decoder);
      }
    };
    const isPlain = !settings.decodeMedia && !this.#steps.some(isRowStep);
    const steps = async (): Promise<readonly Step[]> => {
      const { columns, rowSteps } = await pipeline;
      if (!settings.decodeMedia) return rowSteps;
      return [await createMediaStep((await this.#reader.open()).features, columns), ...rowSteps];
    };
    const stepped = isPlain ? blocks() : applyToBlocks(blocks(), steps, signal);
    return new RowIterator<Row>({
      blocks: stepped as AsyncGenerator<RowBlock<Row>>,
      stats,
      abort,
      signal: settings.signal,
    });
  }

  /**
   * The rows as apache-arrow record batches; no row objects are made. Batches have exactly `batchSize` rows but for the
   * last, or the sizes in which they were decoded if that is left out. Throws `INVALID_OPTION` after functions
   * (`filter(fn)`, `map`, `batch`), which work on rows.
   */
  batches(options: BatchesOptions = {}): AsyncIterable<RecordBatch> {
    checkEach(options, BATCHES_CHECKS, "batches");
    const { batchSize } = options;
    const step = this.#steps.find(isRowStep);
    if (step !== undefined)
      throw new HfStreamError(
        "INVALID_OPTION",
        `\`batches()\` gives data as it is stored: it cannot follow \`${step.kind}\`. Use \`rows()\`.`,
      );
    const reader = this.#reader;
    const steps = this.#steps;
    return {
      async *[Symbol.asyncIterator]() {
        const { pipeline, batches, abort, signal } = reader.iterate(steps);
        try {
          const { schema } = await reader.open({ signal });
          yield* toRecordBatches(batches, { schema, batchSize, columns: async () => (await pipeline).columns });
        } finally {
          abort(new Error("the consumer left"));
        }
      },
    };
  }

  /** The first `n` rows. */
  take(n: number): IterableDataset<Row> {
    checkCount("n", n);
    return this.slice(0, n);
  }

  /** All but the first `n` rows, which are not fetched. */
  skip(n: number): IterableDataset<Row> {
    checkCount("n", n);
    return this.slice(n, Infinity);
  }

  /** Rows `[start, end)`; others are not fetched. */
  slice(start: number, end: number = Infinity): IterableDataset<Row> {
    checkCount("start", start);
    checkCount("end", end);
    return this.#with({ kind: "slice", start, end: Math.max(start, end) });
  }

  /** Only these columns, in this order; others are not fetched. */
  select<Name extends keyof Row & string>(columns: readonly Name[]): IterableDataset<Pick<Row, Name>> {
    if (!isColumns(columns)) throw invalidOption("columns", "a list of column names, each once", columns);
    return this.#with({ kind: "select", columns: [...columns] });
  }

  /** All but these columns, which are not fetched. */
  remove<Name extends keyof Row & string>(columns: readonly Name[]): IterableDataset<Omit<Row, Name>> {
    if (!isColumns(columns)) throw invalidOption("columns", "a list of column names, each once", columns);
    return this.#with({ kind: "remove", columns: [...columns] });
  }

  /** Columns under other names: `{ old: new }`. */
  rename(names: Readonly<Record<string, string>>): IterableDataset {
    if (!isObject(names) || !Object.values(names).every((name) => typeof name === "string"))
      throw invalidOption("names", "an object of new names by old ones", names);
    return this.#with({ kind: "rename", names: new Map(Object.entries(names)) });
  }

  /**
   * The rows for which `test` gives something truthy, or that filters match (as pyarrow takes them). Filters are pushed
   * down: what cannot match is not fetched. A function is called on each row, and may be asynchronous.
   */
  filter(test: Filters | ((row: Row, index: number) => Awaitable<unknown>)): IterableDataset<Row> {
    if (typeof test === "function") {
      return this.#with({ kind: "filter", test: test as (row: AnyRow, index: number) => unknown });
    }
    const predicate = parseFilters(test);
    return predicate === undefined ? this : this.#with({ kind: "where", predicate });
  }

  /**
   * Rows with what `fn` returns laid over them, as in Python: the same names replace, others are added, `remove` takes
   * away. The order is kept; an asynchronous `fn` runs on up to `concurrency` rows at once. `index` counts the rows
   * that reach this step.
   */
  map<Out extends object>(
    fn: (row: Row, index: number) => Awaitable<Out | null | undefined | void>,
    options?: MapOptions & { readonly batched?: false | undefined },
  ): IterableDataset<Omit<Row, keyof Out> & Out>;
  /** The same for `batchSize` rows at once: `fn` gets columns, and returns columns of as many rows as it likes. */
  map<Out extends Columns>(
    fn: (columns: ColumnsOf<Row>, index: number) => Awaitable<Out | null | undefined | void>,
    options: MapOptions & { readonly batched: true },
  ): IterableDataset<Omit<Row, keyof Out> & RowOf<Out>>;
  map<Out extends object>(
    fn: (row: never, index: number) => Awaitable<Out | null | undefined | void>,
    options: MapOptions = {},
  ): IterableDataset<Omit<Row, keyof Out> & Out> {
    if (typeof fn !== "function") throw invalidOption("fn", "a function", fn);
    const checked = checkMapOptions(options);
    return this.#with({ kind: "map", fn: fn as (row: AnyRow, index: number) => unknown, options: checked });
  }

  /** Rows joined `n` at a time into rows of array columns; the last may hold fewer, unless `dropLast`. */
  batch(n: number, options: BatchOptions = {}): IterableDataset<ColumnsOf<Row>> {
    if (!isWhole(1)(n)) throw invalidOption("n", "a whole number of rows, at least 1", n);
    checkEach(options, BATCH_CHECKS, "batch");
    return this.#with({ kind: "batch", size: n, dropLast: options.dropLast ?? false });
  }

  /**
   * What is known of the dataset: `numRows` is `undefined` where neither the card nor a footer that was read tells it, unless
   * `scan` reads the footers of all files.
   */
  async info(options: InfoOptions = {}): Promise<DatasetInfo> {
    checkEach(options, INFO_CHECKS, "info");
    return await describeDataset(this.#reader, { scan: options.scan ?? false });
  }

  /**
   * How many rows an iteration gives, exactly, from the footers of the files; `null` where only reading can tell, after
   * `filter` and batched `map`.
   */
  async numRows(): Promise<number | null> {
    const { signal } = this.#reader.settings;
    if (this.#steps.some(hidesCount)) return null;
    const reading = { signal, meter: createMeter() };
    const dataset = await this.#reader.open(reading);
    compileSteps(this.#steps, dataset.schema, dataset.id); // for its errors
    const { rows } = await countLine(dataset.line, this.#reader.lineOptions(dataset, reading));
    return this.#steps.reduce(countAfter, rows);
  }

  /** What iterating would read, and hold in memory; text by `String()`. Reads footers, no data. */
  async explain(): Promise<Explanation> {
    return await explainDataset(this.#reader, this.#steps);
  }

  #with<Out extends object>(step: Step): IterableDataset<Out> {
    return new IterableDataset<Out>(this.#reader, [...this.#steps, step]);
  }
}

function blockOf({ batch, rows }: RowBatch, decoder: RowDecoder): RowBlock<AnyRow> {
  const read = decoder.reader(batch);
  if (rows === undefined) return { length: batch.numRows, at: read };
  return { length: rows.length, at: (index) => read(rows[index] as number) };
}

async function* applyToBlocks(
  blocks: AsyncIterable<RowBlock<AnyRow>>,
  steps: () => Promise<readonly Step[]>,
  signal: AbortSignal,
): AsyncGenerator<RowBlock<AnyRow>> {
  const rows = async function* (): AsyncGenerator<AnyRow> {
    for await (const block of blocks) {
      for (let index = 0; index < block.length; index += 1) yield block.at(index);
    }
  };
  const iterator = rows();
  try {
    const first = await iterator.next(); // the steps are sorted when the schema is known, which the first row shows
    const all = async function* (): AsyncGenerator<AnyRow> {
      if (first.done === true) return;
      yield first.value;
      yield* iterator;
    };
    for await (const row of applyRowSteps(all(), await steps(), { signal })) yield { length: 1, at: () => row };
  } finally {
    await iterator.return(undefined); // a step that wants no rows never closes it
  }
}

function isRowStep({ kind }: Step): boolean {
  return kind === "filter" || kind === "map" || kind === "batch";
}

function hidesCount(step: Step): boolean {
  return step.kind === "filter" || step.kind === "where" || (step.kind === "map" && step.options.batched === true);
}

function countAfter(rows: number, step: Step): number {
  if (step.kind === "slice") return Math.max(0, Math.min(rows, step.end) - step.start);
  if (step.kind === "batch") return step.dropLast ? Math.floor(rows / step.size) : Math.ceil(rows / step.size);
  return rows;
}

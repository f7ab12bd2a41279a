import { LRUCache } from "lru-cache";
import type { Schema } from "apache-arrow";
import { linkController } from "../async/abort.ts";
import { SingleFlight } from "../async/single-flight.ts";
import { HfStreamError, isHfStreamError } from "../errors.ts";
import type { OpenFile, RowBatch } from "../formats/types.ts";
import { LocalSource } from "../fs/byte-source.ts";
import { download } from "../fs/download.ts";
import { cacheOptions } from "../fs/hub-store.ts";
import type { ByteSource, DataFile, ReadOptions } from "../fs/types.ts";
import { createMeter } from "../hub/meter.ts";
import { createDecoder, type Decoder } from "../parquet/decode/decoder.ts";
import { parseFooter, readFooter } from "../parquet/footer/footer.ts";
import { ParquetFile } from "../parquet/parquet-file.ts";
import type { Features } from "../resolve/features/features.ts";
import { chooseSplits } from "../resolve/split-spec.ts";
import { applyBatchSteps } from "./steps/batch-steps.ts";
import type { DatasetSource, ResolvedDataset } from "./dataset-source.ts";
import { type LinePart, type LineOptions, lineOf, spansOf } from "./line.ts";
import type { ReadSettings } from "./options.ts";
import { checkSameKinds } from "./arrow/schema-check.ts";
import { readSpans } from "./scheduler.ts";
import { createStats, type StreamStats } from "./stats.ts";
import { compileSteps, type Pipeline, type Step } from "./steps/steps.ts";

/** A dataset whose first file is open: the schema is known. */
export interface OpenDataset extends ResolvedDataset {
  readonly split: string;
  readonly line: readonly LinePart[];
  readonly files: readonly DataFile[];
  readonly schema: Schema;
  readonly features: Features;
  /** Rows of the first file that can be read. */
  readonly firstRows: number;
}

/** An iteration under way. */
export interface Iteration {
  readonly pipeline: Promise<Pipeline>;
  readonly batches: AsyncGenerator<RowBatch>;
  readonly stats: StreamStats;
  /** Aborts when {@link abort} is called, and when the signal of the options does. */
  readonly signal: AbortSignal;
  abort(reason: unknown): void;
}

/** Parsed footers kept in memory: those of the files being read, and some to come. */
const OPEN_FILES = 64;
/** Errors that are a file's own fault. */
const BAD_FILE_CODES = ["CORRUPT_FILE", "ENTRY_NOT_FOUND", "FILE_CHANGED", "UNSUPPORTED_FORMAT"] as const;

/** Reads one split expression of a dataset, any number of times, also at the same time. */
export class DatasetReader {
  readonly source: DatasetSource;
  readonly settings: ReadSettings;
  readonly #split: string | undefined;
  readonly #resolving = new SingleFlight<OpenDataset>();
  readonly #opening = new SingleFlight<OpenFile>();
  readonly #openFiles = new LRUCache<string, OpenFile>({ max: OPEN_FILES });
  #open: OpenDataset | undefined;

  constructor(source: DatasetSource, settings: ReadSettings, split: string | undefined) {
    this.source = source;
    this.settings = settings;
    this.#split = split;
  }

  /** Resolves the dataset and opens its first readable file, once. */
  async open(options: ReadOptions = {}): Promise<OpenDataset> {
    this.#open ??= await this.#resolving.run("", (signal) => this.#resolve({ ...options, signal }), options);
    return this.#open;
  }

  /** Starts to read when the batches are first asked for. */
  iterate(steps: readonly Step[]): Iteration {
    const stats = createStats(createMeter());
    const stop = linkController(this.settings.signal);
    const { promise, resolve, reject } = deferred<Pipeline>();
    promise.catch(() => {}); // whoever reads the batches gets the error
    const batches = this.#run(steps, stats, stop.signal, resolve);
    return {
      pipeline: promise,
      stats,
      batches,
      signal: stop.signal,
      abort: (reason) => {
        stop.abort(reason);
        stop.dispose();
        reject(reason as Error);
      },
    };
  }

  /** How to walk the line; a file that is left out because it is bad is noted in `stats`. */
  lineOptions(dataset: ResolvedDataset, options: ReadOptions, stats?: StreamStats): LineOptions {
    const open = async (file: DataFile, opening: ReadOptions): Promise<OpenFile | undefined> => {
      try {
        return await this.#openFile(dataset, file, opening);
      } catch (error) {
        this.#onBadFile(error, file.path, stats);
        return undefined;
      }
    };
    return { ...options, open, ahead: this.settings.prefetchDepth };
  }

  async *#run(
    steps: readonly Step[],
    stats: StreamStats,
    signal: AbortSignal,
    onPipeline: (pipeline: Pipeline) => void,
  ): AsyncGenerator<RowBatch> {
    signal.throwIfAborted();
    const decoder = createDecoder(this.settings.decodeThreads);
    try {
      yield* this.#read(steps, { decoder, stats, signal, onPipeline });
    } finally {
      await decoder.close();
    }
  }

  async *#read(steps: readonly Step[], { decoder, stats, signal, onPipeline }: ReadParts): AsyncGenerator<RowBatch> {
    const reading: ReadOptions = { signal, meter: stats };
    const dataset = await this.open(reading);
    const pipeline = compileSteps(steps, dataset.schema, dataset.id);
    onPipeline(pipeline);
    let units = 0;
    const onFile = (count: number, isLast: boolean): void => {
      units += count;
      if (isLast) stats.unitsTotal = units;
    };
    const spans = spansOf(dataset.line, pipeline, { ...this.lineOptions(dataset, reading, stats), onFile });
    const checked = checkSameKinds(spans, dataset.schema, pipeline.reads, (error, path) =>
      this.#onBadFile(error, path, stats),
    );
    const batches = readSpans(checked, {
      ...this.settings,
      ...reading,
      decoder,
      stats,
      columns: pipeline.reads,
      predicate: pipeline.pruning,
      onBadFile: (error, path) => this.#onBadFile(error, path, stats),
    });
    yield* pipeline.batchSteps.length === 0 ? batches : applyBatchSteps(batches, pipeline.batchSteps);
  }

  async #resolve(options: ReadOptions): Promise<OpenDataset> {
    const resolved = await this.source.resolve(options);
    const { config, id } = resolved;
    if (config.format !== "parquet") {
      throw new HfStreamError(
        "UNSUPPORTED_FORMAT",
        `Dataset ${id} is of format '${config.format}', which cannot be read yet; Parquet can. ` +
          "The Hub keeps a Parquet copy of most datasets: `revision: 'refs/convert/parquet'`.",
        { path: id },
      );
    }
    const parts = chooseSplits(
      config.splits.map(({ name }) => name),
      this.#split,
      id,
    );
    const line = lineOf(config, parts);
    const files = [...new Set(line.flatMap((part) => part.files))];
    if (!this.settings.streaming) for (const file of files) await this.#downloadOrSkip(resolved, file, options);
    const first = await this.#firstFile(resolved, files, options);
    const split = this.#split ?? parts[0]?.split ?? "";
    const features = config.features ?? first.features();
    const firstRows = first.units.reduce((sum, { rows }) => sum + rows, 0);
    return { ...resolved, split, line, files, schema: first.schema, features, firstRows };
  }

  async #firstFile(dataset: ResolvedDataset, files: readonly DataFile[], options: ReadOptions): Promise<OpenFile> {
    const { open } = this.lineOptions(dataset, options);
    for (const file of files) {
      const first = await open(file, options);
      if (first !== undefined) return first;
    }
    throw new HfStreamError("NO_DATA_FILES", `Dataset ${dataset.id}: none of its ${files.length} files can be read.`, {
      path: dataset.id,
    });
  }

  /** Opens a data file. Its footer comes from memory, else from the shared cache, else from one read of its tail. */
  async #openFile(dataset: ResolvedDataset, file: DataFile, options: ReadOptions): Promise<OpenFile> {
    const known = this.#openFiles.get(file.path);
    if (known !== undefined) return known;
    return await this.#opening.run(
      file.path,
      async (signal) => {
        const reading = { ...options, signal };
        const source = await this.#openSource(dataset, file, reading);
        const footer = await this.source.hub.cache.getOrCreate(
          ["footers", file.oid],
          async (producing) => await readFooter(source, { ...reading, signal: producing }),
          cacheOptions(reading),
        );
        const opened = new ParquetFile(source, parseFooter(footer, source));
        this.#openFiles.set(file.path, opened);
        return opened;
      },
      options,
    );
  }

  /** Opens the file where it is, or the copy in the cache that is made of it first. */
  async #openSource(dataset: ResolvedDataset, file: DataFile, options: ReadOptions): Promise<ByteSource> {
    const source = await dataset.open(file, options);
    if (this.settings.streaming || source instanceof LocalSource) return source;
    const target = this.source.hub.cache.fileOf(["files", file.oid]);
    return await download(source, target, { ...options, blockSize: this.settings.blockSize });
  }

  async #downloadOrSkip(dataset: ResolvedDataset, file: DataFile, options: ReadOptions): Promise<void> {
    try {
      await this.#openSource(dataset, file, options);
    } catch (error) {
      this.#onBadFile(error, file.path, undefined); // counted by the iteration that meets it
    }
  }

  #onBadFile(error: unknown, path: string, stats: StreamStats | undefined): void {
    if (this.settings.onBadFile === "throw" || !isHfStreamError(error, ...BAD_FILE_CODES)) throw error;
    if (stats === undefined) return;
    stats.skipped += 1;
    stats.skippedFiles.push({ path, reason: error.message });
  }
}

interface ReadParts {
  readonly decoder: Decoder;
  readonly stats: StreamStats;
  readonly signal: AbortSignal;
  readonly onPipeline: (pipeline: Pipeline) => void;
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (reason: Error) => void } {
  let resolve: (value: T) => void = () => {};
  let reject: (reason: Error) => void = () => {};
  const promise = new Promise<T>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  return { promise, resolve, reject };
}

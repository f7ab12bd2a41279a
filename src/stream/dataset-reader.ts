import { createHash } from "node:crypto";
import { LRUCache } from "lru-cache";
import { mapAhead } from "../async/map-ahead.ts";
import { SingleFlight } from "../async/single-flight.ts";
import { HfStreamError, isHfStreamError } from "../errors.ts";
import type { OpenFile } from "../formats/types.ts";
import { isCommitGone } from "../fs/byte-source.ts";
import { cacheOptions } from "../fs/cache-options.ts";
import { download } from "../fs/download.ts";
import type { ByteSource, DataFile, ReadOptions } from "../fs/types.ts";
import { parseFooter, readFooter } from "../parquet/footer/footer.ts";
import type { FileMetadata } from "../parquet/footer/metadata.ts";
import { redact } from "../redact.ts";
import { ParquetFile } from "../parquet/parquet-file.ts";
import type { Features } from "../resolve/features/features.ts";
import { chooseSplits } from "../resolve/split-spec.ts";
import { type Contract, contractOf } from "./arrow/cast/contract.ts";
import { DatasetSource, type ResolvedDataset } from "./dataset-source.ts";
import { COUNTING_AHEAD, type LinePart, type LineOptions, lineOf } from "./line.ts";
import { type FileUnits, LineIndex, unitsOfFile } from "./line-index.ts";
import { type LoadDatasetOptions, readSettings, type ReadSettings } from "./options.ts";
import type { StreamStats } from "./stats.ts";

/** A dataset whose first file is open: what its columns are given as is known. */
export interface OpenDataset extends ResolvedDataset {
  readonly split: string;
  readonly line: readonly LinePart[];
  readonly files: readonly DataFile[];
  readonly contract: Contract;
  readonly features: Features;
  /** The first file that can be read. */
  readonly first: OpenFile;
}

/** Parsed footers kept in memory: those of the files being read, and some to come. */
const OPEN_FILES = 64;
const NO_UNITS: FileUnits = { rows: [], bytes: [] };
/** Errors that are a file's own fault: one that is sound, but too much for this machine or package, is not left out unseen. */
const BAD_FILE_CODES = ["CORRUPT_FILE", "ENTRY_NOT_FOUND", "FILE_CHANGED"] as const;

/** Reads one split expression of a dataset, any number of times, also at the same time. */
export class DatasetReader {
  readonly id: string;
  /** As they were given. */
  readonly options: LoadDatasetOptions;
  readonly source: DatasetSource;
  readonly settings: ReadSettings;
  readonly #split: string | undefined;
  readonly #resolving = new SingleFlight<OpenDataset>();
  readonly #opening = new SingleFlight<OpenFile>();
  readonly #openFiles = new LRUCache<string, OpenFile>({ max: OPEN_FILES });
  readonly #counting = new SingleFlight<ReadonlyMap<string, FileUnits>>();
  #open: OpenDataset | undefined;
  #units: ReadonlyMap<string, FileUnits> | undefined;
  /** The files that counting found to be unreadable, and why. */
  readonly #unreadable = new Map<string, unknown>();

  /** Does no I/O. `options` are checked already. Throws `INVALID_OPTION` for a name that can be none. */
  constructor(id: string, options: LoadDatasetOptions) {
    this.id = id;
    this.options = options;
    this.source = new DatasetSource(id, options);
    this.settings = readSettings(options);
    this.#split = options.split ?? this.source.split;
  }

  /** What {@link open} found, if it was called. */
  get opened(): OpenDataset | undefined {
    return this.#open;
  }

  /** Resolves the dataset and opens its first readable file, once. */
  async open(options: ReadOptions = {}): Promise<OpenDataset> {
    this.#open ??= await this.#resolving.run("", (signal) => this.#resolveAnew({ ...options, signal }), options);
    return this.#open;
  }

  /**
   * Resolves the dataset again, since its commit is gone: history was rewritten. Tells whether there is another commit
   * now, of which all is to be read anew.
   */
  async reopen(options: ReadOptions = {}): Promise<boolean> {
    const before = this.#open;
    this.#open = undefined;
    this.#units = undefined;
    this.#unreadable.clear();
    return (await this.open(options)).commit !== before?.commit;
  }

  /**
   * Knows all units of rows `[start, end)` of the line, by the footers of all files. Once read for a list of files, their
   * counts are in the shared cache: whoever reads the same files then needs the footers of those only that it reads.
   * Files that are left out because they cannot be read are noted in `stats`.
   */
  async index(
    base: { readonly start: number; readonly end: number },
    options: ReadOptions,
    stats?: StreamStats,
  ): Promise<LineIndex> {
    const dataset = await this.open(options);
    const run = async (signal: AbortSignal): Promise<ReadonlyMap<string, FileUnits>> =>
      await this.#count(dataset, { ...options, signal });
    const units = (this.#units ??= await this.#counting.run("", run, options));
    for (const [path, error] of this.#unreadable) noteSkipped(error, path, stats);
    return new LineIndex(dataset.line, ({ path }) => units.get(path) ?? NO_UNITS, base);
  }

  /** How to walk the line; a file that is left out because it is bad is noted in `stats`. */
  lineOptions(dataset: ResolvedDataset, options: ReadOptions, stats?: StreamStats): LineOptions {
    const open = async (file: DataFile, opening: ReadOptions): Promise<OpenFile | undefined> => {
      try {
        return await this.#openFile(dataset, file, opening);
      } catch (error) {
        await this.onBadFile(error, { dataset, path: file.path }, options, stats);
        return undefined;
      }
    };
    return { ...options, open, ahead: () => this.settings.prefetchDepth };
  }

  async #count(dataset: OpenDataset, options: ReadOptions): Promise<ReadonlyMap<string, FileUnits>> {
    const { files } = dataset;
    // What is left out because it cannot be read today is not to be left out for ever.
    const counted =
      this.settings.onBadFile === "skip"
        ? await this.#countFiles(dataset, options)
        : await this.#countShared(dataset, options);
    return new Map(files.map((file, index) => [file.path, counted[index] ?? NO_UNITS]));
  }

  async #countShared(dataset: OpenDataset, options: ReadOptions): Promise<readonly FileUnits[]> {
    const list = createHash("sha256").update(dataset.files.map(({ oid }) => oid).join("\n"));
    const bytes = await this.source.hub.cache.getOrCreate(
      this.source.hub.contentKey("units", list.digest("hex")),
      async (signal) =>
        new TextEncoder().encode(JSON.stringify(await this.#countFiles(dataset, { ...options, signal }))),
      cacheOptions(options),
    );
    return JSON.parse(new TextDecoder().decode(bytes)) as FileUnits[];
  }

  async #countFiles(dataset: OpenDataset, options: ReadOptions): Promise<FileUnits[]> {
    const count = async (file: DataFile, { signal }: { readonly signal: AbortSignal }): Promise<FileUnits> => {
      try {
        return unitsOfFile(await this.#openFile(dataset, file, { ...options, signal }));
      } catch (error) {
        await this.onBadFile(error, { dataset, path: file.path }, options); // noted by each iteration that leaves it out
        this.#unreadable.set(file.path, error);
        return NO_UNITS;
      }
    };
    const counted: FileUnits[] = [];
    const { signal } = options;
    const total = dataset.files.length;
    const tell = (): void =>
      this.settings.onProgress?.({ stage: "footers", done: counted.length, total, unit: "files" });
    tell();
    for await (const units of mapAhead(dataset.files, count, { ahead: COUNTING_AHEAD, signal })) {
      counted.push(units);
      tell();
    }
    return counted;
  }

  async #resolve(options: ReadOptions): Promise<OpenDataset> {
    const resolved = await this.source.resolve(options);
    const { config, id } = resolved;
    if (config.format !== "parquet") {
      const what = `Dataset ${id} is of format '${config.format}', which cannot be read yet; Parquet can.`;
      throw new HfStreamError("UNSUPPORTED_FORMAT", what, { path: id });
    }
    const parts = chooseSplits(
      config.splits.map(({ name }) => name),
      this.#split,
      id,
    );
    const line = lineOf(config, parts);
    const files = [...new Set(line.flatMap((part) => part.files))];
    if (!this.settings.streaming) await this.#download(resolved, files, options);
    const first = await this.#firstFile(resolved, files, options);
    const split = this.#split ?? parts[0]?.split ?? "";
    const features = config.features ?? first.features();
    return { ...resolved, split, line, files, contract: contractOf(config.features, first), features, first };
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
    const key = `${file.oid} ${file.path}`;
    const known = this.#openFiles.get(key);
    if (known !== undefined) return known;
    return await this.#opening.run(
      key,
      async (signal) => {
        const reading = { ...options, signal };
        const source = await this.#openSource(dataset, file, reading);
        const opened = new ParquetFile(source, await this.#footerOf(source, file, reading));
        this.#openFiles.set(key, opened);
        return opened;
      },
      options,
    );
  }

  async #footerOf(source: ByteSource, { oid }: DataFile, options: ReadOptions): Promise<FileMetadata> {
    const { cache } = this.source.hub;
    const key = this.source.hub.contentKey("footers", oid);
    const read = async (): Promise<FileMetadata> => {
      const ask = async (signal: AbortSignal | undefined): Promise<Uint8Array> =>
        await readFooter(source, { ...options, signal });
      return parseFooter(await cache.getOrCreate(key, ask, cacheOptions(options)), source);
    };
    try {
      return await read();
    } catch (error) {
      if (!isHfStreamError(error, "CORRUPT_FILE")) throw error;
      await cache.drop(key); // what is damaged is not kept, and may have been damaged on its way
      return await read();
    }
  }

  /** Opens the file where it is, or the copy in the cache that is made of it first. */
  async #openSource(
    dataset: ResolvedDataset,
    file: DataFile,
    options: ReadOptions,
    onBytes?: (bytes: number) => void,
  ): Promise<ByteSource> {
    const source = dataset.open(file);
    if (this.settings.streaming) return source;
    if (source.findOnDisk !== undefined) {
      await source.findOnDisk();
      return source;
    }
    const { cache } = this.source.hub;
    const target = this.source.hub.placeOfCopy(file.oid);
    const { blockSize } = this.settings;
    const copy = await download(source, target, { ...options, blockSize, onBytes });
    if (copy !== source) cache.holds(target, copy.size, this);
    return copy;
  }

  /** Copies files to the cache, and tells how far that is; what is there already counts as copied. */
  async #download(dataset: ResolvedDataset, files: readonly DataFile[], options: ReadOptions): Promise<void> {
    const total = files.reduce((sum, { size }) => sum + size, 0);
    let before = 0;
    const tell = (done: number): void => this.settings.onProgress?.({ stage: "download", done, total, unit: "bytes" });
    tell(0);
    for (const file of files) {
      let copied = 0;
      try {
        await this.#openSource(dataset, file, options, (bytes) => tell(before + (copied += bytes)));
      } catch (error) {
        await this.onBadFile(error, { dataset, path: file.path }, options); // counted by the iteration that meets it
      }
      before += file.size;
      tell(before);
    }
  }

  /**
   * Throws what went wrong with a file, or notes it in `stats` where such files are to be left out. Files of a commit that
   * is gone are not bad: all of them would be.
   */
  async onBadFile(
    error: unknown,
    { dataset, path }: { readonly dataset: ResolvedDataset; readonly path: string },
    options: ReadOptions,
    stats?: StreamStats,
  ): Promise<void> {
    if (this.settings.onBadFile === "throw" || !isHfStreamError(error, ...BAD_FILE_CODES)) throw error;
    if (isCommitGone(error) && !(await this.source.hasCommit(dataset, options))) throw error;
    noteSkipped(error, path, stats);
  }

  async #resolveAnew(options: ReadOptions): Promise<OpenDataset> {
    try {
      return await this.#resolve(options);
    } catch (error) {
      if (!isCommitGone(error)) throw await this.source.adviseConversion(error, options);
      return await this.#resolve(options); // what led to the commit is forgotten
    }
  }
}

function noteSkipped(error: unknown, path: string, stats: StreamStats | undefined): void {
  if (stats === undefined || stats.skippedFiles.some((file) => file.path === redact(path))) return;
  stats.skipped += 1;
  stats.skippedFiles.push({ path: redact(path), reason: (error as Error).message });
}

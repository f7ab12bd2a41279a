import type { AbortOptions } from "../async/abort.ts";
import type { DataFile } from "../fs/types.ts";
import type { Features } from "./features/features.ts";
import type { FormatName } from "./files/formats.ts";

/** Where a dataset's names are looked up: a Hub repo at a commit, or a local folder. */
export interface DatasetRepo {
  /** As users name it, for messages: `org/name`, or the path of a folder. */
  readonly id: string;
  /** Every file, in any order; paths from the root. */
  readonly files: readonly DataFile[];
  /** Reads a small text file of the repo: the card and its companions. */
  readText(path: string, options?: AbortOptions): Promise<string>;
}

/**
 * Lists the files that an absolute pattern (`hf://…`, `https://…`, `/folder/*.parquet`) names, sorted, by the glob rules
 * of `compileGlob`; an empty list where there are none. What is hidden or of no known format is filtered out here.
 */
export type ListExternal = (pattern: string, options?: AbortOptions) => Promise<DataFile[]>;

/** A pattern, several, or some per split. */
export type DataFilesOption = string | readonly string[] | Readonly<Record<string, string | readonly string[]>>;

/** What a user asked for besides the dataset itself. */
export interface ResolveOptions extends AbortOptions {
  /** The config (subset) to resolve; left out, the default one. */
  readonly config?: string | undefined;
  /** Replaces the data files that the dataset card or the file names tell. */
  readonly dataFiles?: DataFilesOption | undefined;
  /** Only files below this folder; relative `dataFiles` start from it. */
  readonly dataDir?: string | undefined;
  /** Replaces the features that the dataset declares. */
  readonly features?: Features | undefined;
  /**
   * Set when the dataset is named by a format, as in `loadDataset('csv', { dataFiles })`: nothing is inferred from
   * names then, and every pattern, also a relative one, goes to `listExternal` as it is, behind `dataDir` if given.
   */
  readonly format?: FormatName | undefined;
  /** Lists patterns that point out of the repo; without it they are an error. */
  readonly listExternal?: ListExternal | undefined;
}

/** One split: a name and the files whose rows, in this order, it consists of. */
export interface ResolvedSplit {
  readonly name: string;
  /** In reading order, each once; never empty. */
  readonly files: readonly DataFile[];
  /** From `dataset_info`, where the files are the declared ones; a claim of the card, not a count. */
  readonly numRows?: number | undefined;
  /** From `dataset_info`: bytes of the data once decoded. */
  readonly numBytes?: number | undefined;
}

/** One config of a dataset, as far as names can tell. */
export interface ResolvedConfig {
  readonly name: string;
  readonly format: FormatName;
  /** Reader parameters: from the extension (`sep` for `.tsv`), then from the card. Not checked. */
  readonly formatOptions: Readonly<Record<string, unknown>>;
  /** In the order of Python `datasets`: declared order, or train, validation, test. */
  readonly splits: readonly ResolvedSplit[];
  /** Declared by user or card; where undefined, the first file's schema tells. */
  readonly features: Features | undefined;
}

import { availableParallelism } from "node:os";
import { DEFAULT_CONNECTIONS, type HubStoreOptions } from "../fs/hub-store.ts";
import { checkEach, type Checks, invalidArgument, isBoolean, isObject, isText, isWhole } from "../fs/option-checks.ts";
import type { OnProgress } from "../fs/progress.ts";
import { DEFAULT_BLOCK_SIZE } from "../fs/read-segments.ts";
import { STORE_CHECKS } from "../fs/store-options.ts";
import type { ColumnName, DatasetRow } from "./row-types.ts";
import { type Filters, parseFilters, type Predicate } from "../parquet/predicate/filters.ts";
import type { Features } from "../resolve/features/features.ts";
import { featuresFromJson } from "../resolve/features/features-json.ts";
import { parseSplitSpec } from "../resolve/split-spec.ts";
import type { DataFilesOption } from "../resolve/types.ts";
import type { RowOptions } from "./arrow/row-decoder.ts";

/** Which dataset, and how to read it. */
export interface LoadDatasetOptions<Row extends object = DatasetRow> extends HubStoreOptions, Partial<RowOptions> {
  /** The config (subset). @default the default one */
  readonly config?: string | undefined;
  /** `train`, `train+test`, `all`, `train[10%:20%]`, `train[100:200]`. @default the only split, else `train` */
  readonly split?: string | undefined;
  /** Branch, tag, commit, `refs/convert/parquet` or `refs/pr/N`. @default "main" */
  readonly revision?: string | undefined;
  /** Pattern, patterns or patterns by split, by fsspec's rules. */
  readonly dataFiles?: DataFilesOption | undefined;
  /** Only files below this folder of the repo. */
  readonly dataDir?: string | undefined;
  /** `false` first downloads the split's files to the cache and reads them from there. @default true */
  readonly streaming?: boolean | undefined;
  /** Top-level columns to read; others are never fetched. @default all */
  readonly columns?: readonly ColumnName<Row>[] | undefined;
  /** Rows to read, as pyarrow takes `filters`; what statistics, page indexes and bloom filters rule out is not fetched. */
  readonly filters?: Filters<Row> | undefined;
  /** The declared schema, as in a dataset card. @default from the data */
  readonly features?: Features | undefined;
  /** Bytes that one range request aims at. @default 8 MiB */
  readonly blockSize?: number | undefined;
  /** Row groups fetched ahead of the one being read, at least; more where the network needs it; 0: none. @default 2 */
  readonly prefetchDepth?: number | undefined;
  /** Bytes that one iteration holds, fetched and decoded. A larger row group goes through alone. @default 512 MiB */
  readonly memoryBudget?: number | undefined;
  /** Worker threads that decode; 0 decodes in the calling thread. @default cores - 1, at most 4 */
  readonly decodeThreads?: number | undefined;
  /** What to do with a corrupt or unreadable file. @default "throw" */
  readonly onBadFile?: "throw" | "skip" | undefined;
  /** Image columns decoded to pixels by the optional peer `sharp`, instead of `{ bytes, path }`. @default false */
  readonly decodeMedia?: boolean | undefined;
  /** Is told how far work is that may take long before or besides rows: reading all footers, downloading. */
  readonly onProgress?: OnProgress | undefined;
  /** Ends everything at once; what is under way rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** {@link LoadDatasetOptions} checked, with the defaults of reading filled in. */
export interface ReadSettings extends RowOptions {
  readonly columns: readonly string[] | undefined;
  readonly predicate: Predicate | undefined;
  readonly blockSize: number;
  readonly prefetchDepth: number;
  readonly maxConnections: number;
  readonly memoryBudget: number;
  readonly decodeThreads: number;
  readonly onBadFile: "throw" | "skip";
  readonly decodeMedia: boolean;
  readonly streaming: boolean;
  readonly onProgress: OnProgress | undefined;
  readonly signal: AbortSignal | undefined;
}

const MIB = 1024 * 1024;

const CHECKS: Checks<LoadDatasetOptions> = {
  ...STORE_CHECKS,
  config: ["a string", isText],
  split: ["a string such as 'train' or 'train[:10%]'", isText],
  revision: ["a string", isText],
  dataFiles: ["a pattern, a list of patterns, or an object of patterns by split", isDataFiles],
  dataDir: ["a string", isText],
  streaming: ["a boolean", isBoolean],
  columns: ["a list of at least one column name, each once", isColumns],
  filters: ["a list of [column, operator, value]", Array.isArray],
  features: ["an object of features by column", isObject],
  blockSize: ["a whole number of bytes, at least 4096", isWhole(4096)],
  prefetchDepth: ["a whole number, at least 0", isWhole(0)],
  memoryBudget: ["a whole number of bytes, at least 1 MiB", isWhole(MIB)],
  decodeThreads: ["a whole number from 0 to 64", (value) => isWhole(0)(value) && (value as number) <= 64],
  onBadFile: ["'throw' or 'skip'", isOneOf("throw", "skip")],
  int64: ["'auto', 'number' or 'bigint'", isOneOf("auto", "number", "bigint")],
  temporal: ["'date', 'bigint' or 'string'", isOneOf("date", "bigint", "string")],
  decodeMedia: ["a boolean", isBoolean],
  onProgress: ["a function", (value) => typeof value === "function"],
  signal: ["an AbortSignal", (value) => value instanceof AbortSignal],
};

/**
 * Checks options at the public door and gives a copy: what the caller does to his own later changes nothing. Throws
 * `INVALID_OPTION`, saying what was expected and what came.
 */
export function checkOptions(options: LoadDatasetOptions, call: string): LoadDatasetOptions {
  checkEach(options, CHECKS, call);
  if (options.split !== undefined && options.split !== "all") parseSplitSpec(options.split);
  if (options.features !== undefined) featuresFromJson(options.features);
  if (options.filters !== undefined) parseFilters(options.filters);
  const { columns, filters, dataFiles, features } = options;
  return { ...options, ...structuredClone({ columns, filters, dataFiles, features }) };
}

/** Fills in the defaults of reading. */
export function readSettings(options: LoadDatasetOptions): ReadSettings {
  return {
    columns: options.columns,
    predicate: options.filters === undefined ? undefined : parseFilters(options.filters),
    blockSize: options.blockSize ?? DEFAULT_BLOCK_SIZE,
    prefetchDepth: options.prefetchDepth ?? 2,
    maxConnections: options.maxConnections ?? DEFAULT_CONNECTIONS,
    memoryBudget: options.memoryBudget ?? 512 * MIB,
    decodeThreads: options.decodeThreads ?? Math.min(4, availableParallelism() - 1),
    onBadFile: options.onBadFile ?? "throw",
    int64: options.int64 ?? "auto",
    temporal: options.temporal ?? "date",
    decodeMedia: options.decodeMedia ?? false,
    streaming: options.streaming ?? true,
    onProgress: options.onProgress,
    signal: options.signal,
  };
}

/** Checks a count of rows that `call` is given. */
export function checkCount(call: string, value: unknown): void {
  if (!isWhole(0)(value) && value !== Infinity) throw invalidArgument(call, "a whole number, at least 0", value);
}

function isOneOf(...values: readonly string[]): (value: unknown) => boolean {
  return (value) => values.includes(value as string);
}

/** Whether `value` is a list of column names. */
export function isColumns(value: unknown): value is readonly string[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((name) => typeof name === "string") &&
    new Set(value).size === value.length
  );
}

function isDataFiles(value: unknown): boolean {
  const isPatterns = (item: unknown): boolean =>
    isText(item) || (Array.isArray(item) && item.length > 0 && item.every(isText));
  return (
    isPatterns(value) || (isObject(value) && Object.values(value).length > 0 && Object.values(value).every(isPatterns))
  );
}

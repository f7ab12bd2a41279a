export type { RequestEvent, RetryEvent, StallEvent, UnitEvent } from "./diagnostics.ts";
export { HfStreamError, type HfStreamErrorCode, type HfStreamErrorDetails, isHfStreamError } from "./errors.ts";
export type { Dispatcher } from "./hub/dispatcher.ts";
export type { FileSystem, ListOptions, SliceOptions, WalkStep } from "./fs/file-system.ts";
export type { HfFile } from "./fs/hf-file.ts";
export { HfFileSystem, type HfFileSystemOptions } from "./fs/hf-file-system.ts";
export { LocalFileSystem } from "./fs/local-file-system.ts";
export { DataLoader, type DataLoaderOptions } from "./loader/data-loader.ts";
export type { DatasetFactory, WorkerContext } from "./loader/module.ts";
export { type DistributedEnv, distributedEnv } from "./loader/distributed-env.ts";
export type { OnProgress, Progress } from "./fs/progress.ts";
export type { ByteRange, DataFile, FileInfo, ReadOptions } from "./fs/types.ts";
export type { Filter, FilterOperator, Filters, FilterValue } from "./parquet/predicate/filters.ts";
export type {
  ArrayFeature,
  AudioFeature,
  ClassLabelFeature,
  DocumentFeature,
  Feature,
  Features,
  ImageFeature,
  JsonFeature,
  LargeListFeature,
  ListFeature,
  StructFeature,
  TranslationFeature,
  TranslationVariableLanguagesFeature,
  TypedFeature,
  ValueFeature,
  VideoFeature,
} from "./resolve/features/features.ts";
export type { DataFilesOption } from "./resolve/types.ts";
export type { DatasetInfo } from "./stream/dataset-info.ts";
export type { Explanation } from "./stream/explain.ts";
export { IterableDataset } from "./stream/iterable-dataset.ts";
export type {
  Awaitable,
  ColumnName,
  Columns,
  ColumnsOf,
  DatasetRow,
  Renamed,
  RowOf,
  Without,
} from "./stream/row-types.ts";
export { concatenateDatasets, interleaveDatasets, type InterleaveOptions } from "./stream/join-datasets.ts";
export { getDatasetConfigNames, getDatasetSplitNames, loadDataset } from "./stream/load-dataset.ts";
export { toJsonRow } from "./stream/json-row.ts";
export type { LoadDatasetOptions } from "./stream/options.ts";
export type { StopRule } from "./stream/order/source-order.ts";
export type { RowIterator } from "./stream/row-iterator.ts";
export { type DatasetState, mergeStates } from "./stream/state.ts";
export type { SkippedFile, StreamStats } from "./stream/stats.ts";
export type { RowOrigin } from "./stream/block.ts";
export type { ErrorHandler, ErrorPlace, ErrorVerdict } from "./stream/steps/row-errors.ts";
export type { Equalize } from "./stream/order/parts.ts";
export type {
  BatchesOptions,
  BatchOptions,
  InfoOptions,
  ShardOptions,
  ShuffleOptions,
  SplitByNodeOptions,
} from "./stream/steps/step-options.ts";
export type { MapOptions } from "./stream/steps/steps.ts";

import path from "node:path";
import { inspect } from "node:util";
import { pathToFileURL } from "node:url";
import { HfStreamError } from "../errors.ts";
import { PARTS } from "../stream/dataset-parts.ts";
import type { IterableDataset } from "../stream/iterable-dataset.ts";
import type { DatasetState } from "../stream/state.ts";

/** What the function of a module is told: which worker it is called in, of how many, and for which epoch. */
export interface WorkerContext {
  readonly index: number;
  readonly count: number;
  readonly epoch: number;
}

/**
 * What a module that makes a dataset for `DataLoader` must export as default. Every worker calls it once, and has to get
 * the same dataset.
 */
export type DatasetFactory = (context: WorkerContext) => IterableDataset<object> | Promise<IterableDataset<object>>;

/** The address of a module: a URL, or an absolute path. Throws `INVALID_OPTION` for a relative one. */
export function moduleUrl(given: string | URL): string {
  const text = String(given);
  if (path.isAbsolute(text)) return pathToFileURL(text).href;
  if (URL.canParse(text)) return text;
  throw new HfStreamError(
    "INVALID_OPTION",
    `DataLoader(dataset): expected a dataset, or the URL or the absolute path of a module that makes one, got ${inspect(text)}. ` +
      `A module beside this one is \`new URL(${JSON.stringify(text)}, import.meta.url)\`.`,
  );
}

/** Which module, and which of its dataset's rows. */
export interface ModuleSource {
  readonly url: string;
  /** Left out: that of the dataset. */
  readonly epoch: number | undefined;
  readonly resumed: DatasetState | undefined;
}

/** Makes the dataset of a module, in the epoch and from the place that are wanted. */
export async function loadModule(
  { url, epoch, resumed }: ModuleSource,
  worker: Omit<WorkerContext, "epoch">,
): Promise<IterableDataset<object>> {
  const dataset = await datasetOfModule(url, { ...worker, epoch: epoch ?? 0 });
  if (resumed !== undefined) return dataset.resume(resumed);
  return epoch === undefined ? dataset : dataset.withEpoch(epoch);
}

/** Loads a module and makes its dataset. Throws `INVALID_OPTION` for one that does not make any. */
async function datasetOfModule(url: string, context: WorkerContext): Promise<IterableDataset<object>> {
  const loaded = await import(/* webpackIgnore: true */ /* turbopackIgnore: true */ /* @vite-ignore */ url).catch(
    (thrown: unknown) => {
      const cause = thrown instanceof Error ? thrown : inspect(thrown);
      throw new HfStreamError(
        "INVALID_OPTION",
        `DataLoader(url): the module ${url} cannot be loaded: ${String(cause)}`,
        { cause },
      );
    },
  );
  const factory = (loaded as { readonly default?: unknown }).default;
  if (typeof factory !== "function")
    throw new HfStreamError(
      "INVALID_OPTION",
      `The default export of ${url} must be a function that makes a dataset, got ${inspect(factory, { depth: 0 })}.`,
    );
  const dataset = await (factory as DatasetFactory)(context);
  if (isDataset(dataset)) return dataset;
  throw new HfStreamError(
    "INVALID_OPTION",
    `The function of ${url} must return a dataset of \`loadDataset\`, got ${inspect(dataset, { depth: 0 })}.`,
  );
}

/** Whether a value is a dataset, also one of another copy of this package. */
export function isDataset(value: unknown): value is IterableDataset<object> {
  return typeof value === "object" && value !== null && PARTS in value;
}

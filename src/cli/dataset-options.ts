import { HfStreamError } from "../errors.ts";
import type { LoadDatasetOptions } from "../stream/options.ts";
import type { CommandOption, OptionValues } from "./command.ts";

/** How the Hub is reached. */
export const HUB_OPTIONS: Readonly<Record<string, CommandOption>> = {
  endpoint: { type: "string", value: "URL", help: "the Hub (default: HF_ENDPOINT, else huggingface.co)" },
  "cache-dir": { type: "string", value: "DIR", help: "the shared cache (default: HFSTREAM_CACHE)" },
  offline: { type: "boolean", help: "use the cache only" },
};

/** Which dataset, and which part of it. */
export const DATASET_OPTIONS: Readonly<Record<string, CommandOption>> = {
  config: { type: "string", short: "c", value: "NAME", help: "the config (subset)" },
  split: { type: "string", short: "s", value: "SPLIT", help: "train, train+test, all, train[:10%], train[100:200]" },
  revision: { type: "string", short: "r", value: "REV", help: "branch, tag, commit or refs/convert/parquet" },
  "data-files": { type: "string", value: "GLOB", help: "only these files" },
  "data-dir": { type: "string", value: "DIR", help: "only files below this folder" },
  ...HUB_OPTIONS,
};

/** A person waits: the command gives up sooner than a training job would. */
const MAX_OUTAGE_MS = 30_000;

/** The library's options for how the Hub is reached. */
export function hubOptions(
  options: OptionValues,
): Pick<LoadDatasetOptions, "endpoint" | "cacheDir" | "offline" | "maxOutageMs"> {
  return {
    endpoint: text(options["endpoint"]),
    cacheDir: text(options["cache-dir"]),
    offline: options["offline"] === true ? true : undefined,
    maxOutageMs: MAX_OUTAGE_MS,
  };
}

/** The library's options for a dataset. */
export function datasetOptions(options: OptionValues, signal: AbortSignal): LoadDatasetOptions {
  return {
    ...hubOptions(options),
    config: text(options["config"]),
    split: text(options["split"]),
    revision: text(options["revision"]),
    dataFiles: text(options["data-files"]),
    dataDir: text(options["data-dir"]),
    signal,
  };
}

/** A whole number given as text. */
export function wholeNumber(name: string, value: string | boolean | undefined, otherwise: number): number {
  if (value === undefined) return otherwise;
  if (typeof value === "string" && /^\d+$/.test(value)) return Number(value);
  throw new HfStreamError("INVALID_OPTION", `Expected --${name} to be a whole number, got '${String(value)}'.`);
}

/** An option's text; `undefined` if it was not given. */
export function text(value: string | boolean | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

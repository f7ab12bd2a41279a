import { existsSync } from "node:fs";
import { HfStreamError } from "../errors.ts";
import { baseName, extensionsOf, getExtensionFormat, isReadableFormat } from "../resolve/files/formats.ts";
import type { LoadDatasetOptions } from "../stream/options.ts";
import type { CommandOption, OptionValues, Terminal } from "./command.ts";

/** How the Hub is reached. */
export const HUB_OPTIONS: Readonly<Record<string, CommandOption>> = {
  token: { type: "string", value: "TOKEN", help: "the token (default: HF_TOKEN, else that of 'hf auth login')" },
  endpoint: { type: "string", value: "URL", help: "the Hub (default: HF_ENDPOINT, else huggingface.co)" },
  "cache-dir": { type: "string", value: "DIR", help: "the shared cache (default: HFSTREAM_CACHE)" },
  timeout: {
    type: "string",
    value: "TIME",
    help: "how long to keep trying without progress: 30, 90s or 2m (default: 10m)",
  },
  offline: { type: "boolean", help: "use the cache only" },
};

/** Which dataset, and which part of it. */
export const DATASET_OPTIONS: Readonly<Record<string, CommandOption>> = {
  config: { type: "string", short: "c", value: "NAME", help: "the config (subset)" },
  split: { type: "string", short: "s", value: "SPLIT", help: "train, train+test, all, train[:10%], train[100:200]" },
  revision: { type: "string", short: "r", value: "REV", help: "branch, tag, commit or refs/convert/parquet" },
  "data-files": { type: "string", value: "GLOB", help: "only these files" },
  "data-dir": { type: "string", value: "DIR", help: "only files below this folder" },
  "skip-bad-files": { type: "boolean", help: "leave files out that are corrupt" },
  ...HUB_OPTIONS,
};

/** The library's options for how the Hub is reached. */
export function hubOptions(
  options: OptionValues,
): Pick<LoadDatasetOptions, "token" | "endpoint" | "cacheDir" | "offline" | "maxOutageMs"> {
  return {
    token: text(options["token"]),
    endpoint: text(options["endpoint"]),
    cacheDir: text(options["cache-dir"]),
    offline: options["offline"] === true ? true : undefined,
    maxOutageMs: duration("timeout", options["timeout"]),
  };
}

/** A dataset by the arguments of a command: its id, and how to read it. */
export interface NamedDataset {
  readonly id: string;
  /** What the user calls it, for messages. */
  readonly name: string;
  readonly options: LoadDatasetOptions;
}

/**
 * The dataset that a command line names: an id, or files by patterns or, since shells expand these, by a list. Throws
 * `INVALID_OPTION` for files of no format that can be read.
 */
export function namedDataset(ids: readonly string[], options: OptionValues, { signal }: Terminal): NamedDataset {
  const given: LoadDatasetOptions = {
    ...hubOptions(options),
    config: text(options["config"]),
    split: text(options["split"]),
    revision: text(options["revision"]),
    dataFiles: text(options["data-files"]),
    dataDir: text(options["data-dir"]),
    onBadFile: options["skip-bad-files"] === true ? "skip" : undefined,
    signal,
  };
  const [id = ""] = ids;
  if (ids.length === 1 && !isPattern(id)) return { id: isBareFile(id) ? `./${id}` : id, name: id, options: given };
  const formats = new Set(ids.map((file) => formatOf(file)));
  const [format] = formats;
  if (formats.size !== 1 || format === undefined)
    throw new HfStreamError(
      "INVALID_OPTION",
      `Expected a dataset, or files of one format by their extension, got ${ids.join(" ")}.`,
    );
  return { id: format, name: ids.join(" "), options: { ...given, dataFiles: ids.map(wholePath) } };
}

/** Whether a path holds wildcards. */
export function isPattern(path: string): boolean {
  return /[*?[{]/.test(path.replace(/^https?:\/\/[^?]*\?.*$/, ""));
}

/**
 * A path of the command line as the library takes it. One without a prefix is local if it is there or too short to be in a
 * repo, else a dataset's.
 */
export function wholePath(path: string): string {
  if (/^(\.|\/|[a-z]+:\/\/|[A-Za-z]:[\\/])/.test(path)) return path;
  if (existsSync(path) || path.split("/").length < 3) return `./${path}`;
  return `hf://${/^(datasets|spaces|models)\//.test(path) ? "" : "datasets/"}${path}`;
}

/** Whether it is a local data file, which the library would take for the name of a dataset. */
function isBareFile(id: string): boolean {
  return formatOf(id) !== undefined && !/^(\.|\/|[a-z]+:)/.test(id) && existsSync(id);
}

function formatOf(file: string): string | undefined {
  const known = extensionsOf(baseName(file)).map((extension) => getExtensionFormat(extension)?.format);
  return known.find((format) => format !== undefined && isReadableFormat(format));
}

/** A whole number given as text. */
export function wholeNumber<Otherwise>(
  name: string,
  value: OptionValues[string],
  otherwise: Otherwise,
): number | Otherwise {
  if (value === undefined) return otherwise;
  if (typeof value === "string" && /^\d+$/.test(value)) return Number(value);
  throw new HfStreamError("INVALID_OPTION", `Expected --${name} to be a whole number, got '${String(value)}'.`);
}

const MILLISECONDS: Readonly<Record<string, number>> = {
  "": 1000,
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
};

/** A time such as `30` (seconds), `90s` or `2m`, in milliseconds. */
function duration(name: string, value: OptionValues[string]): number | undefined {
  if (value === undefined) return undefined;
  const [, number = "", unit = ""] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/.exec(String(value)) ?? [];
  const ms = MILLISECONDS[unit];
  if (number !== "" && ms !== undefined) return Number(number) * ms;
  throw new HfStreamError(
    "INVALID_OPTION",
    `Expected --${name} to be a time such as 30, 90s or 2m, got '${String(value)}'.`,
  );
}

/** An option's text; `undefined` if it was not given. */
export function text(value: OptionValues[string]): string | undefined {
  return typeof value === "string" ? value : undefined;
}

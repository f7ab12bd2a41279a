import { HfStreamError } from "../../errors.ts";
import type { SplitPatterns } from "../files/data-files.ts";
import { isRecord, showValue } from "./plain-record.ts";
import { isSplitName } from "../split-spec.ts";

/** A config as the card declares it. */
export interface CardConfig {
  readonly name: string;
  /** Undefined: by default detection. */
  readonly dataFiles: SplitPatterns | undefined;
  /** The folder that everything of this config starts from. */
  readonly dataDir: string | undefined;
  readonly isDefault: boolean;
  /** As written, in the YAML form. */
  readonly features: unknown;
  /** Everything else: parameters of the reader. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Where it is declared, for messages. */
  readonly writtenIn: string;
  /** The file that declares it. */
  readonly path: string;
}

const NOT_PARAMETERS = new Set([
  "config_name",
  "data_files",
  "data_dir",
  "default",
  "features",
  "version",
  "description",
]);

/** `INVALID_WINDOWS_CHARACTERS_IN_PATH` of `datasets.naming`. */
const FORBIDDEN_IN_NAME = /[<>:/\\|?*]/;

/**
 * Reads the list `configs` of a card; of configs with one name the last counts, in the place of the first. Throws
 * `CORRUPT_FILE` naming `path` for anything that `MetadataConfigs.from_dataset_card_data` rejects.
 */
export function parseConfigs(declared: unknown, path: string): Map<string, CardConfig> {
  const configs = new Map<string, CardConfig>();
  if (declared === undefined || declared === null) return configs;
  if (!Array.isArray(declared)) throw corrupt(path, `\`configs\` must be a list, got ${showValue(declared)}`);
  for (const entry of declared as unknown[]) {
    const config = parseConfig(entry, path);
    configs.set(config.name, config);
  }
  return configs;
}

function parseConfig(entry: unknown, path: string): CardConfig {
  const fields = isRecord(entry) ? entry : {};
  const name = fields["config_name"];
  if (typeof name !== "string" || name === "") {
    throw corrupt(path, `each of \`configs\` must have a \`config_name\`, got ${showValue(entry)}`);
  }
  if (FORBIDDEN_IN_NAME.test(name)) throw corrupt(path, `config name '${name}' has one of the characters <>:/\\|?*`);
  const { data_dir: dataDir, data_files: dataFiles } = fields;
  if (dataDir !== undefined && dataDir !== null && typeof dataDir !== "string") {
    throw corrupt(path, `\`data_dir\` of config '${name}' must be a folder, got ${showValue(dataDir)}`);
  }
  return {
    name,
    dataFiles: dataFiles === undefined || dataFiles === null ? undefined : parseDataFiles(dataFiles, name, path),
    dataDir: dataDir ?? undefined,
    isDefault: name === "default" || isTruthy(fields["default"]),
    features: fields["features"] ?? undefined,
    parameters: Object.fromEntries(Object.entries(fields).filter(([key]) => !NOT_PARAMETERS.has(key))),
    path,
    writtenIn: `config '${name}' in ${path}`,
  };
}

function parseDataFiles(declared: unknown, config: string, path: string): SplitPatterns {
  const reject = (): HfStreamError =>
    corrupt(
      path,
      `\`data_files\` of config '${config}' must be a path or pattern, a list of them, or a list of ` +
        `{ split: train, path: … } with split names of letters, digits, '_' and '.', got ${showValue(declared)}`,
    );
  if (isPattern(declared)) return new Map([["train", [declared]]]);
  if (!Array.isArray(declared) || declared.length === 0) throw reject();
  if (declared.every(isPattern)) return new Map([["train", declared]]);
  const patterns = new Map<string, readonly string[]>();
  for (const entry of declared as unknown[]) {
    const { split, path: paths, ...rest } = isRecord(entry) ? entry : {};
    if (typeof split !== "string" || !isSplitName(split) || Object.keys(rest).length > 0) throw reject();
    if (patterns.has(split)) throw corrupt(path, `\`data_files\` of config '${config}' give split '${split}' twice`);
    const list: unknown[] = Array.isArray(paths) ? paths : [paths];
    if (list.length === 0 || !list.every(isPattern)) throw reject();
    patterns.set(split, list);
  }
  return patterns;
}

function isPattern(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

/** Python's: `default: 0` and `default: ''` mean no. */
function isTruthy(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && value !== 0 && value !== "";
}

function corrupt(path: string, reason: string): HfStreamError {
  return new HfStreamError("CORRUPT_FILE", `${path}: ${reason}`, { path });
}

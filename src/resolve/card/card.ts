import type { AbortOptions } from "../../async/abort.ts";
import { HfStreamError, isHfStreamError } from "../../errors.ts";
import { parseConfigs, type CardConfig } from "./card-configs.ts";
import type * as cardYaml from "./card-yaml.ts";
import type { Features } from "../features/features.ts";
import { featuresFromJson } from "../features/features-json.ts";
import { featuresFromYaml } from "../features/features-yaml.ts";
import { isRecord, type PlainRecord } from "./plain-record.ts";
import type { DatasetRepo } from "../types.ts";

/** What a dataset says of itself. */
export interface DatasetCard {
  /** In the order of the card; empty where it declares none. */
  readonly configs: ReadonlyMap<string, CardConfig>;
  /** By config name, from `dataset_info`, else from the old `dataset_infos.json`. */
  readonly infos: ReadonlyMap<string, CardInfo>;
}

/** What is declared of a config's data. */
export interface CardInfo {
  /** The features; parsed when asked for, so that one broken config does not spoil the others. Throws `CORRUPT_FILE`. */
  readonly features: () => Features | undefined;
  readonly splits: ReadonlyMap<string, SplitSize>;
}

/** The declared size of a split. */
export interface SplitSize {
  readonly numRows?: number | undefined;
  readonly numBytes?: number | undefined;
}

/** The files a card is made of, and how it calls itself in messages. */
export const README = "README.md";
const STANDALONE_YAML = ".huggingface.yaml";
const LEGACY_INFOS = "dataset_infos.json";

/**
 * Reads the front matter of `README.md`, over it `.huggingface.yaml`, and `dataset_infos.json`: only those that the
 * listing has, at once. Throws `CORRUPT_FILE` with file and line for what cannot be understood.
 */
export async function readCard(repo: DatasetRepo, options: AbortOptions = {}): Promise<DatasetCard> {
  const read = async (path: string): Promise<string | undefined> =>
    repo.files.some((file) => file.path === path) ? await repo.readText(path, { signal: options.signal }) : undefined;
  const [readme, standalone, legacy] = await Promise.all([read(README), read(STANDALONE_YAML), read(LEGACY_INFOS)]);
  const hasYaml = standalone !== undefined || /^\uFEFF?\s*---/.test(readme ?? "");
  const yaml = hasYaml ? await import("./card-yaml.ts") : undefined; // late: it is needed once per commit, if at all
  return blameDataset(repo.id, () => parseCard({ readme, standalone, legacy }, yaml));
}

interface CardTexts {
  readonly readme: string | undefined;
  readonly standalone: string | undefined;
  readonly legacy: string | undefined;
}

function parseCard({ readme, standalone, legacy }: CardTexts, yaml: typeof cardYaml | undefined): DatasetCard {
  const frontMatter = (readme !== undefined && yaml?.parseFrontMatter(readme, README)) || {};
  const overlay = (standalone !== undefined && yaml?.parseYamlMapping(standalone, STANDALONE_YAML)) || {};
  const configsFile = Object.hasOwn(overlay, "configs") ? STANDALONE_YAML : README;
  const infosFile = Object.hasOwn(overlay, "dataset_info") ? STANDALONE_YAML : README;
  const own = (name: string): unknown => [overlay, frontMatter].find((fields) => Object.hasOwn(fields, name))?.[name];
  return {
    configs: parseConfigs(own("configs"), configsFile),
    infos: new Map([...parseLegacyInfos(legacy), ...parseInfos(own("dataset_info"), infosFile)]),
  };
}

/** Adds the dataset to what is said of its broken card. */
export function blameDataset<T>(datasetId: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!isHfStreamError(error, "CORRUPT_FILE")) throw error;
    const { message, path, cause } = error;
    throw new HfStreamError("CORRUPT_FILE", `Dataset ${datasetId}: ${message}`, { path, cause });
  }
}

/** Runs a feature parser on what a card declares; what it rejects is the card's fault, not an option's. */
export function parseCardFeatures(parse: (declared: unknown) => Features, declared: unknown, path: string): Features {
  try {
    return parse(declared);
  } catch (error) {
    if (!isHfStreamError(error, "INVALID_OPTION")) throw error;
    throw new HfStreamError("CORRUPT_FILE", `${path}: ${error.message}; the option \`features\` can replace them`, {
      path,
      cause: error,
    });
  }
}

function parseInfos(declared: unknown, path: string): Map<string, CardInfo> {
  const list = Array.isArray(declared) ? declared.filter(isRecord) : [declared].filter(isRecord);
  return new Map(list.map((info) => [nameOf(info), parseInfo(info, featuresFromYaml, path)]));
}

/** The file that `datasets` wrote before cards could hold features. Its only entry describes the default config. */
function parseLegacyInfos(text: string | undefined): Map<string, CardInfo> {
  if (text === undefined) return new Map();
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new HfStreamError("CORRUPT_FILE", `${LEGACY_INFOS}: not valid JSON: ${String(cause)}`, {
      path: LEGACY_INFOS,
      cause,
    });
  }
  const entries = isRecord(parsed) ? Object.entries(parsed) : [];
  const infos = entries.flatMap(([name, info]): [string, CardInfo][] =>
    isRecord(info) ? [[name, parseInfo(info, featuresFromJson, LEGACY_INFOS)]] : [],
  );
  return new Map(infos.length === 1 ? infos.map(([, info]) => ["default", info]) : infos);
}

function parseInfo(info: PlainRecord, parse: (declared: unknown) => Features, path: string): CardInfo {
  const { features, splits } = info;
  const declared = features !== undefined && features !== null;
  return {
    features: () => (declared ? parseCardFeatures(parse, features, path) : undefined),
    splits: parseSplitSizes(splits),
  };
}

/** A list of `{ name, num_examples, num_bytes }`, or the same by name. */
function parseSplitSizes(splits: unknown): Map<string, SplitSize> {
  const named = isRecord(splits) ? Object.entries(splits) : [];
  const listed = Array.isArray(splits)
    ? splits.filter(isRecord).map((split): [unknown, unknown] => [split["name"], split])
    : [];
  const sizes = new Map<string, SplitSize>();
  for (const [name, size] of [...named, ...listed]) {
    if (typeof name === "string" && isRecord(size)) {
      sizes.set(name, { numRows: countOf(size["num_examples"]), numBytes: countOf(size["num_bytes"]) });
    }
  }
  return sizes;
}

function countOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

function nameOf(info: PlainRecord): string {
  const name = info["config_name"];
  return typeof name === "string" ? name : "default";
}

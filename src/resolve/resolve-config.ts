import { HfStreamError } from "../errors.ts";
import { blameDataset, type CardInfo, type DatasetCard, parseCardFeatures, readCard } from "./card/card.ts";
import type { CardConfig } from "./card/card-configs.ts";
import { chooseConfig, DEFAULT_CONFIG } from "./choose-config.ts";
import { type ConfigFiles, findConfigFiles } from "./config-files.ts";
import type { Features } from "./features/features.ts";
import { featuresFromJson } from "./features/features-json.ts";
import { featuresFromYaml } from "./features/features-yaml.ts";
import { isReadableFormat } from "./files/formats.ts";
import { refuseScript } from "./refuse-script.ts";
import { resolveNamedFormat } from "./resolve-named-format.ts";
import type { DatasetRepo, ResolvedConfig, ResolvedSplit, ResolveOptions } from "./types.ts";

/**
 * Tells from names and the dataset card alone what a config consists of, by the rules of Python `datasets`: which
 * config, its splits and their files in order, how to read them, and the declared features. Reads no data.
 * Throws `CONFIG_REQUIRED`, `CONFIG_NOT_FOUND`, `NO_DATA_FILES`, `ENTRY_NOT_FOUND`, `UNSUPPORTED_FORMAT`, `INVALID_PATH`,
 * `INVALID_OPTION`, and `CORRUPT_FILE` for a card that cannot be understood.
 */
export async function resolveConfig(repo: DatasetRepo, options: ResolveOptions): Promise<ResolvedConfig> {
  options.signal?.throwIfAborted();
  if (options.format !== undefined) return await resolveNamedFormat(repo, options, options.format);
  refuseScript(repo);
  const card = await readCard(repo, options);
  const name = chooseConfig(card, options, repo.id);
  const config = card.configs.get(name);
  const found = await findConfigFiles(repo, config, options);
  if (!isReadableFormat(found.format)) {
    throw new HfStreamError(
      "UNSUPPORTED_FORMAT",
      `Dataset ${repo.id}: its files are of format '${found.format}', which cannot be read.`,
      { path: repo.id },
    );
  }
  const info = infoOf(card, name);
  return {
    name,
    format: found.format,
    formatOptions: { ...found.options, ...config?.parameters },
    splits: sizeSplits(found, info),
    features: blameDataset(repo.id, () => declaredFeatures(config, info, options)),
  };
}

/**
 * The `dataset_info` of the config. Where the card declares no configs, its only entry describes the data whatever its
 * name; Python then looks for a config of that name and fails.
 */
function infoOf(card: DatasetCard, name: string): CardInfo | undefined {
  const own = card.infos.get(name);
  if (own !== undefined || card.configs.size > 0 || name !== DEFAULT_CONFIG || card.infos.size > 1) return own;
  const [only] = card.infos.values();
  return only;
}

function declaredFeatures(
  config: CardConfig | undefined,
  info: CardInfo | undefined,
  { features }: ResolveOptions,
): Features | undefined {
  if (features !== undefined) return featuresFromJson(features);
  if (config?.features !== undefined) return parseCardFeatures(featuresFromYaml, config.features, config.path);
  return info?.features();
}

function sizeSplits({ splits, asDeclared }: ConfigFiles, info: CardInfo | undefined): ResolvedSplit[] {
  return splits.map(({ name, files }) => ({ name, files, ...(asDeclared ? info?.splits.get(name) : undefined) }));
}

import { HfStreamError } from "../errors.ts";
import { didYouMean, findNearNames } from "../fs/near-names.ts";
import { option, say } from "../message.ts";
import type { DatasetCard } from "./card/card.ts";
import type { ResolveOptions } from "./types.ts";

/** The config that a dataset without any has. */
export const DEFAULT_CONFIG = "default";

/** Gives the names of a dataset's configs, in the order of its card. */
export function configNamesOf(card: DatasetCard): string[] {
  return card.configs.size > 0 ? [...card.configs.keys()] : [DEFAULT_CONFIG];
}

/**
 * Says which config is meant (`MetadataConfigs.get_default_config_name`, `DatasetBuilder._create_builder_config`): the
 * named one; else the default one, which is the only one, the one called `default` or marked `default: true`, or the one
 * that alone has a `dataset_info`. Where nothing decides but the user names files or a folder, it is a config `default`
 * made of these. Throws `CONFIG_NOT_FOUND` and `CONFIG_REQUIRED` naming the configs there are.
 */
export function chooseConfig(card: DatasetCard, options: ResolveOptions, datasetId: string): string {
  const names = configNamesOf(card);
  const available = names.map((name) => `'${name}'`).join(", ");
  if (options.config !== undefined) {
    if (names.includes(options.config)) return options.config;
    throw new HfStreamError(
      "CONFIG_NOT_FOUND",
      `Dataset ${datasetId} has no config '${options.config}'${didYouMean(findNearNames(options.config, names))} ` +
        `Its configs are: ${available}.`,
      { path: datasetId },
    );
  }
  if (names.length === 1) return names[0]!;
  const defaults = [...card.configs.values()].filter((config) => config.isDefault).map((config) => config.name);
  if (defaults.length === 1) return defaults[0]!;
  const [described] = card.infos.size === 1 ? card.infos.keys() : [];
  if (defaults.length === 0 && described !== undefined && names.includes(described)) return described;
  if (options.dataFiles !== undefined || options.dataDir !== undefined) return DEFAULT_CONFIG;
  const reason =
    defaults.length === 0 ? "none of them is the default" : `more than one is the default (${defaults.join(", ")})`;
  throw new HfStreamError(
    "CONFIG_REQUIRED",
    say`Dataset ${datasetId} has several configs and ${reason}: name one by ${option("config", names[0])}. Its configs are: ${available}.`,
    { path: datasetId },
  );
}

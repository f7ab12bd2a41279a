import { readCard } from "./card/card.ts";
import { configNamesOf } from "./choose-config.ts";
import { findConfigFiles } from "./config-files.ts";
import { refuseScript } from "./refuse-script.ts";
import type { DatasetRepo, ResolveOptions } from "./types.ts";

/**
 * Lists the configs of a dataset in the order of its card (`get_dataset_config_names`); `['default']` where it declares
 * none. Reads the card only. Throws `NO_DATA_FILES` for a dataset that has neither configs nor data.
 */
export async function listConfigNames(repo: DatasetRepo, options: ResolveOptions): Promise<string[]> {
  options.signal?.throwIfAborted();
  if (options.format !== undefined) return ["default"];
  refuseScript(repo);
  const card = await readCard(repo, options);
  if (card.configs.size === 0) await findConfigFiles(repo, undefined, options);
  return configNamesOf(card);
}

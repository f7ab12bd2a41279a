import { HfStreamError } from "../errors.ts";
import { option, say } from "../message.ts";
import type { CardConfig } from "./card/card-configs.ts";
import { type PatternScope, resolvePatterns, type SplitPatterns } from "./files/data-files.ts";
import { parseDataFilesOption } from "./files/data-files-option.ts";
import { findDefaultSplits } from "./files/default-splits.ts";
import { FileIndex } from "./files/file-index.ts";
import { type ExtensionFormat, hasKnownExtension, tellByEnding } from "./files/formats.ts";
import { inferFormat, keepFormat, type SplitFiles } from "./files/infer-format.ts";
import { isExternalPattern, normalizeFolder } from "./files/pattern-paths.ts";
import type { DatasetRepo, ListExternal, ResolveOptions } from "./types.ts";
import { visibleFiles } from "./files/visible-files.ts";

/** The files of a config, of one format, which need not be one that can be read. */
export interface ConfigFiles extends ExtensionFormat {
  readonly splits: readonly SplitFiles[];
  /** Whether the splits are those the dataset declares, and not what an option made of it. */
  readonly asDeclared: boolean;
}

/**
 * Finds the files of a config and their format: by the option `dataFiles`, else below the option `dataDir`, else as the
 * card says, else by default detection. Unlike Python, which takes every config's format from the first one and
 * overlooks `data_dir` beside `data_files` there, each config is judged by its own files.
 */
export async function findConfigFiles(
  repo: DatasetRepo,
  config: CardConfig | undefined,
  options: ResolveOptions,
): Promise<ConfigFiles> {
  const index = new FileIndex(repo.files);
  const byOption = options.dataFiles !== undefined || options.dataDir !== undefined;
  const folder = (byOption ? options.dataDir : config?.dataDir) ?? "";
  const writtenIn = config === undefined || byOption ? say`the option ${option("dataFiles")}` : config.writtenIn;
  const datasetId = repo.id;
  const base = normalizeFolder(folder, {
    datasetId,
    writtenIn: byOption ? say`the option ${option("dataDir")}` : writtenIn,
  });
  const patterns = byOption ? parseDataFilesOption(options.dataFiles) : config?.dataFiles;
  if (patterns === undefined) {
    const splits = detectSplits(index, base, datasetId);
    const format = inferFormat(splits, datasetId);
    return { ...format, splits: keepFormat(splits, format, datasetId), asDeclared: !byOption };
  }
  const scope: PatternScope = {
    datasetId,
    index,
    base,
    writtenIn,
    listExternal: byOption ? options.listExternal : externalOfCard(repo, options),
    formatIsNamed: false,
    signal: options.signal,
  };
  return { ...(await resolveOneFormat(patterns, scope)), asDeclared: !byOption };
}

async function resolveOneFormat(
  patterns: SplitPatterns,
  scope: PatternScope,
): Promise<Omit<ConfigFiles, "asDeclared">> {
  const found = await resolvePatterns(patterns, scope);
  const format = inferFormat(found, scope.datasetId);
  const splits = keepFormat(found, format, scope.datasetId);
  const kept = new Set(splits.flatMap((split) => split.files));
  for (const { name, named } of found) {
    const dropped = [...named].find((file) => !kept.has(file));
    if (dropped === undefined) continue;
    throw new HfStreamError(
      "UNSUPPORTED_FORMAT",
      say`Dataset ${scope.datasetId}: ${scope.writtenIn} names files of several formats for split '${name}': ${dropped.path} is not ${format.format}`,
      { path: dropped.path },
    );
  }
  return { ...format, splits };
}

function detectSplits(index: FileIndex, base: string, datasetId: string): SplitFiles[] {
  const where = base === "" ? "" : ` below ${base}`;
  const visible = visibleFiles(index.startingWith(base), base);
  if (visible.length === 0) {
    throw new HfStreamError(
      "NO_DATA_FILES",
      `Dataset ${datasetId} has no data files${where}${index.files.length === 0 ? ": it is empty" : ""}`,
      { path: datasetId },
    );
  }
  const detected = findDefaultSplits(visible, (file) => file.path.slice(base.length), datasetId);
  const isKnown = tellByEnding(hasKnownExtension);
  const splits = detected
    .map(({ name, files }) => ({ name, files: files.filter((file) => isKnown(file.path)) }))
    .filter((split) => split.files.length > 0);
  if (splits.length > 0) return splits;
  const example = detected[0]?.files[0]?.path ?? "";
  throw new HfStreamError(
    "NO_DATA_FILES",
    `Dataset ${datasetId} has no data files of a supported format${where}: its splits are told by files such as ${example}; ` +
      "`dataFiles` can name others",
    { path: datasetId },
  );
}

/**
 * Who may list what a card names outside its repo: for a local folder, anything; for a repo on the Hub only the repo
 * itself by its full name, as in Python ("Data files don't belong to …"): a card must not make its reader open other files.
 */
function externalOfCard(repo: DatasetRepo, options: ResolveOptions): ListExternal | undefined {
  const list = options.listExternal;
  if (list === undefined || repo.id.startsWith(".") || (isExternalPattern(repo.id) && !repo.id.startsWith("hf://")))
    return list;
  const name = /^(?:hf:\/\/datasets\/)?([^/@]+\/[^/@]+)/.exec(repo.id)?.[1] ?? repo.id;
  return async (pattern, listOptions) => {
    if (pattern.startsWith(`hf://datasets/${name}@`) || pattern.startsWith(`hf://datasets/${name}/`)) {
      return await list(pattern, listOptions);
    }
    throw new HfStreamError(
      "INVALID_OPTION",
      say`Dataset ${repo.id}: its card names '${pattern}', which is not in the dataset; ${option("dataFiles")} can name it instead`,
      { path: repo.id },
    );
  };
}

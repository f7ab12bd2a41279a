import { HfStreamError } from "../errors.ts";
import { option, say } from "../message.ts";
import { escapeGlob } from "../fs/glob.ts";
import type { DataFile } from "../fs/types.ts";
import { DEFAULT_CONFIG } from "./choose-config.ts";
import { resolvePatterns, type SplitPatterns } from "./files/data-files.ts";
import { parseDataFilesOption } from "./files/data-files-option.ts";
import { findDefaultSplits } from "./files/default-splits.ts";
import { featuresFromJson } from "./features/features-json.ts";
import { FileIndex } from "./files/file-index.ts";
import type { FormatName } from "./files/formats.ts";
import type { SplitFiles } from "./files/infer-format.ts";
import { isExternalPattern } from "./files/pattern-paths.ts";
import type { DatasetRepo, ListExternal, ResolvedConfig, ResolveOptions } from "./types.ts";
import { createVisibilityTest } from "./files/visible-files.ts";

/**
 * Resolves `loadDataset('csv', { dataFiles })` and the like (`PackagedDatasetModuleFactory`): the format is the user's
 * word, so extensions do not matter; patterns go to `listExternal`. With `dataDir` alone, splits are found by the names
 * below it. Throws `INVALID_OPTION` where neither is given.
 */
export async function resolveNamedFormat(
  repo: DatasetRepo,
  options: ResolveOptions,
  format: FormatName,
): Promise<ResolvedConfig> {
  if (options.config !== undefined && options.config !== DEFAULT_CONFIG) {
    throw new HfStreamError(
      "CONFIG_NOT_FOUND",
      `Format '${format}' has no config '${options.config}', only '${DEFAULT_CONFIG}'`,
    );
  }
  const list = options.listExternal;
  const patterns = parseDataFilesOption(options.dataFiles);
  if (list === undefined || (patterns === undefined && options.dataDir === undefined)) {
    throw new HfStreamError(
      "INVALID_OPTION",
      say`'${format}' is a format: say by ${option("dataFiles")} or ${option("dataDir")} which files to read.`,
    );
  }
  const splits =
    patterns === undefined
      ? await detectBelow(options.dataDir ?? "", list, repo, options)
      : await resolveOutside(patterns, list, repo, options);
  return {
    name: DEFAULT_CONFIG,
    format,
    formatOptions: {},
    splits,
    features: options.features === undefined ? undefined : featuresFromJson(options.features),
  };
}

async function resolveOutside(
  patterns: SplitPatterns,
  list: ListExternal,
  repo: DatasetRepo,
  options: ResolveOptions,
): Promise<SplitFiles[]> {
  const folder = options.dataDir === undefined ? "" : escapeGlob(withSlash(options.dataDir));
  const placed = [...patterns].map(([split, ofSplit]): [string, string[]] => [
    split,
    ofSplit.map((pattern) => (isExternalPattern(pattern) ? pattern : `${folder}${pattern}`)),
  ]);
  return await resolvePatterns(new Map(placed), {
    datasetId: repo.id,
    index: new FileIndex([]),
    base: "",
    writtenIn: say`the option ${option("dataFiles")}`,
    listExternal: list,
    formatIsNamed: true,
    signal: options.signal,
  });
}

async function detectBelow(
  folder: string,
  list: ListExternal,
  repo: DatasetRepo,
  { signal }: ResolveOptions,
): Promise<SplitFiles[]> {
  const base = withSlash(folder);
  const { files } = new FileIndex(await list(`${escapeGlob(base)}**`, { signal }));
  const pathOf = (file: DataFile): string => {
    const at = file.path.startsWith(base) ? 0 : file.path.indexOf(`/${base}`) + 1;
    return file.path.slice(at + base.length); // a relative folder may be listed by its absolute path
  };
  const isVisible = createVisibilityTest("**");
  const visible = files.filter((file) => isVisible(pathOf(file)));
  const splits = findDefaultSplits(visible, pathOf, repo.id);
  if (splits.length > 0) return splits;
  throw new HfStreamError("NO_DATA_FILES", `No files below ${folder}`, { path: folder });
}

function withSlash(folder: string): string {
  return `${folder.replace(/\/+$/, "")}/`;
}

import { HfStreamError } from "../../errors.ts";
import type { DataFile } from "../../fs/types.ts";
import {
  baseName,
  belongsToFormat,
  type ExtensionFormat,
  extensionsOf,
  getExtensionFormat,
  isMetadataName,
  tellByEnding,
} from "./formats.ts";

/** A split before its format is known, or after. */
export interface SplitFiles {
  readonly name: string;
  readonly files: readonly DataFile[];
}

/** What a draw between equally frequent extensions prefers, best first. */
const FAVORITES = [".parquet", ".lance", ".vortex", ".arrow", ".jsonl", ".json", ".csv"];

/** Where the message about formats sends the user. */
const WAY_OUT = "`dataFiles` can name the files to read";

/**
 * Tells the one format of all splits by their most frequent extensions (`infer_module_for_data_files`). Files that only
 * describe others do not count, and draws go to Parquet, Lance, Vortex, Arrow, JSON Lines, JSON and CSV in this order.
 * Throws `UNSUPPORTED_FORMAT` where splits differ or hold archives, `NO_DATA_FILES` where no extension is known.
 */
export function inferFormat(splits: readonly SplitFiles[], datasetId: string): ExtensionFormat {
  const formats = splits.map((split) => inferSplitFormat(split.files, datasetId));
  const first = formats[0];
  const labels = splits.map((split, index) => `${split.name}: ${describe(formats[index])}`).join(", ");
  if (new Set(formats.map(describe)).size > 1) {
    throw new HfStreamError(
      "UNSUPPORTED_FORMAT",
      `Dataset ${datasetId}: all splits of a config must have one format, got ${labels}; ${WAY_OUT}`,
      { path: datasetId },
    );
  }
  if (first !== undefined) return first;
  throw new HfStreamError(
    "NO_DATA_FILES",
    `Dataset ${datasetId}: no file of a known format among ${sample(splits)}; ${WAY_OUT}`,
    { path: datasetId },
  );
}

/**
 * Keeps the files of the format and drops the others, as a repo holds more than data. Two kinds of one format, such as
 * `.csv` beside `.tsv` in one config, are error `UNSUPPORTED_FORMAT`: Python reads both by the rules of one of them.
 */
export function keepFormat(splits: readonly SplitFiles[], wanted: ExtensionFormat, datasetId: string): SplitFiles[] {
  const belongs = tellByEnding((name) => belongsToFormat(name, wanted.format));
  const isOther = tellByEnding((name) => {
    const kinds = kindsOf(name, wanted);
    return kinds.length > 0 && !kinds.includes(wanted);
  });
  const kept = splits.map((split) => ({ name: split.name, files: split.files.filter(({ path }) => belongs(path)) }));
  for (const split of kept) {
    const other = split.files.find(({ path }) => isOther(path));
    if (other !== undefined) {
      throw new HfStreamError(
        "UNSUPPORTED_FORMAT",
        `Dataset ${datasetId}: ${other.path} and other files of split '${split.name}' are of one format but differ in ` +
          `how they must be read (${kindsOf(baseName(other.path), wanted).map(describe).join(", ")} and ${describe(wanted)}); ${WAY_OUT}`,
        { path: other.path },
      );
    }
  }
  return kept.filter((split) => split.files.length > 0);
}

function inferSplitFormat(files: readonly DataFile[], datasetId: string): ExtensionFormat | undefined {
  const counts = new Map<string, { extension: string; metadata: boolean; count: number }>();
  for (const { name, count } of countEndings(files)) {
    const metadata = isMetadataName(name);
    for (const extension of extensionsOf(name)) {
      const key = `${extension}/${metadata}`;
      const entry = counts.get(key);
      if (entry === undefined) counts.set(key, { extension, metadata, count });
      else entry.count += count;
    }
  }
  const ranked = [...counts.values()].sort(
    (a, b) =>
      Number(a.metadata) - Number(b.metadata) ||
      b.count - a.count ||
      favor(a.extension) - favor(b.extension) ||
      (a.extension > b.extension ? -1 : 1),
  );
  for (const { extension } of ranked) {
    const format = getExtensionFormat(extension);
    if (format !== undefined) return format;
    if (extension === ".zip") {
      throw new HfStreamError(
        "UNSUPPORTED_FORMAT",
        `Dataset ${datasetId} is made of zip archives, which cannot be streamed.`,
        { path: datasetId },
      );
    }
  }
  return undefined;
}

/** Gives one of the names that end alike, and how many they are. */
function countEndings(files: readonly DataFile[]): { readonly name: string; readonly count: number }[] {
  const endings: { name: string; count: number }[] = [];
  const endingOf = tellByEnding((name) => {
    const ending = { name, count: 0 };
    endings.push(ending);
    return ending;
  });
  for (const file of files) endingOf(file.path).count += 1;
  return endings;
}

function favor(extension: string): number {
  const rank = FAVORITES.indexOf(extension);
  return rank < 0 ? FAVORITES.length : rank;
}

/** What the extensions of a name stand for, as far as it is of the same format as `wanted`. */
function kindsOf(name: string, wanted: ExtensionFormat): ExtensionFormat[] {
  return extensionsOf(name).flatMap((extension) => {
    const kind = getExtensionFormat(extension);
    return kind?.format === wanted.format ? [kind] : [];
  });
}

function describe(format: ExtensionFormat | undefined): string {
  if (format === undefined) return "none";
  const options = Object.entries(format.options).map(([name, value]) => ` with ${name} ${JSON.stringify(value)}`);
  return `${format.format}${options.join("")}`;
}

function sample(splits: readonly SplitFiles[]): string {
  const paths = splits.flatMap((split) => split.files.slice(0, 3)).map((file) => file.path);
  return paths.length === 0 ? "the files that match" : paths.slice(0, 3).join(", ");
}

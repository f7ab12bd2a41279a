import { HfStreamError } from "../../errors.ts";
import type { DataFile } from "../../fs/types.ts";
import { baseName } from "./formats.ts";
import type { SplitFiles } from "./infer-format.ts";
import { isSplitName } from "../split-spec.ts";

/** The keywords of each default split, in the order of `SPLIT_KEYWORDS` of `datasets.data_files`. */
const KEYWORDS: readonly (readonly [split: string, keywords: readonly string[]])[] = [
  ["train", ["train", "training"]],
  ["validation", ["validation", "valid", "dev", "val"]],
  ["test", ["test", "testing", "eval", "evaluation"]],
];

const SEPARATOR = "[-._ 0-9]";
const ANY_KEYWORD = /train|val|dev|test/;
const SHARD = /-[0-9]{5}-of-[0-9]{5}/g;
/** Greedy, as Python's: of two shard numbers in a name, the last one ends the split's name. */
const SHARDED_SPLIT = /^(.+)-[0-9]{5}-of-[0-9]{5}/s;
const SHARDED_NAME = /-[0-9]{5}-of-[0-9]{5}.*\./s;
const OF = "-of-";
const DIGITS = 5;
const SHARD_FOLDER = "data/";

/** For each split, the rank of the first pattern that a name matches; -1 where none does. */
type Ranks = readonly number[];

/**
 * Finds splits by names alone (`_get_data_files_patterns`): the first of these rules that any file answers to wins
 * altogether, and files it does not cover are left out.
 * 1. `data/{split}-00000-of-00001*.*`, any split name; 2. `*.eval`; 3. a keyword such as `train` or `dev` in the name
 * of a folder; 4. a keyword in a file name; 5. all files are split `train`.
 * `pathOf` gives a file's path from where the search starts; hidden and ignored files must be gone already.
 * The same results as probing its 63 patterns, in one pass. A file that answers to several patterns of a split is
 * taken once, where Python takes it once per pattern. Throws `INVALID_PATH` for a sharded file whose split name is none.
 */
export function findDefaultSplits(
  files: readonly DataFile[],
  pathOf: (file: DataFile) => string,
  datasetId: string,
): SplitFiles[] {
  const groups = [
    () => findSharded(files, pathOf, datasetId),
    () => nonEmpty([{ name: "logs", files: files.filter((file) => file.path.endsWith(".eval")) }]),
    () => findByKeyword(files, folderRanker(pathOf)),
    () => findByKeyword(files, (file) => rankName(baseName(file.path), NAME_PATTERNS)),
    () => nonEmpty([{ name: "train", files }]),
  ];
  for (const group of groups) {
    const splits = group();
    if (splits.length > 0) return splits;
  }
  return [];
}

function findSharded(files: readonly DataFile[], pathOf: (file: DataFile) => string, datasetId: string): SplitFiles[] {
  const declared = files.map((file) => declaredSplit(pathOf(file)));
  const bySplit = new Map<string, DataFile[]>();
  for (const split of new Set(declared)) {
    if (split === undefined) continue;
    if (!isSplitName(split)) throw notSplitName(split, files[declared.indexOf(split)]!, datasetId);
    bySplit.set(split, []);
  }
  files.forEach((file, index) => {
    const split = declared[index];
    if (split === undefined) return;
    const path = pathOf(file);
    if (!hasTwoShards(path)) bySplit.get(split)?.push(file);
    else for (const one of splitsOf(path)) bySplit.get(one)?.push(file);
  });
  const known = KEYWORDS.map(([split]) => split);
  const others = [...bySplit.keys()].filter((split) => !known.includes(split)).sort();
  return nonEmpty([...known, ...others].map((name) => ({ name, files: bySplit.get(name) ?? [] })));
}

/** The split that `data/{split}-00000-of-00001.parquet` declares; `undefined` for a path that is not of this form. */
function declaredSplit(path: string): string | undefined {
  const of = path.indexOf(OF);
  if (of < 0 || !path.startsWith(SHARD_FOLDER) || path.includes("/", SHARD_FOLDER.length)) return undefined;
  const name = path.slice(SHARD_FOLDER.length);
  if (path.includes(OF, of + 1)) return SHARDED_NAME.test(name) ? (SHARDED_SPLIT.exec(name)?.[1] ?? "") : undefined;
  // Long listings are of this kind, so it is told without regular expressions.
  const isShard = path[of - DIGITS - 1] === "-" && areDigits(path, of - DIGITS) && areDigits(path, of + OF.length);
  if (!isShard || !path.includes(".", of + OF.length + DIGITS)) return undefined;
  return path.slice(SHARD_FOLDER.length, of - DIGITS - 1);
}

/** What precedes each of the shard numbers in a name: all splits that it belongs to if other files declare them. */
function splitsOf(path: string): string[] {
  const name = path.slice(SHARD_FOLDER.length);
  return [...name.matchAll(SHARD)]
    .filter((match) => name.includes(".", match.index + match[0].length))
    .map((match) => name.slice(0, match.index));
}

function notSplitName(split: string, { path }: DataFile, datasetId: string): HfStreamError {
  return new HfStreamError(
    "INVALID_PATH",
    `Dataset ${datasetId}: ${path} would name a split '${split}', but split names are letters, digits, '_' and ` +
      `'.'; give \`dataFiles: { name: 'data/${split}-*' }\` to name it yourself`,
    { path },
  );
}

function hasTwoShards(path: string): boolean {
  return path.indexOf(OF) !== path.lastIndexOf(OF);
}

function areDigits(name: string, start: number): boolean {
  for (let at = start; at < start + DIGITS; at += 1) {
    const code = name.charCodeAt(at);
    if (!(code >= 0x30 && code <= 0x39)) return false;
  }
  return true;
}

function findByKeyword(files: readonly DataFile[], rank: (file: DataFile) => Ranks): SplitFiles[] {
  const matches = KEYWORDS.map(() => new Map<number, DataFile[]>());
  for (const file of files) {
    if (!ANY_KEYWORD.test(file.path)) continue;
    for (const [split, first] of rank(file).entries()) {
      if (first < 0) continue;
      const bucket = matches[split]?.get(first);
      if (bucket === undefined) matches[split]?.set(first, [file]);
      else bucket.push(file);
    }
  }
  return nonEmpty(
    KEYWORDS.map(([name], split) => ({
      name,
      files: [...matches[split]!].sort(([a], [b]) => a - b).flatMap(([, bucket]) => bucket),
    })),
  );
}

/** Ranks a file by the best of its folders; what is known of a folder's name is kept. */
function folderRanker(pathOf: (file: DataFile) => string): (file: DataFile) => Ranks {
  const known = new Map<string, Ranks>();
  const rankFolder = (folder: string): Ranks => {
    let ranks = known.get(folder);
    if (ranks === undefined) {
      const slash = folder.lastIndexOf("/");
      const own = rankName(folder.slice(slash + 1), FOLDER_PATTERNS);
      ranks = slash < 0 ? own : rankFolder(folder.slice(0, slash)).map((above, split) => best(above, own[split]!));
      known.set(folder, ranks);
    }
    return ranks;
  };
  return (file) => {
    const path = pathOf(file);
    const slash = path.lastIndexOf("/");
    return slash < 0 ? NO_RANKS : rankFolder(path.slice(0, slash));
  };
}

const NO_RANKS: Ranks = KEYWORDS.map(() => -1);

// `**/k/**`, `**/k[S]*/**`, `**/*[S]k/**` and `**/*[S]k[S]*/**`, as they bear on the name of one folder.
const FOLDER_PATTERNS = keywordPatterns((word) => [
  `^${word}$`,
  `^${word}${SEPARATOR}`,
  `${SEPARATOR}${word}$`,
  `${SEPARATOR}${word}${SEPARATOR}`,
]);

// `**/k[S]*` and `**/*[S]k[S]*`, as they bear on the name of a file.
const NAME_PATTERNS = keywordPatterns((word) => [`^${word}${SEPARATOR}`, `${SEPARATOR}${word}${SEPARATOR}`]);

function keywordPatterns(shapes: (word: string) => string[]): readonly (readonly RegExp[])[] {
  return KEYWORDS.map(([, words]) => words.flatMap(shapes).map((shape) => new RegExp(shape)));
}

function rankName(name: string, patterns: readonly (readonly RegExp[])[]): Ranks {
  if (!ANY_KEYWORD.test(name)) return NO_RANKS;
  return patterns.map((ofSplit) => ofSplit.findIndex((pattern) => pattern.test(name)));
}

function best(a: number, b: number): number {
  return a < 0 || b < 0 ? Math.max(a, b) : Math.min(a, b);
}

function nonEmpty(splits: SplitFiles[]): SplitFiles[] {
  return splits.filter((split) => split.files.length > 0);
}

import type { AbortOptions } from "../../async/abort.ts";
import { HfStreamError } from "../../errors.ts";
import { type Message, say } from "../../message.ts";
import { compileGlob, GlobBudget, hasMagic } from "../../fs/glob.ts";
import type { DataFile } from "../../fs/types.ts";
import { FileIndex } from "./file-index.ts";
import { baseName, hasKnownExtension } from "./formats.ts";
import type { SplitFiles } from "./infer-format.ts";
import { isExternalPattern, normalizePattern } from "./pattern-paths.ts";
import type { ListExternal } from "../types.ts";
import { createVisibilityTest } from "./visible-files.ts";

/** What the patterns of a card may cost: about a second, and more where there are very many files. */
const BASE_STEPS = 45_000_000;
const STEPS_PER_FILE = 500;

/** The patterns of each split, in order. */
export type SplitPatterns = ReadonlyMap<string, readonly string[]>;

/** Where patterns are looked up, and on whose word. */
export interface PatternScope extends AbortOptions {
  readonly datasetId: string;
  readonly index: FileIndex;
  /** The folder that relative patterns start from: empty, or ending in `/`. */
  readonly base: string;
  /** Who wrote the patterns, for messages: `the option \`dataFiles\``, or a card. */
  readonly writtenIn: string | Message;
  /** Lists patterns that are not paths in the repo; undefined where they are not allowed. */
  readonly listExternal: ListExternal | undefined;
  /** The user named the format: any extension will do, and relative patterns too are listed by `listExternal`. */
  readonly formatIsNamed: boolean;
}

/** A split by its patterns. */
export interface FoundSplit extends SplitFiles {
  /** Those of the files that a pattern without wildcards names. */
  readonly named: ReadonlySet<DataFile>;
}

/**
 * Finds the files of each split (`DataFilesDict.from_patterns`): pattern by pattern, sorted within each, each file once.
 * Throws `ENTRY_NOT_FOUND` for a path without wildcards that names no data file, `NO_DATA_FILES` for a split that
 * remains empty, `INVALID_OPTION` for patterns that leave the repo.
 */
export async function resolvePatterns(patterns: SplitPatterns, scope: PatternScope): Promise<FoundSplit[]> {
  const splits: FoundSplit[] = [];
  const budget = new GlobBudget(BASE_STEPS + STEPS_PER_FILE * scope.index.files.length);
  for (const [name, ofSplit] of patterns) {
    const found = new Map<string, DataFile>();
    const named = new Set<DataFile>();
    for (const pattern of ofSplit) {
      const files =
        scope.formatIsNamed || isExternalPattern(pattern)
          ? await listExternalPattern(pattern, scope)
          : matchRepoPattern(pattern, scope, budget);
      for (const file of files) {
        if (!found.has(file.path)) found.set(file.path, file);
        if (!hasMagic(pattern)) named.add(file);
      }
    }
    if (found.size === 0) throw noDataFiles(name, ofSplit, scope);
    splits.push({ name, files: [...found.values()], named });
  }
  return splits;
}

function matchRepoPattern(text: string, scope: PatternScope, budget: GlobBudget): readonly DataFile[] {
  const { base, pattern } = normalizePattern(text, scope.base, scope);
  if (!hasMagic(pattern)) return [getLiteral(text, `${base}${pattern}`, scope)];
  const glob = compileGlob(pattern, budget);
  const isVisible = createVisibilityTest(pattern);
  const matches = scope.index.startingWith(`${base}${glob.start}`).filter((file) => {
    const path = file.path.slice(base.length);
    return glob.matches(path) && isVisible(path) && isAllowed(file, scope);
  });
  if (matches.length > 0) return matches;
  const literal = scope.index.get(`${base}${pattern}`); // `a[1].csv` may be a name after all
  return literal !== undefined && isAllowed(literal, scope) ? [literal] : [];
}

function getLiteral(text: string, path: string, scope: PatternScope): DataFile {
  const file = scope.index.get(path);
  if (file !== undefined && isAllowed(file, scope)) return file;
  if (file !== undefined) throw unknownExtension(text, scope);
  throw notFound(text, hintFor(path, scope), scope);
}

async function listExternalPattern(pattern: string, scope: PatternScope): Promise<readonly DataFile[]> {
  const list = scope.listExternal;
  if (list === undefined) {
    throw new HfStreamError(
      "INVALID_OPTION",
      say`Dataset ${scope.datasetId}: expected ${scope.writtenIn} to name files of this dataset by paths from its root, got '${pattern}'`,
      { path: scope.datasetId },
    );
  }
  const listed = new FileIndex(await list(pattern, { signal: scope.signal })).files;
  if (!hasMagic(pattern)) {
    if (listed.length === 0) {
      const hint = pattern.startsWith("/") ? "; paths in a repo are written without a leading '/'" : "";
      throw notFound(pattern, hint, scope);
    }
    if (!listed.some((file) => isAllowed(file, scope))) throw unknownExtension(pattern, scope);
    return listed.filter((file) => isAllowed(file, scope));
  }
  const isVisible = createVisibilityTest(pattern);
  return listed.filter((file) => isVisible(file.path) && isAllowed(file, scope));
}

function isAllowed(file: DataFile, scope: PatternScope): boolean {
  return scope.formatIsNamed || hasKnownExtension(baseName(file.path));
}

function hintFor(path: string, { index }: PatternScope): string {
  const folder = path === "" ? "" : `${path.replace(/\/$/, "")}/`;
  if (index.startingWith(folder).length > 0) return `; it is a folder: '${folder}**' names the files in it`;
  const lower = path.toLowerCase();
  const near =
    index.files.find((file) => file.path.toLowerCase() === lower) ??
    index.files.find((file) => baseName(file.path).toLowerCase() === baseName(lower));
  return near === undefined ? "" : `; did you mean '${near.path}'?`;
}

function notFound(pattern: string, hint: string, { datasetId, writtenIn }: PatternScope): HfStreamError {
  return new HfStreamError(
    "ENTRY_NOT_FOUND",
    say`Dataset ${datasetId} has no file '${pattern}', which ${writtenIn} names${hint}`,
    {
      path: pattern,
    },
  );
}

/** What a user can do about an extension. */
const NAME_FORMAT =
  "to read it nonetheless, name a format instead of the dataset, as in loadDataset('text', { dataFiles })";

function unknownExtension(pattern: string, { datasetId, writtenIn }: PatternScope): HfStreamError {
  return new HfStreamError(
    "ENTRY_NOT_FOUND",
    say`Dataset ${datasetId}: '${pattern}', which ${writtenIn} names, has no extension of a data format; ${NAME_FORMAT}`,
    { path: pattern },
  );
}

function noDataFiles(
  split: string,
  patterns: readonly string[],
  { datasetId, writtenIn, base }: PatternScope,
): HfStreamError {
  const where = base === "" ? "" : ` below ${base}`;
  const quoted = patterns.map((pattern) => `'${pattern}'`).join(", ");
  return new HfStreamError(
    "NO_DATA_FILES",
    say`Dataset ${datasetId}: no data file${where} matches ${quoted}, which ${writtenIn} gives for split '${split}'`,
    { path: datasetId },
  );
}

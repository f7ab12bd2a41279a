import type { DataFile } from "../../fs/types.ts";
import { baseName } from "./formats.ts";

/** `FILES_TO_IGNORE` of `datasets.data_files`: they describe data. */
const IGNORED_NAMES: ReadonlySet<string> = new Set([
  "README.md",
  "config.json",
  "dataset_info.json",
  "dataset_infos.json",
  "dummy_data.zip",
  "dataset_dict.json",
]);

const HIDDEN_PART = /(?:^|\/)\.(?!\.*(?:\/|$))[^/]*/g;
const SPECIAL_FOLDER = /(?:^|\/)__[^/]*(?=\/)/g;
/** What few paths have, and all that are left out. */
const SUSPECT = new RegExp(`(?:^|/)(?:\\.|__|(?:${[...IGNORED_NAMES].join("|").replaceAll(".", "\\.")})$)`);

/**
 * Makes the test that a match of `pattern` must pass: it is not one of the names that are never data, and it has no more
 * hidden parts (`.git`) and special folders (`__pycache__`) than the pattern spells out. A pattern ending in an ignored
 * name asks for it. The rules of `resolve_pattern`.
 */
export function createVisibilityTest(pattern: string): (path: string) => boolean {
  const asked = baseName(pattern);
  const hidden = count(pattern, HIDDEN_PART);
  const special = count(pattern, SPECIAL_FOLDER);
  return (path) => {
    if (!SUSPECT.test(path) && !path.startsWith("http")) return hidden === 0 && special === 0;
    const name = baseName(path);
    if (IGNORED_NAMES.has(name) && name !== asked) return false;
    return count(path, HIDDEN_PART) === hidden && count(path, SPECIAL_FOLDER) === special;
  };
}

/** Keeps what default detection looks at: files that nothing hides below the folder `base` (empty, or ending in `/`). */
export function visibleFiles(files: readonly DataFile[], base: string): DataFile[] {
  const isVisible = createVisibilityTest("**");
  return files.filter((file) => isVisible(file.path.slice(base.length)));
}

function count(path: string, pattern: RegExp): number {
  return path.match(pattern)?.length ?? 0;
}

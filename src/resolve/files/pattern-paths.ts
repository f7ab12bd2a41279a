import { HfStreamError } from "../../errors.ts";
import { type Message, say } from "../../message.ts";

/** Whose pattern it is, for messages. */
export interface PatternOrigin {
  readonly datasetId: string;
  readonly writtenIn: string | Message;
}

/** A folder of the repo (empty, or ending in `/`) and a pattern from there, both without `.` and `..`. */
export interface RepoPattern {
  readonly base: string;
  readonly pattern: string;
}

const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;
const DRIVE = /^[a-z]:[\\/]/i;

/** Tells whether a pattern points elsewhere than into the repo: it is absolute, or has a scheme. */
export function isExternalPattern(pattern: string): boolean {
  return SCHEME.test(pattern) || DRIVE.test(pattern) || pattern.startsWith("/");
}

/**
 * Takes `.`, `..` and doubled slashes out of a pattern relative to `base`, which Python leaves in and then finds nothing.
 * Throws `INVALID_OPTION` where it leaves the repo or is empty.
 */
export function normalizePattern(pattern: string, base: string, origin: PatternOrigin): RepoPattern {
  const parts: string[] = [];
  const folders = base.split("/").filter((part) => part !== "");
  for (const part of pattern.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined && folders.pop() === undefined)
      throw invalid(pattern, "a path within the dataset", origin);
  }
  if (parts.length === 0 && folders.length === 0) throw invalid(pattern, "a path or pattern", origin);
  if (parts.length === 0) parts.push(folders.pop()!);
  return { base: folders.map((part) => `${part}/`).join(""), pattern: parts.join("/") };
}

/** Makes of a folder of the repo the prefix of the paths below it: empty for the root, else ending in `/`. Throws `INVALID_OPTION`. */
export function normalizeFolder(folder: string, origin: PatternOrigin): string {
  if (isExternalPattern(folder)) throw invalid(folder, "a folder of the dataset, relative to its root", origin);
  const parts: string[] = [];
  for (const part of folder.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) throw invalid(folder, "a folder within the dataset", origin);
  }
  return parts.map((part) => `${part}/`).join("");
}

function invalid(text: string, expected: string, { datasetId, writtenIn }: PatternOrigin): HfStreamError {
  return new HfStreamError(
    "INVALID_OPTION",
    say`Dataset ${datasetId}: expected ${writtenIn} to give ${expected}, got '${text}'`,
    {
      path: datasetId,
    },
  );
}

import { createHash } from "node:crypto";
import path from "node:path";

/** The names that lead to an entry, from the general to the particular. */
export type CacheKey = readonly string[];

/** Counted up when the form of entries changes: older versions then neither read nor break newer entries. */
export const LAYOUT_VERSION = "v1";
/** What all file systems take as one name, encoding included. */
const MAX_NAME = 150;

/**
 * The file of an entry below `root`. Every name is encoded, so that none leaves the folder or meets another, also where
 * the file system does not tell large letters from small ones.
 */
export function entryPath(root: string, key: CacheKey): string {
  return path.join(root, LAYOUT_VERSION, ...key.map(encodeName));
}

function encodeName(name: string): string {
  const safe = encodeURIComponent(name.replaceAll(/\p{Surrogate}/gu, "\ufffd"))
    .replaceAll("*", "%2A")
    .replace(/^\.+/, (dots) => "%2E".repeat(dots.length));
  if (safe === "") return "%";
  const isPlain = name === name.toLowerCase() && !/\p{Surrogate}/u.test(name);
  if (safe.length <= MAX_NAME && isPlain) return safe;
  const hash = createHash("sha256")
    .update(name, isPlain ? "utf8" : "utf16le")
    .digest("hex")
    .slice(0, 32);
  return `${safe.slice(0, MAX_NAME - 33)}~${hash}`;
}

import { type Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import path from "node:path";

/** A file below the root of a cache. */
export interface CachedFile {
  readonly file: string;
  /** The names that lead to it, decoded; the first is the version of the layout. */
  readonly key: readonly string[];
  readonly bytes: number;
  readonly lastUsedMs: number;
  /** An entry of a form of its own, a copy of a data file, or what a process that died left behind. */
  readonly kind: "entry" | "copy" | "leftover";
}

/** The folder of a version of the layout; other versions of this package have others. */
const VERSION = /^v\d+$/;
/** Older ones belong to no process that is still writing. */
const LEFTOVER_MS = 60 * 60_000;

/**
 * Lists the files of a cache, of all versions of the layout. Locks, and temporary files that may still be written, are left
 * out, as is what others put there.
 */
export async function* listCache(root: string): AsyncGenerator<CachedFile> {
  for (const entry of await entriesOf(root))
    if (entry.isDirectory() && VERSION.test(entry.name)) yield* listBelow(root, [entry.name]);
}

async function* listBelow(root: string, names: readonly string[]): AsyncGenerator<CachedFile> {
  for (const entry of await entriesOf(path.join(root, ...names))) {
    const below = [...names, entry.name];
    if (entry.isDirectory() && !entry.name.endsWith(".lock")) yield* listBelow(root, below);
    const found = entry.isFile() ? await describe(root, below) : undefined;
    if (found !== undefined) yield found;
  }
}

async function describe(root: string, names: readonly string[]): Promise<CachedFile | undefined> {
  const file = path.join(root, ...names);
  if (file.endsWith(".lock-owner")) return undefined;
  const stats = await stat(file).catch(() => undefined);
  if (stats === undefined) return undefined; // another process was faster
  const { size: bytes, atimeMs, mtimeMs, ctimeMs } = stats;
  const isTemporary = file.endsWith(".tmp");
  if (isTemporary && Date.now() - mtimeMs < LEFTOVER_MS) return undefined;
  const key = names.map(decodeName);
  const isCopy = key.includes("contents") && key.includes("files");
  const kind = isTemporary ? "leftover" : isCopy ? "copy" : "entry";
  // A copy that was checked has a modification time of its own; who made it changed it last.
  const lastUsedMs = isCopy && atimeMs < mtimeMs ? ctimeMs : Math.max(atimeMs, isCopy ? 0 : mtimeMs);
  return { file, key, bytes, lastUsedMs, kind };
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  return await readdir(folder, { withFileTypes: true }).catch(() => []);
}

function decodeName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name; // cut, with a hash behind it
  }
}

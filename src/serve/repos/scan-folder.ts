import type { Dirent } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import path from "node:path";

/** A file as it lies on the disk. */
export interface StoredFile {
  /** Within the repo, with `/`. */
  readonly path: string;
  /** Where its bytes are, all links followed. */
  readonly realPath: string;
  /** In bytes. */
  readonly size: number;
  readonly mtimeMs: number;
  readonly inode: number;
}

/** A file written this recently may be written again without its time telling: clocks of file systems are coarse. */
const SETTLING_MS = 20;

/** Tells whether what was read of `file` at `time` can be known by its size and time from then on. */
export function isSettled(file: { readonly mtimeMs: number }, time: number): boolean {
  return Math.abs(time - file.mtimeMs) > SETTLING_MS;
}

/** What a clone or a download leaves beside the files of a repo, and the Hub does not serve. */
const NOT_SERVED: ReadonlySet<string> = new Set([".git", ".cache/huggingface"]);

/**
 * Lists the files below `folder`, sorted by path. Links are followed as long as they stay within `root`, which is a
 * real path; others, and what vanishes meanwhile, are left out.
 */
export async function scanFolder(folder: string, root: string): Promise<StoredFile[]> {
  const files: StoredFile[] = [];
  await scanInto(files, { folder, prefix: "", root, parents: [await realpath(folder)] });
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

interface ScanPlace {
  readonly folder: string;
  /** The folder's path within the repo, with a slash at the end; empty for the root. */
  readonly prefix: string;
  readonly root: string;
  /** Real paths of the folders on the way down, which a link must not lead back to. */
  readonly parents: readonly string[];
}

async function scanInto(files: StoredFile[], place: ScanPlace): Promise<void> {
  const entries = await readdir(place.folder, { withFileTypes: true });
  for (let at = 0; at < entries.length; at += STATS_AT_ONCE) {
    await Promise.all(entries.slice(at, at + STATS_AT_ONCE).map((entry) => scanEntry(files, place, entry)));
  }
}

/** As many calls as the thread pool has room for, some waiting. */
const STATS_AT_ONCE = 64;

async function scanEntry(files: StoredFile[], place: ScanPlace, entry: Dirent): Promise<void> {
  const path_ = place.prefix + entry.name;
  if (NOT_SERVED.has(path_)) return;
  const folder = path.join(place.folder, entry.name);
  if (entry.isDirectory()) {
    const parents = [...place.parents, folder];
    await scanInto(files, { ...place, folder, prefix: `${path_}/`, parents });
    return;
  }
  const realPath = entry.isSymbolicLink() ? await followLink(folder, place.root) : folder;
  if (realPath === undefined) return;
  const stats = await stat(realPath).catch(ignoreMissing);
  if (stats === undefined) return;
  if (stats.isFile()) {
    files.push({ path: path_, realPath, size: stats.size, mtimeMs: stats.mtimeMs, inode: stats.ino });
  } else if (stats.isDirectory() && !place.parents.includes(realPath)) {
    await scanInto(files, { ...place, folder: realPath, prefix: `${path_}/`, parents: [...place.parents, realPath] });
  }
}

/** The real path of what a link leads to, or undefined if that is missing or outside `root`. */
export async function followLink(link: string, root: string): Promise<string | undefined> {
  const target = await realpath(link).catch(ignoreMissing);
  return target !== undefined && isWithin(target, root) ? target : undefined;
}

/** Tells whether `file` is `root` or below it; both are real paths. */
export function isWithin(file: string, root: string): boolean {
  const relative = path.relative(root, file);
  return relative !== ".." && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}

const MISSING: ReadonlySet<unknown> = new Set(["ENOENT", "ENOTDIR", "ELOOP"]);

/** For `.catch`: turns "there is no such file" into undefined, and lets other errors through. */
export function ignoreMissing(error: unknown): undefined {
  if (error instanceof Error && "code" in error && MISSING.has(error.code)) return undefined;
  throw error;
}

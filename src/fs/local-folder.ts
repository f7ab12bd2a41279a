import { createHash } from "node:crypto";
import type { Stats } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { HfStreamError } from "../errors.ts";
import { mapAhead } from "../async/map-ahead.ts";
import type { AbortOptions } from "../async/abort.ts";
import { LocalSource } from "./byte-source.ts";
import type { DataFile } from "./types.ts";

/** How many files are looked at at the same time. */
const STATS_AHEAD = 32;

/**
 * Lists every file below a local folder, sorted by path; paths are from the folder, with `/`. Links to files count as files,
 * wherever they lead: folders that Python's hub downloads to consist of them. Linked folders are not entered.
 */
export async function listFolder(folder: string, { signal }: AbortOptions = {}): Promise<DataFile[]> {
  const names = await namesBelow(folder);
  const files: DataFile[] = [];
  const look = async (name: string): Promise<DataFile | undefined> => await localFile(path.join(folder, name), name);
  for await (const file of mapAhead(names, look, { ahead: STATS_AHEAD, signal })) {
    if (file !== undefined) files.push(file);
  }
  return files;
}

/** Describes a local file; `undefined` if there is none. Its size and time stand for its content. */
export async function localFile(location: string, name: string): Promise<DataFile | undefined> {
  const found = await stat(location).catch(() => undefined);
  if (found?.isFile() !== true) return undefined;
  return { path: name, size: found.size, oid: contentName(location, found) };
}

/** What stands for the content of a local file: its place, size and time. */
export function contentName(location: string, { size, mtimeMs, ino }: Pick<Stats, "size" | "mtimeMs" | "ino">): string {
  return createHash("sha1")
    .update(`${path.resolve(location)} ${size} ${mtimeMs} ${ino}`)
    .digest("hex");
}

/** Reads a small text file. Throws `ENTRY_NOT_FOUND` for one that cannot be read. */
export async function readLocalText(location: string, { signal }: AbortOptions = {}): Promise<string> {
  const { size = 0 } = (await localFile(location, location)) ?? {};
  const bytes = await new LocalSource(location, size).read({ offset: 0, length: size }, { signal });
  return new TextDecoder().decode(bytes);
}

/** Names what a folder holds as it is now, in the place of a commit. */
export function folderState(files: readonly DataFile[]): string {
  const hash = createHash("sha1");
  for (const file of files) hash.update(`${file.path}\n${file.oid}\n`);
  return hash.digest("hex");
}

async function namesBelow(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join("/"))
      .sort((a, b) => (a < b ? -1 : 1));
  } catch (cause) {
    throw new HfStreamError("DATASET_NOT_FOUND", `There is no folder ${folder} that can be read.`, {
      cause,
      path: folder,
    });
  }
}

import type { Stats } from "node:fs";
import { lstat, readdir, stat } from "node:fs/promises";
import path from "node:path";
import type { AbortOptions } from "../async/abort.ts";
import { mapAhead } from "../async/map-ahead.ts";
import { HfStreamError } from "../errors.ts";
import { LocalSource } from "./byte-source.ts";
import { FileSystem, type FoundFile, isFolder, type ListOptions } from "./file-system.ts";
import { compileListingGlob, hasMagic } from "./glob.ts";
import { contentName } from "./local-folder.ts";
import { localPath, localPattern } from "./local-path.ts";
import { didYouMean, findNearNames } from "./near-names.ts";
import type { FileInfo, ReadOptions } from "./types.ts";

/** How many files, and how many folders, are looked at at the same time. */
const FILES_AHEAD = 32;
const FOLDERS_AHEAD = 4;

/**
 * The folders of this machine, by absolute path, path from the working directory or `file://` address; names are absolute,
 * with `/`. Links count as what they lead to, but what is below a linked folder is listed only when it is asked for
 * itself; broken links and devices are left out.
 */
export class LocalFileSystem extends FileSystem {
  async info(place: string, { signal }: ReadOptions = {}): Promise<FileInfo> {
    signal?.throwIfAborted();
    const name = localPath(place);
    const info = toFileInfo(name, await statOrThrow(name));
    if (info === undefined) throw missing(name, `${name} is neither a file nor a folder.`);
    return info;
  }

  async ls(place: string, { recursive = false, ...options }: ListOptions = {}): Promise<FileInfo[]> {
    const info = await this.info(place, options);
    return info.type === "file" ? [info] : await listBelow(info.path, recursive ? Infinity : 1, options);
  }

  async glob(pattern: string, options: ReadOptions = {}): Promise<FileInfo[]> {
    const whole = localPattern(pattern);
    const glob = compileListingGlob(whole);
    const top = hasMagic(whole) ? glob.prefix : whole;
    if (!(await this.exists(top, options))) return [];
    const info = await this.info(top, options);
    if (!hasMagic(whole)) return [info];
    const candidates = info.type === "file" ? [] : [info, ...(await listBelow(info.path, glob.depth, options))];
    return candidates.filter((candidate) => glob.matches(candidate));
  }

  protected async findFile(place: string, options: ReadOptions): Promise<FoundFile> {
    const info = await this.info(place, options);
    if (info.type === "directory") throw isFolder(info.path);
    return { info, source: new LocalSource(info.path, info.size) };
  }

  protected override async isEntered(folder: FileInfo): Promise<boolean> {
    return (await lstat(folder.path).catch(() => undefined))?.isSymbolicLink() === false; // it may be gone meanwhile
  }
}

/** Something in a folder. */
interface Child {
  readonly info: FileInfo;
  readonly isLink: boolean;
}

/** Lists what is at most `depth` levels below a folder, level by level, sorted by path in the end. */
async function listBelow(folder: string, depth: number, { signal }: AbortOptions): Promise<FileInfo[]> {
  const found: FileInfo[] = [];
  let level = [folder];
  for (let left = depth; left > 0 && level.length > 0; left -= 1) {
    const next: string[] = [];
    for await (const children of mapAhead(level, listChildren, { ahead: FOLDERS_AHEAD, signal })) {
      for (const { info, isLink } of children) {
        found.push(info);
        if (info.type === "directory" && !isLink) next.push(info.path);
      }
    }
    level = next;
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function listChildren(folder: string, { signal }: AbortOptions): Promise<Child[]> {
  const children: Child[] = [];
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw unreadable(folder, cause);
  });
  const describe = async (entry: (typeof entries)[number]): Promise<Child | undefined> => {
    const name = `${folder.replace(/\/$/, "")}/${entry.name}`;
    const found = await stat(name).catch(() => undefined); // a broken link, or gone meanwhile
    const info = found === undefined ? undefined : toFileInfo(name, found);
    return info === undefined ? undefined : { info, isLink: entry.isSymbolicLink() };
  };
  for await (const child of mapAhead(entries, describe, { ahead: FILES_AHEAD, signal })) {
    if (child !== undefined) children.push(child);
  }
  return children;
}

function toFileInfo(name: string, found: Stats): FileInfo | undefined {
  if (found.isFile()) return { path: name, type: "file", size: found.size, oid: contentName(name, found) };
  return found.isDirectory() ? { path: name, type: "directory", size: 0, oid: "" } : undefined;
}

async function statOrThrow(name: string): Promise<Stats> {
  try {
    return await stat(name);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== "ENOENT" && code !== "ENOTDIR") throw unreadable(name, cause);
    const siblings = await readdir(path.dirname(name)).catch(() => []);
    const near = findNearNames(path.basename(name), siblings).map((sibling) =>
      path.posix.join(path.dirname(name), sibling),
    );
    throw missing(name, `There is no ${name}${didYouMean(near)}`, cause);
  }
}

function unreadable(name: string, cause: unknown): HfStreamError {
  return new HfStreamError("INVALID_PATH", `${name} cannot be read: ${(cause as Error).message}`, {
    cause,
    path: name,
  });
}

function missing(name: string, message: string, cause?: unknown): HfStreamError {
  return new HfStreamError("ENTRY_NOT_FOUND", message, { path: name, cause });
}

import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import type { RepoType } from "../route.ts";
import { followLink, ignoreMissing, scanFolder } from "./scan-folder.ts";

/** A repo that a folder holds, as its `main` is now. */
export interface ServedRepo {
  readonly type: RepoType;
  readonly id: string;
  readonly files: number;
  /** Of all files. */
  readonly bytes: number;
  /** When a file was changed last, in milliseconds since 1970. */
  readonly modified: number;
}

const REPO_TYPES: readonly RepoType[] = ["datasets", "models", "spaces"];

/**
 * Lists the repos of one type below a folder, by the rules of `RepoStore`, sorted by id. Of folders in a folder that holds
 * files itself it takes none: they are the repo's own.
 */
export async function listRepos(root: string, type: RepoType): Promise<ServedRepo[]> {
  const found = new Map<string, ServedRepo>();
  for (const base of type === "datasets" ? [type, ""] : [type]) {
    for (const [id, folder] of await repoFolders(root, base)) {
      if (found.has(id)) continue;
      const files = await scanFolder(folder, root);
      const bytes = files.reduce((sum, { size }) => sum + size, 0);
      const modified = files.reduce((latest, { mtimeMs }) => Math.max(latest, mtimeMs), 0);
      found.set(id, { type, id, files: files.length, bytes, modified });
    }
  }
  return [...found.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Folders of `main`, by the id of the repo. */
async function repoFolders(root: string, base: string): Promise<[id: string, folder: string][]> {
  const top = path.join(root, base);
  const found: [string, string][] = [];
  for (const org of await foldersIn(top, root)) {
    if (base === "" && REPO_TYPES.some((type) => type === org)) continue;
    const folder = path.join(top, org);
    if (await holdsFiles(folder)) found.push([org, folder]);
    else for (const name of await foldersIn(folder, root)) found.push([`${org}/${name}`, path.join(folder, name)]);
  }
  return found;
}

/** Names of the folders in a folder that may be repos, or hold some. Those of other revisions have an `@`. */
async function foldersIn(folder: string, root: string): Promise<string[]> {
  const entries = (await readdir(folder, { withFileTypes: true }).catch(ignoreMissing)) ?? [];
  const names: string[] = [];
  for (const entry of entries) {
    if (!/^[\w-][\w.-]*$/.test(entry.name)) continue;
    if (entry.isDirectory() || (entry.isSymbolicLink() && (await isFolder(path.join(folder, entry.name), root))))
      names.push(entry.name);
  }
  return names;
}

async function isFolder(link: string, root: string): Promise<boolean> {
  const target = await followLink(link, root);
  return target !== undefined && (await stat(target)).isDirectory();
}

async function holdsFiles(folder: string): Promise<boolean> {
  const entries = (await readdir(folder, { withFileTypes: true }).catch(ignoreMissing)) ?? [];
  return entries.some((entry) => entry.isFile() && !entry.name.startsWith("."));
}

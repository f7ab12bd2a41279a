import { readdir, readFile, readlink, stat } from "node:fs/promises";
import path from "node:path";
import type { AbortOptions } from "../async/abort.ts";
import { mapAhead } from "../async/map-ahead.ts";
import { isCommit, type RepoRef, type RevisionRef } from "../hub/repo.ts";
import type { TreeEntry } from "../hub/wire.ts";
import { listFolder } from "./local-folder.ts";
import { parsePythonTree } from "./python-tree.ts";
import type { DataFile } from "./types.ts";

/** What Python has of a commit. */
export interface PythonListing {
  /** Files, sorted by path. */
  readonly files: readonly TreeEntry[];
  /** The folder that was looked at because Python kept no list: other files of the commit may exist. */
  readonly folder: string | undefined;
}

/** A revision that Python has seen, and the commit it stood for. */
export interface PythonRevision {
  readonly revision: string;
  readonly commit: string | undefined;
}

const LINKS_AHEAD = 32;
const SHA1 = /^[0-9a-f]{40}$/;
const SHA256 = /^[0-9a-f]{64}$/;

/**
 * The cache of Python's `huggingface_hub`, as it is on the disk: `refs/` has commits by revision, `trees/` the lists of files
 * that `snapshot_download` was given, `snapshots/` the files of commits, mostly links to `blobs/`, which are named by their
 * hash and may be links themselves, to the store that all repos share. It is read, and never written to.
 */
export class PythonCache {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  /** The commit that a revision stood for when Python last asked. */
  async commitOf(repo: RevisionRef): Promise<string | undefined> {
    const file = inside(this.#place(repo, "refs"), repo.revision);
    const text = file === undefined ? undefined : await textOf(file);
    const commit = text?.trim() ?? "";
    return isCommit(commit) ? commit : undefined;
  }

  /** The files of a commit: all of them where Python kept the list, else those that are there; `undefined` if none are. */
  async list(at: RevisionRef, options: AbortOptions = {}): Promise<PythonListing | undefined> {
    const text = await textOf(this.#place(at, "trees", `${at.revision}.json`));
    const files = text === undefined ? undefined : parsePythonTree(text);
    if (files !== undefined) return { files, folder: undefined };
    const folder = this.#place(at, "snapshots", at.revision);
    const found = await lookAt(folder, options);
    return found.length === 0 ? undefined : { files: found, folder };
  }

  /** Where a file of a commit is, if it is there in its whole size. */
  async find(at: RevisionRef, { path: name, size, oid }: DataFile): Promise<string | undefined> {
    const blob = SHA1.test(oid) || SHA256.test(oid) ? this.#place(at, "blobs", oid) : undefined;
    // Where there are no links, the snapshot has the file itself.
    for (const file of [blob, inside(this.#place(at, "snapshots", at.revision), name)]) {
      const found = file === undefined ? undefined : await stat(file).catch(() => undefined);
      if (found?.isFile() === true && found.size === size) return file;
    }
    return undefined;
  }

  /** The revisions of a repo that are there: names, then commits that no name leads to. */
  async revisionsOf(repo: RepoRef): Promise<PythonRevision[]> {
    const names = await namesOfRefs(this.#place(repo, "refs"));
    const named = await Promise.all(
      names.map(async (revision) => ({ revision, commit: await this.commitOf({ ...repo, revision }) })),
    );
    const snapshots = await readdir(this.#place(repo, "snapshots")).catch(() => []);
    const others = snapshots.filter((commit) => isCommit(commit) && !named.some((each) => each.commit === commit));
    return [...named, ...others.map((commit) => ({ revision: commit, commit }))];
  }

  #place({ type, id }: RepoRef, ...names: string[]): string {
    return path.join(this.root, `${type}s--${id.replaceAll("/", "--")}`, ...names);
  }
}

/** The files of a snapshot. A link is named by the content it leads to; of a file without a link the hash is not known. */
async function lookAt(folder: string, { signal }: AbortOptions): Promise<TreeEntry[]> {
  if (!(await isFolder(folder))) return [];
  const describe = async ({ path: name, size }: DataFile): Promise<TreeEntry> => {
    const target = await readlink(path.join(folder, name)).catch(() => "");
    const oid = path.basename(target);
    const entry = { type: "file", path: name, size } as const;
    if (SHA256.test(oid)) return { ...entry, oid: "", lfs: { oid, size } };
    return { ...entry, oid: SHA1.test(oid) ? oid : "" };
  };
  const entries: TreeEntry[] = [];
  const files = await listFolder(folder, { signal });
  for await (const entry of mapAhead(files, describe, { ahead: LINKS_AHEAD, signal })) entries.push(entry);
  return entries;
}

async function namesOfRefs(folder: string): Promise<string[]> {
  if (!(await isFolder(folder))) return [];
  return (await listFolder(folder)).map(({ path: name }) => name);
}

async function isFolder(place: string): Promise<boolean> {
  return (await stat(place).catch(() => undefined))?.isDirectory() === true;
}

async function textOf(file: string): Promise<string | undefined> {
  return await readFile(file, "utf8").catch(() => undefined);
}

/** A place below `folder`; `undefined` for a name that leads out of it. */
function inside(folder: string, name: string): string | undefined {
  const place = path.resolve(folder, name);
  return place.startsWith(folder + path.sep) ? place : undefined;
}

import type { TreeEntry } from "../hub/wire.ts";
import { findNearNames } from "./near-names.ts";

/** The root of a repo, which listings leave out. */
const ROOT: TreeEntry = { type: "directory", path: "", size: 0, oid: "" };

/** The files and folders of a commit by path. Made of a recursive listing, sorted by path. */
export class CommitIndex {
  /** All of them, sorted by path, but for the root. */
  readonly entries: readonly TreeEntry[];
  readonly #byPath = new Map<string, TreeEntry>([["", ROOT]]);
  readonly #inFolder = new Map<string, TreeEntry[]>();

  constructor(entries: readonly TreeEntry[]) {
    this.entries = entries;
    for (const entry of entries) {
      this.#byPath.set(entry.path, entry);
      const folder = folderOf(entry.path);
      const siblings = this.#inFolder.get(folder);
      if (siblings === undefined) this.#inFolder.set(folder, [entry]);
      else siblings.push(entry);
    }
  }

  /** Looks a path up, the empty one being the root. */
  get(path: string): TreeEntry | undefined {
    return this.#byPath.get(path);
  }

  /** What is directly in a folder, sorted by path. */
  childrenOf(folder: string): readonly TreeEntry[] {
    return this.#inFolder.get(folder) ?? [];
  }

  /** What is anywhere in a folder, sorted by path. */
  below(folder: string): readonly TreeEntry[] {
    return folder === "" ? this.entries : this.entries.filter(({ path }) => path.startsWith(`${folder}/`));
  }

  /** Paths that may be meant by one that is not there: in its folder, else of its name elsewhere. */
  nearTo(path: string): string[] {
    const siblings = findNearNames(
      path,
      this.childrenOf(folderOf(path)).map((entry) => entry.path),
    );
    if (siblings.length > 0) return siblings;
    const name = path.slice(path.lastIndexOf("/") + 1);
    const elsewhere = this.entries.filter((entry) => entry.path === name || entry.path.endsWith(`/${name}`));
    return elsewhere.slice(0, 3).map((entry) => entry.path);
  }
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

import type { Stats } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import type { RepoType } from "../route.ts";
import { listRepos, type ServedRepo } from "./list-repos.ts";
import { Repo } from "./repo.ts";
import type { ContentHashes } from "./content-hashes.ts";
import { followLink, ignoreMissing, isSettled } from "./scan-folder.ts";
import type { IsLarge } from "./snapshot.ts";

/** What the repos of a store share. */
export interface RepoStoreOptions {
  readonly hashes: ContentHashes;
  readonly isLarge: IsLarge;
}

interface FoundRepo {
  readonly repo: Repo;
  /** The folder it was found in, and its time then; undefined if that was too recent to tell a later change. */
  readonly parent: string;
  readonly parentMtimeMs: number | undefined;
}

const REPO_TYPES: ReadonlySet<string> = new Set(["datasets", "models", "spaces"]);
const NAME = /^(?!\.{1,2}$)[\w.-]+$/;

/**
 * The repos below one folder, each under `{type}/{id}` or, for datasets, under `{id}` alone. A folder `{id}` holds the
 * files of `main`; a folder `{id}@{revision}`, the revision percent-encoded, those of another. An id of one word is
 * a folder with at least one file directly in it.
 */
export class RepoStore {
  readonly #root: string;
  readonly #options: RepoStoreOptions;
  readonly #found = new Map<string, FoundRepo>();

  /** `root` is a real path. */
  constructor(root: string, options: RepoStoreOptions) {
    this.#root = root;
    this.#options = options;
  }

  /** Finds a repo whatever the case of `id`; `repo.id` is its name as the folders spell it. */
  async find(type: RepoType, id: string): Promise<Repo | undefined> {
    const words = id.split("/");
    if (words.length > 2 || !words.every((word) => NAME.test(word))) return undefined;
    const key = `${type}/${id.toLowerCase()}`;
    const known = this.#found.get(key);
    if (known?.parentMtimeMs !== undefined && (await mtimeOf(known.parent)) === known.parentMtimeMs) return known.repo;
    const found = await this.#look(type, words);
    if (found === undefined) {
      this.#found.delete(key);
      return undefined;
    }
    if (known !== undefined && known.repo.sameFolders(found.repo)) {
      this.#found.set(key, { ...found, repo: known.repo });
      return known.repo;
    }
    this.#found.set(key, found);
    return found.repo;
  }

  /** Lists the repos of a type, with what their `main` holds. */
  async list(type: RepoType): Promise<ServedRepo[]> {
    return await listRepos(this.#root, type);
  }

  async #look(type: RepoType, words: readonly string[]): Promise<FoundRepo | undefined> {
    for (const base of type === "datasets" ? [type, ""] : [type]) {
      const top = path.join(this.#root, base);
      const orgs = words.length === 1 ? [""] : await this.#orgs(top, words[0]!, base === "");
      for (const org of orgs) {
        const found = await this.#lookIn(path.join(top, org), { type, org, name: words.at(-1)! });
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }

  /** Folders in `top` named `org`, that of the exact spelling first. */
  async #orgs(top: string, org: string, bare: boolean): Promise<string[]> {
    const names = await readdir(top).catch(ignoreMissing);
    const matching = (names ?? []).filter((name) => name.toLowerCase() === org.toLowerCase());
    return matching.filter((name) => !bare || !REPO_TYPES.has(name)).sort((a, b) => preferExact(a, b, org));
  }

  async #lookIn(
    parent: string,
    { type, org, name }: { readonly type: RepoType; readonly org: string; readonly name: string },
  ): Promise<FoundRepo | undefined> {
    const parentMtimeMs = await mtimeOf(parent);
    const entries = (await readdir(parent).catch(ignoreMissing)) ?? [];
    const named = entries.map(splitFolderName);
    const matching = named.filter((folder) => folder.name.toLowerCase() === name.toLowerCase());
    matching.sort((a, b) => preferExact(a.name, b.name, name));
    const spelling = matching[0]?.name;
    if (spelling === undefined || parentMtimeMs === undefined) return undefined;
    const folders = new Map<string, string>();
    for (const folder of matching) {
      if (folder.name !== spelling || folder.revision === undefined) continue;
      const real = await this.#openFolder(path.join(parent, folder.entry), org === "");
      if (real !== undefined) folders.set(folder.revision, real);
    }
    if (folders.size === 0) return undefined;
    const id = org === "" ? spelling : `${org}/${spelling}`;
    const repo = new Repo({ type, id, folders, root: this.#root, ...this.#options });
    const settled = isSettled({ mtimeMs: parentMtimeMs }, Date.now());
    return { repo, parent, parentMtimeMs: settled ? parentMtimeMs : undefined };
  }

  /** The real path of a folder that may be a repo. */
  async #openFolder(folder: string, needsFile: boolean): Promise<string | undefined> {
    const real = await followLink(folder, this.#root);
    if (real === undefined) return undefined;
    const entries = await readdir(real, { withFileTypes: true }).catch(ignoreMissing);
    if (entries === undefined || (needsFile && !entries.some((entry) => !entry.isDirectory()))) return undefined;
    return real;
  }
}

interface NamedFolder {
  readonly entry: string;
  readonly name: string;
  /** Undefined if it is not percent-encoded UTF-8. */
  readonly revision: string | undefined;
}

function splitFolderName(entry: string): NamedFolder {
  const at = entry.indexOf("@");
  if (at === -1) return { entry, name: entry, revision: "main" };
  const name = entry.slice(0, at);
  try {
    return { entry, name, revision: decodeURIComponent(entry.slice(at + 1)) };
  } catch {
    return { entry, name, revision: undefined };
  }
}

function preferExact(a: string, b: string, wanted: string): number {
  return Number(b === wanted) - Number(a === wanted) || (a < b ? -1 : Number(a > b));
}

async function mtimeOf(folder: string): Promise<number | undefined> {
  const stats: Stats | undefined = await stat(folder).catch(ignoreMissing);
  return stats?.mtimeMs;
}

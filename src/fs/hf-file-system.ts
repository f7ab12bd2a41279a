import { HfStreamError } from "../errors.ts";
import type { TreeEntry } from "../hub/wire.ts";
import type { RevisionRef } from "../hub/repo.ts";
import type { CommitIndex } from "./commit-index.ts";
import { toDataFile } from "./commit-listing.ts";
import { FileSystem, type FoundFile, isFolder, type ListOptions } from "./file-system.ts";
import { compileListingGlob, hasMagic } from "./glob.ts";
import { hfPathOfWebAddress, parseHfPath, typedRoot } from "./hf-path.ts";
import { DEFAULT_REVISION, HubStore, type HubStoreOptions } from "./hub-store.ts";
import { didYouMean } from "./near-names.ts";
import { checkStoreOptions } from "./store-options.ts";
import type { FileInfo, ReadOptions } from "./types.ts";

/** How to reach a Hub. What is left out comes from the environment, as `huggingface_hub` reads it. */
export type HfFileSystemOptions = HubStoreOptions;

/** A place in a repo at a commit. */
interface Place {
  /** The repo and revision as they were typed: names begin with it. */
  readonly root: string;
  /** In the repo; empty for its root. */
  readonly path: string;
  readonly repo: RevisionRef;
  readonly index: CommitIndex;
}

/**
 * The repos of a Hub as folders: `[hf://][datasets/|spaces/]org/name[@revision]/path`, no prefix being a model, or the web
 * address of a file or folder. A revision with a slash is written encoded (`@feature%2Fx`), but for `refs/pr/N` and
 * `refs/convert/…`. One recursive listing per commit answers everything but reads; it stays in the cache that all
 * processes share, and what a branch points to is asked again after `revisionTtlMs`.
 *
 * Besides the errors of each method: `INVALID_PATH`, `DATASET_NOT_FOUND` (of any kind of repo), `REVISION_NOT_FOUND`, and those
 * of access and network.
 *
 * @example
 * ```ts
 * const hub = new HfFileSystem();
 * for (const file of await hub.glob("datasets/org/name/**\/*.parquet")) console.log(file.path, file.size);
 * ```
 */
export class HfFileSystem extends FileSystem {
  readonly #store: HubStore;

  /** Does no I/O. Throws `INVALID_OPTION` for options that are wrong or unknown. */
  constructor(options: HfFileSystemOptions = {}) {
    super();
    checkStoreOptions(options);
    this.#store = new HubStore(options);
  }

  async info(path: string, options: ReadOptions = {}): Promise<FileInfo> {
    const place = await this.#locate(path, options);
    return toFileInfo(place.root, entryAt(place));
  }

  async ls(path: string, { recursive = false, ...options }: ListOptions = {}): Promise<FileInfo[]> {
    const place = await this.#locate(path, options);
    const entry = entryAt(place);
    const { root, index } = place;
    if (entry.type === "file") return [toFileInfo(root, entry)];
    const entries = recursive ? index.below(entry.path) : index.childrenOf(entry.path);
    return entries.map((below) => toFileInfo(root, below));
  }

  async glob(pattern: string, options: ReadOptions = {}): Promise<FileInfo[]> {
    const { root, path, index } = await this.#locate(pattern, options);
    const top = index.get("");
    const candidates = top === undefined ? index.entries : [top, ...index.entries];
    if (!hasMagic(path))
      return candidates.filter((entry) => entry.path === path).map((entry) => toFileInfo(root, entry));
    const glob = compileListingGlob(path);
    return candidates.filter((entry) => glob.matches(entry)).map((entry) => toFileInfo(root, entry));
  }

  protected async findFile(path: string, options: ReadOptions): Promise<FoundFile> {
    const place = await this.#locate(path, options);
    const entry = entryAt(place);
    const info = toFileInfo(place.root, entry);
    if (entry.type === "directory") throw isFolder(info.path);
    return { info, source: this.#store.open(place.repo, toDataFile(entry)) };
  }

  async #locate(text: string, options: ReadOptions): Promise<Place> {
    options.signal?.throwIfAborted();
    const address = hfPathOfWebAddress(text, this.#store.client.endpoint) ?? text;
    const parsed = parseHfPath(address);
    const { type, id: asked, revision = DEFAULT_REVISION, path } = parsed;
    const { id, commit, index } = await this.#store.indexRevision({ type, id: asked, revision }, options);
    const repo = { type, id, revision: commit };
    return { root: typedRoot(address, parsed), path, repo, index };
  }
}

function entryAt({ root, path, index }: Place): TreeEntry {
  const entry = index.get(path);
  if (entry !== undefined) return entry;
  const near = index.nearTo(path).map((name) => `${root}/${name}`);
  throw new HfStreamError("ENTRY_NOT_FOUND", `There is no ${root}/${path}${didYouMean(near)}`, {
    path: `${root}/${path}`,
  });
}

function toFileInfo(root: string, { path, type, size, oid, lfs, xetHash }: TreeEntry): FileInfo {
  return {
    path: path === "" ? root : `${root}/${path}`,
    type,
    size,
    oid,
    ...(lfs === undefined ? {} : { lfs }),
    ...(xetHash === undefined ? {} : { xetHash }),
  };
}

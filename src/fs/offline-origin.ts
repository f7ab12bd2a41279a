import { warnOnce } from "../warning.ts";
import type { SharedCache } from "../cache/disk-cache.ts";
import { HfStreamError } from "../errors.ts";
import { type FileOptions, subjectOf } from "../hub/api.ts";
import { isCommit, repoPath, type RepoRef, type RevisionRef } from "../hub/repo.ts";
import type { RepoInfo, TreeEntry } from "../hub/wire.ts";
import { LocalSource, MemorySource } from "./byte-source.ts";
import { keptJson } from "./cached-json.ts";
import { type ListingAnswer, type ListingOptions, toDataFile } from "./commit-listing.ts";
import { isCopied } from "./download.ts";
import type { HubKeys } from "./hub-keys.ts";
import { noData, noListing, type Searched } from "./offline-error.ts";
import { OfflineSource } from "./offline-source.ts";
import { PythonCache } from "./python-cache.ts";
import type { RepoOrigin } from "./repo-origin.ts";
import type { ByteSource, DataFile, ReadOptions } from "./types.ts";

/** Where an {@link OfflineOrigin} looks. */
export interface OfflinePlaces {
  readonly cache: SharedCache;
  readonly keys: HubKeys;
  /** The root of the cache, for messages. */
  readonly cacheDir: string;
  /** The root of Python's. */
  readonly pythonCache: string;
}

/**
 * What this machine has of repos besides the very answer that was looked for in the shared cache. In this order: another
 * answer that the cache keeps and that says the same (one listing tells what the other does, a copy has the bytes), then
 * Python's cache. What is in neither is `OFFLINE`, and says how to get it.
 */
export class OfflineOrigin implements RepoOrigin {
  readonly isRemote = false;
  readonly #places: OfflinePlaces;
  readonly #python: PythonCache;

  constructor(places: OfflinePlaces) {
    this.#places = places;
    this.#python = new PythonCache(places.pythonCache);
  }

  async resolve(repo: RevisionRef): Promise<RepoInfo> {
    const commit = isCommit(repo.revision) ? repo.revision : await this.#python.commitOf(repo);
    if (commit !== undefined) return { id: repo.id, commit };
    throw noListing(repo, await this.#searched(repo));
  }

  /** A file `alongside` that is listed and not there is left out, with a warning: whoever wants it can do without. */
  async list(repo: RevisionRef, { alongside, ...options }: ListingOptions): Promise<ListingAnswer> {
    const { id, commit } = await this.resolve(repo);
    const at = { ...repo, revision: commit };
    const entries = await this.#entries(at, options);
    const files = entries.filter(({ type }) => type === "file").map(toDataFile);
    const wanted = files.find(({ path }) => path === alongside);
    if (wanted === undefined || (await this.#look(at, wanted)) !== undefined)
      return { id, commit, files, text: undefined };
    warnOnce(
      "HFSTREAM_PARTIAL",
      `Offline, ${subjectOf(at)} is read without its ${wanted.path}, which is not on this machine: what that says of it is ` +
        "not heeded.",
    );
    return { id, commit, files: files.filter((file) => file !== wanted), text: undefined };
  }

  async listTree(at: RevisionRef, options: ReadOptions): Promise<TreeEntry[]> {
    return withFolders(await this.#entries(at, options));
  }

  async getFile(at: RevisionRef, path: string, options: FileOptions): Promise<Uint8Array<ArrayBuffer>> {
    const { isGenuine = () => true, signal } = options;
    const { files } = await this.list(at, { signal });
    const file = files.find((each) => each.path === path);
    if (file === undefined) throw noData(at, path, await this.#searched(at));
    const source = this.open(at, file);
    const bytes = await source.read({ offset: 0, length: file.size }, { signal });
    if (isGenuine(bytes)) return bytes;
    const message = `${source.path}: what is on this machine is not the file that is listed: its hash is another.`;
    throw new HfStreamError("CORRUPT_FILE", message, { path: source.path });
  }

  open(at: RevisionRef, file: DataFile): ByteSource {
    return new OfflineSource(`${repoPath(at)}/${file.path}`, file, (user) => this.#find(at, file, user));
  }

  /** The files of a commit, maybe its folders too. */
  async #entries(at: RevisionRef, { signal }: ReadOptions): Promise<readonly TreeEntry[]> {
    const { cache, keys } = this.#places;
    const tree = await keptJson<TreeEntry[]>(cache, keys.of(at, "tree"));
    if (tree !== undefined) return tree;
    const files = await keptJson<DataFile[]>(cache, keys.of(at, "files"));
    if (files !== undefined) return files.map(toTreeEntry);
    const listing = await this.#python.list(at, { signal });
    if (listing === undefined) throw noListing(at, await this.#searched(at));
    if (listing.folder !== undefined)
      warnOnce(
        "HFSTREAM_PARTIAL",
        `Offline, ${subjectOf(at)} is what ${listing.folder} holds: Python kept no list of the files of this commit, so ` +
          "there may be more of them.",
      );
    return listing.files;
  }

  async #find(at: RevisionRef, file: DataFile, user: object): Promise<ByteSource> {
    const found = await this.#look(at, file, user);
    if (found !== undefined) return found;
    throw noData(at, file.path, await this.#searched(at));
  }

  /** Looks a file up; a copy in the cache is not evicted as long as `user` is not garbage. */
  async #look(at: RevisionRef, file: DataFile, user: object = {}): Promise<ByteSource | undefined> {
    const { cache, keys } = this.#places;
    const copy = cache.fileOf(keys.ofCopy(file.oid));
    if (await isCopied(file, copy).catch(() => false)) {
      cache.holds(copy, file.size, user);
      return new LocalSource(copy, file.size);
    }
    const text = await cache.get(keys.of(at, "text", file.path));
    if (text?.length === file.size) return new MemorySource(file.path, text);
    const found = await this.#python.find(at, file);
    return found === undefined ? undefined : new LocalSource(found, file.size);
  }

  async #searched(repo: RepoRef): Promise<Searched> {
    const { cacheDir, pythonCache } = this.#places;
    return { folders: [cacheDir, pythonCache], revisions: await this.#python.revisionsOf(repo) };
  }
}

/** Of a large file the hash of its pointer, which is what git calls it, is not known. */
function toTreeEntry({ path, size, oid }: DataFile): TreeEntry {
  const entry = { type: "file", path, size } as const;
  return oid.length === 64 ? { ...entry, oid: "", lfs: { oid, size } } : { ...entry, oid };
}

/** Adds the folders that files are in, whose hashes are not known. */
function withFolders(entries: readonly TreeEntry[]): TreeEntry[] {
  const known = new Set(entries.map(({ path }) => path));
  const folders = new Set<string>();
  for (const { path } of entries) {
    for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
      const folder = path.slice(0, end);
      if (known.has(folder) || folders.has(folder)) break;
      folders.add(folder);
    }
  }
  return [...entries, ...[...folders].map((path) => ({ type: "directory", path, size: 0, oid: "" }) as const)];
}

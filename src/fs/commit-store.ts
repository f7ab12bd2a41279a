import { LRUCache } from "lru-cache";
import type { SharedCache } from "../cache/disk-cache.ts";
import type { CacheKey } from "../cache/layout.ts";
import { repoPath, type RevisionRef } from "../hub/repo.ts";
import type { RepoInfo, TreeEntry } from "../hub/wire.ts";
import { cacheOptions } from "./cache-options.ts";
import { cachedJson, keptJson, toBytes } from "./cached-json.ts";
import { CommitIndex } from "./commit-index.ts";
import type { CommitListing, ListingOptions } from "./commit-listing.ts";
import { hasOid } from "./content-hash.ts";
import type { HubKeys } from "./hub-keys.ts";
import type { RepoOrigin } from "./repo-origin.ts";
import type { DataFile, ReadOptions } from "./types.ts";

/** Commits whose files are kept in memory. */
const MAX_COMMITS = 8;

/** What is known of commits, which never changes: their files, and small files whole. In memory, then in the shared cache. */
export class CommitStore {
  readonly #origin: RepoOrigin;
  readonly #cache: SharedCache;
  readonly #keys: HubKeys;
  readonly #listings = new LRUCache<string, readonly DataFile[]>({ max: MAX_COMMITS });
  readonly #indexes = new LRUCache<string, CommitIndex>({ max: MAX_COMMITS });

  constructor(origin: RepoOrigin, cache: SharedCache, keys: HubKeys) {
    this.#origin = origin;
    this.#cache = cache;
    this.#keys = keys;
  }

  /** Finds the commit of a revision together with its files, which are kept before others know of the commit. */
  async resolveAndList(repo: RevisionRef, options: ListingOptions): Promise<RepoInfo> {
    const { id, commit, files } = await this.#ask(repo, options);
    const at = { ...repo, id, revision: commit };
    this.#listings.set(commitKey(at), files);
    await this.#keep(this.#keys.of(at, "files"), toBytes(files));
    return { id, commit };
  }

  /** The files of a commit. */
  async list(at: RevisionRef, options: ListingOptions): Promise<readonly DataFile[]> {
    const known = this.#listings.get(commitKey(at));
    if (known !== undefined) return known;
    const ask = async (signal: AbortSignal | undefined): Promise<readonly DataFile[]> =>
      (await this.#ask(at, { ...options, signal })).files;
    const files = await cachedJson(this.#cache, this.#keys.of(at, "files"), ask, options);
    this.#listings.set(commitKey(at), files);
    return files;
  }

  /** The files and folders of a commit by path. */
  async index(at: RevisionRef, options: ReadOptions): Promise<CommitIndex> {
    const key = commitKey(at);
    let index = this.#indexes.get(key);
    if (index === undefined) {
      index = new CommitIndex(await this.#listTree(at, options));
      this.#indexes.set(key, index);
    }
    return index;
  }

  /** A small file, whose content `oid` names if it is given: what is not that content is asked for again. */
  async file(at: RevisionRef, path: string, oid: string | undefined, options: ReadOptions): Promise<Uint8Array> {
    const isGenuine = (bytes: Uint8Array): boolean => oid === undefined || hasOid(bytes, oid);
    const key = this.#keys.of(at, "text", path);
    const ask = (signal: AbortSignal | undefined): Promise<Uint8Array> =>
      this.#origin.getFile(at, path, { ...options, signal, isGenuine });
    const bytes = await this.#cache.getOrCreate(key, ask, cacheOptions(options));
    if (isGenuine(bytes)) return bytes;
    await this.#cache.drop(key); // it was kept before its oid was known
    return await this.#cache.getOrCreate(key, ask, cacheOptions(options));
  }

  /** The oid of a file, if its commit was listed before. */
  async oidOf(at: RevisionRef, file: string): Promise<string | undefined> {
    const kept = this.#keys.of(at, "files");
    const files = this.#listings.get(commitKey(at)) ?? (await keptJson<readonly DataFile[]>(this.#cache, kept));
    return files?.find(({ path }) => path === file)?.oid;
  }

  async #ask(repo: RevisionRef, options: ListingOptions): Promise<CommitListing> {
    const { text, ...listing } = await this.#origin.list(repo, options);
    const at = { ...repo, id: listing.id, revision: listing.commit };
    if (text !== undefined) await this.#keep(this.#keys.of(at, "text", options.alongside), Uint8Array.from(text));
    return listing;
  }

  async #listTree(at: RevisionRef, options: ReadOptions): Promise<TreeEntry[]> {
    const ask = async (signal: AbortSignal | undefined): Promise<TreeEntry[]> => {
      const entries = await this.#origin.listTree(at, { ...options, signal });
      return entries.sort((a, b) => (a.path < b.path ? -1 : 1));
    };
    return await cachedJson(this.#cache, this.#keys.of(at, "tree"), ask, options);
  }

  /** Keeps what was asked for along with something else. A disk that takes nothing must not fail the run. */
  async #keep(key: CacheKey, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.#cache.put(key, bytes).catch(() => {});
  }
}

/** Names a commit in memory. */
export function commitKey(at: RevisionRef): string {
  return `${repoPath(at)}@${at.revision}`;
}

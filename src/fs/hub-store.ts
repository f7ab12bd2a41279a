import { createHash } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { Dispatcher } from "undici";
import type { SharedCache } from "../cache/disk-cache.ts";
import { getFile, getRepoInfo, listTree, type RepoInfo, type TreeEntry } from "../hub/api.ts";
import { HubClient } from "../hub/client.ts";
import { findToken, type HubEnvironment, readEnvironment } from "../hub/env.ts";
import type { PauseBoard } from "../hub/rate-limit.ts";
import { RangeReader } from "../hub/range-reader.ts";
import { isCommit, repoPath, resolvePath, type RevisionRef } from "../hub/repo.ts";
import { DiskCache } from "../cache/disk-cache.ts";
import type { CacheKey } from "../cache/layout.ts";
import { RemoteSource } from "./byte-source.ts";
import { CommitIndex } from "./commit-index.ts";
import { askListing, type CommitListing, type ListingOptions } from "./commit-listing.ts";
import { checkEndpoint } from "./store-options.ts";
import type { ByteSource, DataFile, ReadOptions } from "./types.ts";

/** How to reach a Hub, and where its cache is. What is left out comes from the environment. */
export interface HubStoreOptions {
  readonly endpoint?: string | undefined;
  /** `false` sends none. */
  readonly token?: string | false | undefined;
  readonly cacheDir?: string | undefined;
  readonly offline?: boolean | undefined;
  /** An undici dispatcher, for proxies and tests. @default an agent of its own */
  readonly dispatcher?: Dispatcher | undefined;
  /** Sockets per origin. @default 16 */
  readonly maxConnections?: number | undefined;
  /** How long one read keeps trying without progress. @default 10 minutes */
  readonly maxOutageMs?: number | undefined;
  /** How long a branch's commit from the cache is trusted. @default 5 minutes */
  readonly revisionTtlMs?: number | undefined;
}

/** Commits whose files are kept in memory. */
const MAX_COMMITS = 8;
/** The oid of a large file is a sha256, that of a small one a sha1. */
const SHA256_DIGITS = 64;
/** Sockets per origin. */
export const DEFAULT_CONNECTIONS = 16;
const DEFAULT_OUTAGE_MS = 10 * 60_000;
const DEFAULT_TTL_MS = 5 * 60_000;

/**
 * What a Hub holds, by way of the shared cache: which commit a revision stands for, the files of a commit, small files
 * whole, large ones by ranges.
 */
export class HubStore {
  readonly client: HubClient;
  readonly cache: SharedCache;
  readonly #reader: RangeReader;
  readonly #listings = new LRUCache<string, readonly DataFile[]>({ max: MAX_COMMITS });
  readonly #indexes = new LRUCache<string, CommitIndex>({ max: MAX_COMMITS });
  readonly #offline: boolean;
  readonly #revisionTtlMs: number;

  constructor(options: HubStoreOptions = {}, environment: HubEnvironment = readEnvironment()) {
    const { endpoint = environment.endpoint, offline = environment.offline, dispatcher } = options;
    checkEndpoint(endpoint);
    const token = options.token ?? findToken();
    this.#offline = offline;
    this.#revisionTtlMs = options.revisionTtlMs ?? DEFAULT_TTL_MS;
    this.cache = new DiskCache(options.cacheDir ?? environment.cacheDir);
    this.client = new HubClient({
      endpoint,
      token: token === false ? undefined : token,
      offline,
      dispatcher,
      environment,
      pauses: pauseBoard(this.cache),
      maxConnections: options.maxConnections ?? DEFAULT_CONNECTIONS,
      maxOutageMs: options.maxOutageMs ?? DEFAULT_OUTAGE_MS,
    });
    this.#reader = new RangeReader(this.client);
  }

  /** Finds the commit of a revision: no request for a commit, or for a branch asked about less than the TTL ago. */
  async resolveRevision(repo: RevisionRef, options: ReadOptions = {}): Promise<RepoInfo> {
    if (isCommit(repo.revision)) return { id: repo.id, commit: repo.revision };
    return await this.#resolve(repo, (signal) => getRepoInfo(this.client, repo, { ...options, signal }), options);
  }

  /**
   * Finds the commit of a revision and all of its files. No request where the cache knows both; where it knows neither, one
   * round trip, which brings the file `alongside` too: {@link readText} then finds it in the cache.
   */
  async listRevision(repo: RevisionRef, options: ListingOptions = {}): Promise<CommitListing> {
    const isKnown = isCommit(repo.revision) || (await this.cache.get(this.#key(repo, "refs"))) !== undefined;
    const { id, commit } = isKnown
      ? await this.resolveRevision(repo, options)
      : await this.#resolve(repo, (signal) => this.#resolveAndList(repo, { ...options, signal }), options);
    const at = { ...repo, id, revision: commit };
    const key = memoryKey(at);
    let files = this.#listings.get(key);
    if (files === undefined) {
      const list = async (signal: AbortSignal | undefined): Promise<readonly DataFile[]> =>
        (await this.#ask(at, { ...options, signal })).files;
      files = await this.#cached(this.#key(at, "files"), list, options);
      this.#listings.set(key, files);
    }
    return { id, commit, files };
  }

  /**
   * Finds all files and folders of a commit by path, from its tree: asked once per commit, then kept for ever. Other than
   * {@link listRevision} it knows what folders and Xet files are called, and takes a request per thousand entries.
   */
  async indexCommit(repo: RevisionRef, options: ReadOptions = {}): Promise<CommitIndex> {
    const key = memoryKey(repo);
    let index = this.#indexes.get(key);
    if (index === undefined) {
      index = new CommitIndex(await this.#listTree(repo, options));
      this.#indexes.set(key, index);
    }
    return index;
  }

  /** Reads a small file of a commit whole, as text. */
  async readText(repo: RevisionRef, file: string, options: ReadOptions = {}): Promise<string> {
    const bytes = await this.cache.getOrCreate(
      this.#key(repo, "text", file),
      (signal) => getFile(this.client, repo, file, { ...options, signal }),
      cacheOptions(options),
    );
    return new TextDecoder().decode(bytes);
  }

  /** Opens a file of a commit for ranged reads: no request until the first one. */
  open(repo: RevisionRef, { path, size, oid }: DataFile): ByteSource {
    const name = `${repoPath(repo)}/${path}`;
    const sha256 = oid.length === SHA256_DIGITS ? oid : undefined;
    return this.openUrl(this.client.url(resolvePath(repo, path)), { name, size, sha256 });
  }

  /** Opens what any web address holds. The token goes along only to the Hub itself. */
  openUrl(
    url: URL,
    file: { readonly name: string; readonly size: number; readonly sha256?: string | undefined },
  ): ByteSource {
    return new RemoteSource(this.#reader, { ...file, url });
  }

  async #resolve(
    repo: RevisionRef,
    ask: (signal: AbortSignal | undefined) => Promise<RepoInfo>,
    options: ReadOptions,
  ): Promise<RepoInfo> {
    const maxAgeMs = this.#offline ? Infinity : this.#revisionTtlMs;
    return await this.#cached(this.#key(repo, "refs"), ask, { ...options, maxAgeMs });
  }

  /** Keeps the files before the commit is known to others, who then need not ask for them. */
  async #resolveAndList(repo: RevisionRef, options: ListingOptions): Promise<RepoInfo> {
    const { id, commit, files } = await this.#ask(repo, options);
    const at = { ...repo, id, revision: commit };
    this.#listings.set(memoryKey(at), files);
    await this.#keep(this.#key(at, "files"), toBytes(files));
    return { id, commit };
  }

  async #ask(repo: RevisionRef, options: ListingOptions): Promise<CommitListing> {
    const { text, ...listing } = await askListing(this.client, repo, options);
    const at = { ...repo, id: listing.id, revision: listing.commit };
    if (text !== undefined) await this.#keep(this.#key(at, "text", options.alongside), Uint8Array.from(text));
    return listing;
  }

  async #listTree(repo: RevisionRef, options: ReadOptions): Promise<TreeEntry[]> {
    return await this.#cached(
      this.#key(repo, "tree"),
      async (signal) => {
        const entries = await listTree(this.client, repo, { ...options, signal });
        return entries.sort((a, b) => (a.path < b.path ? -1 : 1));
      },
      options,
    );
  }

  /** Keeps what was asked for along with something else. A disk that takes nothing must not fail the run. */
  async #keep(key: CacheKey, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.cache.put(key, bytes).catch(() => {});
  }

  async #cached<T>(
    key: CacheKey,
    produce: (signal: AbortSignal | undefined) => Promise<T>,
    options: ReadOptions & { readonly maxAgeMs?: number },
  ): Promise<T> {
    const bytes = await this.cache.getOrCreate(key, async (signal) => toBytes(await produce(signal)), {
      ...cacheOptions(options),
      maxAgeMs: options.maxAgeMs,
    });
    // Its checksum says that it is what this version wrote: the layout's version changes with the shape.
    return JSON.parse(new TextDecoder().decode(bytes)) as T;
  }

  #key({ revision, ...repo }: RevisionRef, kind: "refs" | "files" | "tree" | "text", file?: string): CacheKey {
    return [this.#origin(), repoPath(repo), kind, revision, ...(file === undefined ? [] : [file])];
  }

  /** Names the Hub in keys, so that mirrors do not mix: the host, or a hash where a port or path makes it longer. */
  #origin(): string {
    const { host, pathname } = new URL(this.client.endpoint);
    return pathname === "/" ? host : `${host}-${createHash("sha256").update(pathname).digest("hex").slice(0, 8)}`;
  }
}

function memoryKey(repo: RevisionRef): string {
  return `${repoPath(repo)}@${repo.revision}`;
}

function toBytes(value: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(value));
}

/** Rate limits are told from process to process by way of the cache. */
function pauseBoard(cache: SharedCache): PauseBoard {
  return {
    read: async (quota) => Number(new TextDecoder().decode(await cache.get(["pauses", quota]))),
    write: (quota, until) => cache.put(["pauses", quota], new TextEncoder().encode(`${until}`)),
  };
}

/** A repo that a listing names without a revision is read at its default branch. */
export const DEFAULT_REVISION = "main";

/** How a look-up in the cache answers to the options of a read. */
export function cacheOptions({ signal, meter }: ReadOptions): { signal?: AbortSignal | undefined; onHit(): void } {
  return {
    signal,
    onHit: () => {
      if (meter !== undefined) meter.cacheHits += 1;
    },
  };
}

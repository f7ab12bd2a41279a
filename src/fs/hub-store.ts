import { LRUCache } from "lru-cache";
import type { Dispatcher } from "../hub/dispatcher.ts";
import { HfStreamError, isHfStreamError } from "../errors.ts";
import { HubClient } from "../hub/client.ts";
import { findToken, type HubEnvironment, readEnvironment } from "../hub/env.ts";
import { changed } from "../hub/file-location.ts";
import { RangeReader } from "../hub/range-reader.ts";
import { isCommit, repoPath, type RevisionRef } from "../hub/repo.ts";
import type { RepoInfo } from "../hub/wire.ts";
import { DiskCache, type SharedCache } from "../cache/disk-cache.ts";
import { FrozenCache } from "../cache/frozen-cache.ts";
import { parseSize } from "../cache/parse-size.ts";
import { DEFAULT_CACHE_BYTES } from "../cache/size-limit.ts";
import type { CacheKey } from "../cache/layout.ts";
import { RemoteSource } from "./byte-source.ts";
import type { CommitIndex } from "./commit-index.ts";
import type { CommitListing, ListingOptions } from "./commit-listing.ts";
import { cachedJson } from "./cached-json.ts";
import { commitKey, CommitStore } from "./commit-store.ts";
import { HubKeys } from "./hub-keys.ts";
import { HubOrigin } from "./hub-origin.ts";
import { OfflineOrigin } from "./offline-origin.ts";
import { pauseBoard } from "./pause-board.ts";
import type { RepoOrigin } from "./repo-origin.ts";
import { checkEndpoint, checkFoundToken } from "./store-options.ts";
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

/** A commit that a revision stands for. */
export interface ResolvedRevision extends RepoInfo {
  /** Whether the cache said so, and not the Hub just now: the commit may be gone since. */
  readonly isRemembered: boolean;
}

/** A commit that a revision stands for, and all of its files. */
export interface RevisionListing extends ResolvedRevision, CommitListing {}

/** Commits of which it is known what led to them. */
const MAX_REMEMBERED = 1000;
/** Sockets per origin. */
export const DEFAULT_CONNECTIONS = 16;
const DEFAULT_OUTAGE_MS = 10 * 60_000;
const DEFAULT_TTL_MS = 5 * 60_000;

/**
 * What a Hub holds, by way of the shared cache: which commit a revision stands for, the files of a commit, small files
 * whole, large ones by ranges. Offline it is what this machine has of it, and the cache is not written to.
 */
export class HubStore {
  readonly client: HubClient;
  readonly cache: SharedCache;
  readonly #reader: RangeReader;
  readonly #keys: HubKeys;
  readonly #origin: RepoOrigin;
  readonly #commits: CommitStore;
  /** The revisions that the cache led to a commit by. */
  readonly #remembered = new LRUCache<string, RevisionRef>({ max: MAX_REMEMBERED });
  readonly #revisionTtlMs: number;

  constructor(options: HubStoreOptions = {}, environment: HubEnvironment = readEnvironment()) {
    const { endpoint = environment.endpoint, offline = environment.offline, dispatcher } = options;
    checkEndpoint(endpoint);
    const token = options.token ?? findToken();
    if (options.token === undefined) checkFoundToken(token);
    this.#revisionTtlMs = offline ? Infinity : (options.revisionTtlMs ?? DEFAULT_TTL_MS);
    const maxBytes = environment.cacheMaxSize === undefined ? DEFAULT_CACHE_BYTES : cacheSize(environment.cacheMaxSize);
    const { cacheDir = environment.cacheDir } = options;
    // Offline, what would be evicted could not be had again, and a part of a listing must not be taken for the whole later.
    const cache = new DiskCache(cacheDir, { maxBytes: offline ? Infinity : maxBytes });
    this.cache = offline ? new FrozenCache(cache) : cache;
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
    this.#keys = new HubKeys(this.client.endpoint);
    this.#reader = new RangeReader(this.client);
    this.#origin = offline
      ? new OfflineOrigin({ cache, keys: this.#keys, cacheDir, pythonCache: environment.pythonCache })
      : new HubOrigin(this.client, this.#reader);
    this.#commits = new CommitStore(this.#origin, this.cache, this.#keys);
  }

  /** Where the cache keeps what is made of contents that this Hub names by `oid`. */
  contentKey(kind: string, oid: string): CacheKey {
    return this.#keys.ofContent(kind, oid);
  }

  /** Where the cache keeps the copy of a data file. */
  placeOfCopy(oid: string): string {
    return this.cache.fileOf(this.#keys.ofCopy(oid));
  }

  /** Finds the commit of a revision: no request for a commit, or for a branch asked about less than the TTL ago. */
  async resolveRevision(repo: RevisionRef, options: ReadOptions = {}): Promise<ResolvedRevision> {
    if (isCommit(repo.revision)) return { id: repo.id, commit: repo.revision, isRemembered: false };
    return await this.#resolve(repo, (signal) => this.#origin.resolve(repo, { ...options, signal }), options);
  }

  /**
   * Forgets which commit a revision stands for, if that is still `commit`: who asks next, in whatever process, asks the
   * Hub. For one that history rewriting removed.
   */
  async forgetRevision(repo: RevisionRef, commit: string): Promise<void> {
    const key = this.#keys.of(repo, "refs");
    const entry = await this.cache.get(key);
    if (entry !== undefined && new TextDecoder().decode(entry).includes(commit)) await this.cache.drop(key);
  }

  /**
   * Finds the commit of a revision and all of its files. No request where the cache knows both; where it knows neither, one
   * round trip, which brings the file `alongside` too: {@link readText} then finds it in the cache.
   */
  async listRevision(repo: RevisionRef, options: ListingOptions = {}): Promise<RevisionListing> {
    const isKnown =
      !this.#origin.isRemote ||
      isCommit(repo.revision) ||
      (await this.cache.get(this.#keys.of(repo, "refs"))) !== undefined;
    const found = isKnown
      ? await this.resolveRevision(repo, options)
      : await this.#resolve(repo, (signal) => this.#commits.resolveAndList(repo, { ...options, signal }), options);
    return await this.#atCommit(repo, found, options, async ({ id, commit, isRemembered }) => {
      const files = await this.#commits.list({ ...repo, id, revision: commit }, options);
      return { id, commit, isRemembered, files };
    });
  }

  /**
   * Finds the commit of a revision, and its files and folders by path from its tree: asked once per commit, then kept for
   * ever. Other than {@link listRevision} it knows what folders and Xet files are called, and takes a request per thousand
   * entries.
   */
  async indexRevision(
    repo: RevisionRef,
    options: ReadOptions = {},
  ): Promise<ResolvedRevision & { readonly index: CommitIndex }> {
    const found = await this.resolveRevision(repo, options);
    return await this.#atCommit(repo, found, options, async (resolved) => {
      const index = await this.#commits.index({ ...repo, id: resolved.id, revision: resolved.commit }, options);
      return { ...resolved, index };
    });
  }

  /** Reads a small file of a commit whole, as text: what came is checked where the listing is known. */
  async readText(repo: RevisionRef, file: string, options: ReadOptions = {}): Promise<string> {
    const oid = await this.#commits.oidOf(repo, file);
    try {
      return new TextDecoder().decode(await this.#commits.file(repo, file, oid, options));
    } catch (error) {
      if (oid === undefined || !isGone(error)) throw error;
      await this.#forgetCommit(repo);
      throw changed(`${repoPath(repo)}/${file}`, "the commit it was listed at is gone", error);
    }
  }

  /**
   * Opens a file of a commit for ranged reads: no request until the first one. A read that finds the commit gone forgets
   * what led to it, and throws `FILE_CHANGED`. Throws `INVALID_PATH` for a name that cannot be asked for.
   */
  open(repo: RevisionRef, file: DataFile): ByteSource {
    return this.#origin.open(repo, file, () => this.#forgetCommit(repo));
  }

  /** Opens what any web address holds. The token goes along only to the Hub itself. */
  openUrl(url: URL, file: { readonly name: string; readonly size: number }): ByteSource {
    return new RemoteSource(this.#reader, { ...file, url });
  }

  /** Does `use` at a commit. Where the cache led to it and it is gone, asks what there is now, and does it there. */
  async #atCommit<T>(
    repo: RevisionRef,
    found: ResolvedRevision,
    options: ReadOptions,
    use: (found: ResolvedRevision) => Promise<T>,
  ): Promise<T> {
    try {
      return await use(found);
    } catch (error) {
      if (!found.isRemembered || !isGone(error)) throw error;
      await this.forgetRevision(repo, found.commit);
      return await use(await this.resolveRevision(repo, options));
    }
  }

  async #resolve(
    repo: RevisionRef,
    ask: (signal: AbortSignal | undefined) => Promise<RepoInfo>,
    options: ReadOptions,
  ): Promise<ResolvedRevision> {
    let isRemembered = true;
    const askNow = async (signal: AbortSignal | undefined): Promise<RepoInfo> => {
      isRemembered = false;
      return await ask(signal);
    };
    const key = this.#keys.of(repo, "refs");
    const { id, commit } = await cachedJson(this.cache, key, askNow, { ...options, maxAgeMs: this.#revisionTtlMs });
    this.#remembered.set(commitKey({ ...repo, id, revision: commit }), repo);
    return { id, commit, isRemembered };
  }

  /** Forgets what led to a commit that is gone. */
  async #forgetCommit(at: RevisionRef): Promise<void> {
    const repo = this.#remembered.get(commitKey(at));
    if (repo !== undefined) await this.forgetRevision(repo, at.revision);
  }
}

/** Whether an error says that there is no such commit, or nothing at it. */
function isGone(error: unknown): boolean {
  return isHfStreamError(error, "REVISION_NOT_FOUND", "ENTRY_NOT_FOUND");
}

/** A repo that a listing names without a revision is read at its default branch. */
export const DEFAULT_REVISION = "main";

function cacheSize(text: string): number {
  const bytes = parseSize(text);
  if (bytes !== undefined) return bytes;
  throw new HfStreamError(
    "INVALID_OPTION",
    `Expected HFSTREAM_CACHE_MAX_SIZE to be a size such as 20GB, got '${text}'.`,
  );
}

import { rm } from "node:fs/promises";
import { SingleFlight } from "../async/single-flight.ts";
import type { AbortOptions } from "../async/abort.ts";
import { type CacheEntry, readEntry, writeEntry } from "./entry.ts";
import { type CacheKey, entryPath } from "./layout.ts";
import { keepInUse, noteUse } from "./last-use.ts";
import { acquireLock } from "./lock.ts";
import { SizeLimit } from "./size-limit.ts";

export interface CacheOptions extends AbortOptions {
  /** An older entry is made anew. @default Infinity */
  readonly maxAgeMs?: number | undefined;
  /** Called when the answer came from the disk. */
  readonly onHit?: (() => void) | undefined;
}

/** The cache on disk that all processes of this package share. */
export interface SharedCache {
  /** The place of a file that is kept as it is, for those who write it themselves. */
  fileOf(key: CacheKey): string;
  /** Counts such a file, and keeps it from being evicted as long as `user` is not garbage. */
  holds(file: string, bytes: number, user: object): void;
  /** Looks an entry up; `undefined` if it is absent, broken or too old. */
  get(key: CacheKey, options?: CacheOptions): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Keeps an entry, in the place of what was there. */
  put(key: CacheKey, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Forgets an entry that turned out to be no good. A disk that cannot be written keeps it. */
  drop(key: CacheKey): Promise<void>;
  /** Looks an entry up, or makes and keeps it; of those who ask at the same time, in whatever process, one makes it. */
  getOrCreate(
    key: CacheKey,
    produce: (signal: AbortSignal | undefined) => Promise<Uint8Array>,
    options?: CacheOptions,
  ): Promise<Uint8Array<ArrayBuffer>>;
}

/**
 * A {@link SharedCache} in the folder `root`. It never fails a run: where the disk is read-only, full or broken, and
 * where there is no lock, work is done without it.
 */
export class DiskCache implements SharedCache {
  readonly root: string;
  readonly #limit: SizeLimit;
  readonly #flights = new SingleFlight<CacheEntry & { readonly hit: boolean }>();

  /** Beyond `maxBytes` it evicts what was not used for longest. */
  constructor(root: string, { maxBytes = Infinity }: { readonly maxBytes?: number | undefined } = {}) {
    this.root = root;
    this.#limit = new SizeLimit(root, maxBytes);
  }

  holds(file: string, bytes: number, user: object): void {
    void noteUse(file);
    keepInUse(file, user);
    this.#limit.wrote(bytes);
  }

  fileOf(key: CacheKey): string {
    return entryPath(this.root, key);
  }

  async get(key: CacheKey, options: CacheOptions = {}): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const entry = await readEntry(entryPath(this.root, key));
    if (entry === undefined || isOld(entry, options)) return undefined;
    options.onHit?.();
    return entry.bytes;
  }

  async put(key: CacheKey, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    await writeEntry(entryPath(this.root, key), { bytes, createdAt: Date.now() });
    this.#limit.wrote(bytes.length);
  }

  async drop(key: CacheKey): Promise<void> {
    await rm(entryPath(this.root, key), { force: true }).catch(() => {});
  }

  async getOrCreate(
    key: CacheKey,
    produce: (signal: AbortSignal | undefined) => Promise<Uint8Array>,
    options: CacheOptions = {},
  ): Promise<Uint8Array<ArrayBuffer>> {
    const file = entryPath(this.root, key);
    const entry = await this.#flights.run(
      file,
      (signal) => readOrCreate(file, produce, { maxAgeMs: options.maxAgeMs, signal }),
      options,
    );
    if (entry.hit) options.onHit?.();
    else this.#limit.wrote(entry.bytes.length);
    return entry.bytes;
  }
}

async function readOrCreate(
  file: string,
  produce: (signal: AbortSignal | undefined) => Promise<Uint8Array>,
  options: CacheOptions,
): Promise<CacheEntry & { readonly hit: boolean }> {
  let found: CacheEntry | undefined;
  const isDone = async (): Promise<boolean> => {
    const entry = await readEntry(file);
    found = entry === undefined || isOld(entry, options) ? undefined : entry;
    return found !== undefined;
  };
  if (!(await isDone())) {
    const release = await lockOrNot(file, { isDone, signal: options.signal });
    try {
      // Read again inside the lock: whoever held it before may have made the entry.
      if (found === undefined && !(await isDone())) {
        const bytes = Uint8Array.from(await produce(options.signal));
        const entry = { bytes, createdAt: Date.now() };
        await writeEntry(file, entry).catch(() => {}); // a disk that takes nothing must not fail the run
        return { ...entry, hit: false };
      }
    } finally {
      await release?.();
    }
  }
  return { ...(found as unknown as CacheEntry), hit: true };
}

async function lockOrNot(file: string, options: Parameters<typeof acquireLock>[1]): ReturnType<typeof acquireLock> {
  try {
    return await acquireLock(file, options);
  } catch {
    options.signal?.throwIfAborted();
    return undefined;
  }
}

function isOld({ createdAt }: CacheEntry, { maxAgeMs = Infinity }: CacheOptions): boolean {
  const age = Date.now() - createdAt;
  return age >= maxAgeMs || age < -60_000; // a clock that was set back must not make an entry young for ever
}

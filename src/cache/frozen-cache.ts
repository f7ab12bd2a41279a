import type { CacheKey } from "./layout.ts";
import type { CacheOptions, SharedCache } from "./disk-cache.ts";

/** Gives what a cache holds, and adds nothing to it: for what is made of less than the truth. */
export class FrozenCache implements SharedCache {
  readonly #cache: SharedCache;

  constructor(cache: SharedCache) {
    this.#cache = cache;
  }

  fileOf(key: CacheKey): string {
    return this.#cache.fileOf(key);
  }

  holds(file: string, _bytes: number, user: object): void {
    this.#cache.holds(file, 0, user);
  }

  async get(key: CacheKey, options?: CacheOptions): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return await this.#cache.get(key, options);
  }

  async put(): Promise<void> {}

  async drop(key: CacheKey): Promise<void> {
    await this.#cache.drop(key);
  }

  async getOrCreate(
    key: CacheKey,
    produce: (signal: AbortSignal | undefined) => Promise<Uint8Array>,
    options: CacheOptions = {},
  ): Promise<Uint8Array<ArrayBuffer>> {
    return (await this.#cache.get(key, options)) ?? Uint8Array.from(await produce(options.signal));
  }
}

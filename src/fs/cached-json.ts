import type { SharedCache } from "../cache/disk-cache.ts";
import type { CacheKey } from "../cache/layout.ts";
import { cacheOptions } from "./cache-options.ts";
import type { ReadOptions } from "./types.ts";

/** Looks up what is kept as JSON, or makes it. */
export async function cachedJson<T>(
  cache: SharedCache,
  key: CacheKey,
  produce: (signal: AbortSignal | undefined) => Promise<T>,
  options: ReadOptions & { readonly maxAgeMs?: number },
): Promise<T> {
  const bytes = await cache.getOrCreate(key, async (signal) => toBytes(await produce(signal)), {
    ...cacheOptions(options),
    maxAgeMs: options.maxAgeMs,
  });
  return fromBytes(bytes) as T;
}

/** Looks up what is kept as JSON; `undefined` if there is none. */
export async function keptJson<T>(cache: SharedCache, key: CacheKey): Promise<T | undefined> {
  const bytes = await cache.get(key);
  return bytes === undefined ? undefined : (fromBytes(bytes) as T);
}

/** What is kept as JSON, as it is kept. */
export function toBytes(value: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(value));
}

/** Its checksum says that it is what this version wrote: the layout's version changes with the shape. */
function fromBytes(bytes: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(bytes));
}

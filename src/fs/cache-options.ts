import type { ReadOptions } from "./types.ts";

/** How a look-up in the cache answers to the options of a read. */
export function cacheOptions({ signal, meter }: ReadOptions): { signal?: AbortSignal | undefined; onHit(): void } {
  return {
    signal,
    onHit: () => {
      if (meter !== undefined) meter.cacheHits += 1;
    },
  };
}

import type { SharedCache } from "../cache/disk-cache.ts";
import { acquireLock } from "../cache/lock.ts";
import type { PauseBoard } from "../hub/rate-limit.ts";

/** Rate limits are told from process to process by way of the cache. */
export function pauseBoard(cache: SharedCache): PauseBoard {
  const keyOf = (quota: string): string[] => ["pauses", quota];
  return {
    read: async (quota) => Number(new TextDecoder().decode(await cache.get(keyOf(quota)))),
    write: (quota, until) => cache.put(keyOf(quota), new TextEncoder().encode(`${until}`)),
    probe: async (quota) => {
      const release = await acquireLock(cache.fileOf(keyOf(quota)), { isDone: async () => false, maxWaitMs: 1 });
      return release === undefined ? undefined : () => void release();
    },
  };
}

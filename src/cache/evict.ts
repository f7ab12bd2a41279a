import { rm } from "node:fs/promises";
import { type CachedFile, listCache } from "./inventory.ts";
import { IN_USE_MS } from "./last-use.ts";

export interface EvictOptions {
  /** Bytes that may stay; what is in use stays even so. */
  readonly maxBytes: number;
  /** Also removes what was not used for so long. @default Infinity */
  readonly maxIdleMs?: number | undefined;
  /** Whether to leave alone what was used within the last hour. @default true */
  readonly keepsUsed?: boolean | undefined;
}

/** Of the bound, what is left when it was passed: so that the next time is not at once. */
const LEFT_SHARE = 0.9;

/** What was removed, and what is left. */
export interface Evicted {
  readonly removed: number;
  readonly removedBytes: number;
  readonly left: number;
  readonly leftBytes: number;
}

/**
 * Removes files of a cache, those that were not used for longest first, until the rest is within bounds. What was used
 * within the last hour is in use, for whoever reads a file notes it every few minutes, and is never removed.
 */
export async function evict(
  root: string,
  { maxBytes, maxIdleMs = Infinity, keepsUsed = true }: EvictOptions,
): Promise<Evicted> {
  const files: CachedFile[] = [];
  for await (const file of listCache(root)) files.push(file);
  files.sort((a, b) => rank(a) - rank(b));
  const allBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const target = allBytes > maxBytes ? maxBytes * LEFT_SHARE : Infinity;
  let leftBytes = allBytes;
  let [removed, removedBytes] = [0, 0];
  const now = Date.now();
  for (const { file, bytes, lastUsedMs, kind } of files) {
    const idleMs = now - lastUsedMs;
    const isDue = kind === "leftover" || leftBytes > target || idleMs > maxIdleMs;
    if (!isDue || (keepsUsed && kind !== "leftover" && idleMs < IN_USE_MS)) continue;
    if (!(await rm(file).then(...YES_OR_NO))) continue;
    [removed, removedBytes, leftBytes] = [removed + 1, removedBytes + bytes, leftBytes - bytes];
  }
  return { removed, removedBytes, left: files.length - removed, leftBytes };
}

const YES_OR_NO = [(): boolean => true, (): boolean => false] as const;

function rank({ kind, lastUsedMs }: CachedFile): number {
  return kind === "leftover" ? 0 : lastUsedMs;
}

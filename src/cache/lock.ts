import { rm, rmdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { type AbortOptions, delay } from "../async/abort.ts";
import { LockWatch, STALE_MS } from "./lock-watch.ts";
import { makeFolder } from "./make-folder.ts";
import { describeOwner } from "./owner.ts";

const REFRESH_MS = 1_500;
/** After this long without the lock a process works without it: what it guards may be done twice. */
const MAX_WAIT_MS = 120_000;
/** Looks come soon at first, then seldom: hundreds that look often would starve the one that they wait for. */
const FIRST_POLL_MS = 50;
const LAST_POLL_MS = 1000;

export interface LockOptions extends AbortOptions {
  /** Asked before each try: what the lock is wanted for may have been done by its holder. */
  readonly isDone: () => Promise<boolean>;
  /** After this long without the lock the caller goes on without it. @default 2 minutes */
  readonly maxWaitMs?: number | undefined;
}

/**
 * Waits for the lock of `file`, a folder `<file>.lock` beside it, and gives the function that frees it; `undefined` if
 * `isDone` said so first, or if there can be no lock here (a read-only or full disk, or none within `maxWaitMs`). It excludes
 * only processes of this package, and it damps a stampede rather than guarantee anything: a process that sleeps too
 * long loses it. So the guarded work must bear being done twice.
 */
export async function acquireLock(
  file: string,
  { isDone, maxWaitMs = MAX_WAIT_MS, signal }: LockOptions,
): Promise<(() => Promise<void>) | undefined> {
  const lock = `${file}.lock`;
  const deadline = performance.now() + maxWaitMs;
  const watch = new LockWatch(lock, ownerFile(file));
  if (!(await isMade(path.dirname(file)))) return undefined;
  for (let pollMs = FIRST_POLL_MS; performance.now() < deadline; pollMs = Math.min(pollMs * 1.5, LAST_POLL_MS)) {
    signal?.throwIfAborted();
    if (await isDone()) return undefined;
    try {
      return await take(file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ELOCKED") return undefined;
    }
    if (await watch.isAbandoned()) {
      if (!(await isRemoved(lock))) return undefined;
    } else await delay(pollMs * (0.5 + Math.random() / 2), { signal });
  }
  return undefined;
}

/** Makes the lock, and refreshes it until it is freed. Rejects with `ELOCKED` where there is one. */
async function take(file: string): Promise<() => Promise<void>> {
  // Loaded late, since it installs handlers for signals when it is loaded.
  const { default: lockfile } = await import("proper-lockfile");
  const release = await lockfile.lock(file, {
    lockfilePath: `${file}.lock`,
    realpath: false,
    stale: STALE_MS,
    update: REFRESH_MS,
    onCompromised: () => {}, // the default throws in a timer; a lost lock only means that work may be done twice
  });
  const owner = ownerFile(file);
  await writeFile(owner, describeOwner()).catch(() => {});
  return async () => {
    await rm(owner, { force: true }).catch(() => {});
    await release().catch(() => {});
  };
}

/** Takes away what stands in the place of a lock; false where that is impossible. */
async function isRemoved(lock: string): Promise<boolean> {
  try {
    await rm(lock, { force: true });
  } catch {
    return await rmdir(lock).then(
      () => true,
      () => false,
    );
  }
  return true;
}

async function isMade(folder: string): Promise<boolean> {
  try {
    await makeFolder(folder);
    return true;
  } catch {
    return false;
  }
}

/** Where the holder of a lock leaves its name: the lock itself is a folder that must stay empty. */
function ownerFile(file: string): string {
  return `${file}.lock-owner`;
}

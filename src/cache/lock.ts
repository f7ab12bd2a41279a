import { rmdir, stat } from "node:fs/promises";
import path from "node:path";
import { type AbortOptions, delay } from "../async/abort.ts";
import { makeFolder } from "./make-folder.ts";

/** A lock whose time is as long ago belongs to a process that died. */
const STALE_MS = 30_000;
/** One that stood still for so long while it was watched too, or to one that was stopped. */
const STILL_MS = 6_000;
/** So often at least: on a machine that is overloaded, who watches is as late as who refreshes. */
const STILL_LOOKS = 8;
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
  // Loaded late, since it installs handlers for signals when it is loaded.
  const { default: lockfile } = await import("proper-lockfile");
  const deadline = performance.now() + maxWaitMs;
  const watch = new LockWatch(`${file}.lock`);
  if (!(await isMade(path.dirname(file)))) return undefined;
  for (let pollMs = FIRST_POLL_MS; performance.now() < deadline; pollMs = Math.min(pollMs * 1.5, LAST_POLL_MS)) {
    signal?.throwIfAborted();
    if (await isDone()) return undefined;
    try {
      const release = await lockfile.lock(file, {
        lockfilePath: `${file}.lock`,
        realpath: false,
        stale: STALE_MS,
        update: REFRESH_MS,
        onCompromised: () => {}, // the default throws in a timer; a lost lock only means that work may be done twice
      });
      return () => release().catch(() => {});
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ELOCKED") return undefined;
      if (!(await watch.mayBeFreed())) return undefined;
    }
    await delay(pollMs * (0.5 + Math.random() / 2), { signal });
  }
  return undefined;
}

/** Watches a lock that another one holds: its time tells nothing where the clocks differ, but that it stands still does. */
class LockWatch {
  readonly #lock: string;
  #seen: string | undefined;
  #since = 0;
  #looks = 0;

  constructor(lock: string) {
    this.#lock = lock;
  }

  /**
   * Takes the lock away from a holder that has not refreshed it while it was watched. False where that is impossible, since
   * something else stands in its place.
   */
  async mayBeFreed(): Promise<boolean> {
    const found = await stat(this.#lock).catch(() => undefined);
    const now = performance.now();
    const mark = `${found?.ino} ${found?.mtimeMs}`;
    if (mark !== this.#seen) {
      this.#seen = mark;
      this.#since = now;
      this.#looks = 0;
    } else if (++this.#looks >= STILL_LOOKS && now - this.#since > STILL_MS) {
      return await rmdir(this.#lock).then(
        () => true,
        (error: NodeJS.ErrnoException) => error.code === "ENOENT",
      );
    }
    return true;
  }
}

async function isMade(folder: string): Promise<boolean> {
  try {
    await makeFolder(folder);
    return true;
  } catch {
    return false;
  }
}

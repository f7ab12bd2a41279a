import { lstat } from "node:fs/promises";
import { openRegular } from "./open-regular.ts";
import { isOwnerAlive } from "./owner.ts";

/** A lock whose time is as long ago is abandoned, unless its owner is known to be alive. */
export const STALE_MS = 30_000;
/** One that stood still for so long while it was watched: its time tells nothing where clocks differ, but that does. */
const STILL_MS = { dead: 3_000, unknown: 6_000, alive: 120_000 };
/** So often at least: on a machine that is overloaded, who watches is as late as who refreshes. */
const MIN_LOOKS = 4;

/** Watches a lock that somebody else holds. */
export class LockWatch {
  readonly #lock: string;
  readonly #owner: string;
  #seen: string | undefined;
  #since = 0;
  #looks = 0;

  /** `owner` is where its holder may have left its name. */
  constructor(lock: string, owner: string) {
    this.#lock = lock;
    this.#owner = owner;
  }

  /**
   * Whether its holder died, was stopped, or has not refreshed it for long. One that lives on this machine has more time: it
   * may only be slow.
   */
  async isAbandoned(): Promise<boolean> {
    const found = await lstat(this.#lock).catch(() => undefined);
    if (found === undefined) return false; // freed just now
    const now = performance.now();
    const mark = `${found.ino} ${found.mtimeMs}`;
    this.#looks += 1;
    if (mark !== this.#seen) {
      this.#seen = mark;
      this.#since = now;
      this.#looks = 1;
    }
    const owner = await readOwner(this.#owner);
    const isAlive = await isOwnerAlive(owner);
    if (isAlive === undefined && found.mtimeMs < Date.now() - STALE_MS) return true;
    const state = isAlive === undefined ? "unknown" : isAlive ? "alive" : "dead";
    return this.#looks >= MIN_LOOKS && now - this.#since > STILL_MS[state];
  }
}

async function readOwner(file: string): Promise<string> {
  const opened = await openRegular(file).catch(() => undefined);
  if (opened === undefined || opened.stats.size > 1000) {
    await opened?.handle.close();
    return "";
  }
  const { handle } = opened;
  return await handle
    .readFile("utf8")
    .catch(() => "")
    .finally(() => handle.close());
}

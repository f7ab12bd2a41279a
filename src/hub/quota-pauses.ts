import { type AbortOptions, delay } from "../async/abort.ts";
import { HfStreamError } from "../errors.ts";
import { option, say } from "../message.ts";
import type { PauseBoard } from "./rate-limit.ts";
import { MAX_ASKED_WAIT_MS } from "./retry.ts";

/** Spreads those that waited for the same moment. */
const JITTER_MS = 250;
/** How long the others wait for what the one learns that asks first. */
const PROBE_MS = 1000;

/** A wait for a quota, how long others took before it, and how long it may go on. */
export interface Pause {
  readonly waitMs: number;
  readonly waitedMs: number;
  readonly leftMs: number;
}

/** Until when the quotas of a Hub are to be left alone, as this process and its neighbours learned it. */
export class QuotaPauses {
  readonly #board: PauseBoard | undefined;
  readonly #maxOutageMs: number;
  readonly #until = new Map<string, number>();

  constructor(board: PauseBoard | undefined, maxOutageMs: number) {
    this.#board = board;
    this.#maxOutageMs = maxOutageMs;
  }

  /** Leaves a quota alone for so long, but for no longer than its window. */
  note(quota: string, waitMs: number): void {
    const until = Date.now() + Math.min(waitMs, MAX_ASKED_WAIT_MS);
    if (until < (this.#until.get(quota) ?? 0)) return; // an older answer that came later
    this.#until.set(quota, until);
    this.#board?.write(quota, until).catch(() => {}); // the others then find out for themselves
  }

  /**
   * Waits until a quota may be used again. One of those that waited goes first, and gets what it must call when it has its
   * answer; the others come a little later, and wait on if it was refused. Throws `RATE_LIMITED` for a wait longer than an
   * outage may be. `onWait` is told before each wait.
   */
  async respect(
    quota: string,
    subject: string,
    options: AbortOptions & { readonly onWait?: (pause: Pause) => void },
  ): Promise<(() => void) | undefined> {
    for (let waited = 0; ;) {
      const wait = (await this.#pausedUntil(quota)) - Date.now();
      if (wait <= 0) return undefined;
      if (waited + wait > this.#maxOutageMs) throw tooLong(subject, wait);
      options.onWait?.({ waitMs: wait, waitedMs: waited, leftMs: this.#maxOutageMs - waited });
      await delay(wait + Math.random() * JITTER_MS, options);
      const probe = await this.#board?.probe(quota).catch(() => undefined);
      if (this.#board === undefined || probe !== undefined) return probe;
      await delay(PROBE_MS + Math.random() * JITTER_MS, options);
      waited += wait + PROBE_MS;
    }
  }

  async #pausedUntil(quota: string): Promise<number> {
    const shared = (await this.#board?.read(quota)) ?? 0;
    const latest = Date.now() + MAX_ASKED_WAIT_MS; // whatever somebody wrote
    return Math.max(this.#until.get(quota) ?? 0, Number.isFinite(shared) ? Math.min(shared, latest) : 0);
  }
}

function tooLong(subject: string, waitMs: number): HfStreamError {
  const seconds = Math.ceil(waitMs / 1000);
  return new HfStreamError(
    "RATE_LIMITED",
    say`The Hub limits the rate of requests: ${subject} would have to wait ${seconds} s, longer than ${option("maxOutageMs")}.`,
    { path: subject, status: 429, retryAfterMs: waitMs },
  );
}

import { type AbortOptions, delay } from "../async/abort.ts";
import { publishRetry, type RetryEvent } from "../diagnostics.ts";
import { HfStreamError, messageOf } from "../errors.ts";
import { option, say } from "../message.ts";
import { Attempt, FLOOR_BYTES_PER_SECOND } from "./attempt.ts";
import type { Meter } from "./meter.ts";

/** How long a failure is taken for a hiccup, counted over those of its kind that follow each other. */
export interface Patience {
  readonly tries: number;
  readonly ms: number;
}

/** A refusal that gives its reason in the Hub's own words: true, most of the time. */
export const PLAIN_REFUSAL: Patience = { tries: 2, ms: 3000 };
/** A refusal without a reason, such as a proxy's 404. */
export const BARE_REFUSAL: Patience = { tries: 3, ms: 3000 };
/** What cannot be right, but may pass: garbage for JSON, another ETag, a signed address that is refused. */
export const DOUBTFUL: Patience = { tries: Infinity, ms: 7000 };
/** A server that was never reached: most likely the address is wrong, or there is no network. */
export const UNREACHED: Patience = { tries: Infinity, ms: 12_000 };

/** A failure that may pass: asking again is worth it. Never leaves `hub/`. */
export class TransientError extends Error {
  /** What the caller gets when there is no time left. */
  readonly final: HfStreamError;
  /** How long the server asked to wait. */
  readonly waitMs: number | undefined;
  /** No limit but the time of an outage if left out. */
  readonly patience: Patience | undefined;

  constructor(
    final: HfStreamError,
    options: { readonly waitMs?: number | undefined; readonly patience?: Patience | undefined } = {},
  ) {
    super(final.message, { cause: final });
    this.final = final;
    this.waitMs = options.waitMs;
    this.patience = options.patience;
  }
}

export interface RetryOptions extends AbortOptions {
  /** How long to keep trying without progress. */
  readonly maxOutageMs: number;
  readonly meter?: Meter | undefined;
  /** What the tries have got so far, in bytes; what they got above the floor starts the clock and the back-off anew. */
  readonly progress?: (() => number) | undefined;
  /** Is told of each try that failed and is followed by another. */
  readonly onRetry?: ((event: RetryEvent) => void) | undefined;
}

const BASE_MS = 250;
const CAP_MS = 20_000;
/** The Hub's quotas are counted in windows of five minutes: nobody is to wait longer before asking again. */
export const MAX_ASKED_WAIT_MS: number = 5 * 60_000;

/**
 * Runs `run` until it succeeds, fails for good, or made no progress for `maxOutageMs`. Waits between tries grow
 * exponentially and differ from caller to caller, so that many workers do not come back in step; what the server asks for
 * is a floor.
 */
export async function withRetry<T>(run: (attempt: Attempt) => Promise<T>, options: RetryOptions): Promise<T> {
  const { signal, meter, onRetry } = options;
  const clock = new OutageClock(options);
  for (let number = 1; ; number += 1) {
    const attempt = new Attempt({ number, leftMs: clock.leftMs, signal });
    let wait: number;
    try {
      return await run(attempt);
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof TransientError)) throw error;
      wait = clock.waitAfter(error, attempt);
      const { url, status, message: reason } = error.final;
      const host = url === undefined ? "" : new URL(url).host;
      const { outageMs, patienceMs: leftMs } = clock;
      const event = { url, host, status, attempt: number, reason, delayMs: wait, outageMs, leftMs };
      publishRetry(() => event);
      onRetry?.(event);
    } finally {
      attempt.end();
    }
    if (meter !== undefined) meter.retries += 1;
    await delay(wait, { signal });
  }
}

/** Counts how long there was no progress, and decides whether there is another try. */
class OutageClock {
  readonly #maxOutageMs: number;
  readonly #progress: () => number;
  #seen: number;
  #spentMs = 0;
  /** Tries since there was progress: the back-off. */
  #tries = 0;
  #doubts = 0;
  #doubtMs = 0;
  #doubtLimitMs = Infinity;
  #waitMs = 0;

  constructor({ maxOutageMs, progress = () => 0 }: RetryOptions) {
    this.#maxOutageMs = maxOutageMs;
    this.#progress = progress;
    this.#seen = progress();
  }

  get leftMs(): number {
    return this.#maxOutageMs - this.#spentMs;
  }

  /** How long there was no progress, the wait for the next try not counted. */
  get outageMs(): number {
    return this.#spentMs - this.#waitMs;
  }

  /** How long is left, from the last failure on, for a failure of its kind. */
  get patienceMs(): number {
    return Math.min(this.leftMs, this.#doubtLimitMs - this.#doubtMs) + this.#waitMs;
  }

  /** How long to wait after a try that failed. Throws the final error where it was the last one. */
  waitAfter(error: TransientError, { spentMs, number }: Attempt): number {
    this.#count(error, spentMs);
    const backoff = Math.min(CAP_MS, BASE_MS * 2 ** Math.min(this.#tries - 1, 20)) * (0.5 + Math.random() / 2);
    const asked = error.waitMs === undefined ? undefined : Math.min(error.waitMs, MAX_ASKED_WAIT_MS);
    const wait = asked === undefined ? backoff : asked + (Math.random() * BASE_MS) / 2;
    const { tries, ms } = error.patience ?? { tries: Infinity, ms: Infinity };
    if (this.#doubts >= tries) throw error.final;
    // The next try may take as long as this one did.
    if (this.#spentMs + wait > this.#maxOutageMs || this.#doubtMs + wait + spentMs > ms)
      throw gaveUp(error, number, this.#spentMs, this.#maxOutageMs);
    this.#spentMs += wait;
    this.#doubtMs += wait;
    this.#waitMs = wait;
    this.#doubtLimitMs = ms;
    return wait;
  }

  #count({ patience }: TransientError, spentMs: number): void {
    const now = this.#progress();
    const isProgress = now - this.#seen >= FLOOR_BYTES_PER_SECOND * Math.max(1, spentMs / 1000);
    this.#seen = Math.max(this.#seen, now); // what is read a second time is no progress
    this.#tries = isProgress ? 1 : this.#tries + 1;
    this.#spentMs = isProgress ? 0 : this.#spentMs + spentMs;
    const isDoubt = patience !== undefined;
    this.#doubts = isDoubt ? this.#doubts + 1 : 0;
    this.#doubtMs = isDoubt ? (this.#doubts === 1 ? 0 : this.#doubtMs) + spentMs : 0;
  }
}

function gaveUp({ final, waitMs = 0 }: TransientError, tries: number, spentMs: number, maxOutageMs: number): Error {
  const spent = `gave up after ${tries} ${tries === 1 ? "try" : "tries"} in ${(spentMs / 1000).toFixed(1)} s`;
  const asked =
    waitMs > maxOutageMs ? say`: it asks to wait ${waitMs / 1000} s, longer than ${option("maxOutageMs")}` : "";
  return new HfStreamError(final.code, say`${messageOf(final)} (${spent}${asked})`, final);
}

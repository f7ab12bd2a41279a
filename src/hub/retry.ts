import { type AbortOptions, delay } from "../async/abort.ts";
import { HfStreamError } from "../errors.ts";
import type { Meter } from "./meter.ts";

/** A failure that may pass: asking again is worth it. Never leaves `hub/`. */
export class TransientError extends Error {
  /** What the caller gets when there is no time left. */
  readonly final: HfStreamError;
  /** How long the server asked to wait. */
  readonly waitMs: number | undefined;
  /** How many times in a row this may happen before it is final; no limit but time if left out. */
  readonly maxInARow: number;

  constructor(
    final: HfStreamError,
    options: { readonly waitMs?: number | undefined; readonly maxInARow?: number } = {},
  ) {
    super(final.message, { cause: final });
    this.final = final;
    this.waitMs = options.waitMs;
    this.maxInARow = options.maxInARow ?? Infinity;
  }
}

export interface RetryOptions extends AbortOptions {
  /** How long to keep trying without progress. */
  readonly maxOutageMs: number;
  readonly meter?: Meter | undefined;
  /** What `attempt` has got so far; when it grows the clock and the back-off start anew. */
  readonly progress?: () => number;
}

const BASE_MS = 250;
const CAP_MS = 20_000;

/**
 * Runs `attempt` until it succeeds, fails for good, or made no progress for `maxOutageMs`. Waits between tries grow
 * exponentially with full jitter, so that many workers do not come back in step; what the server asks for is a floor.
 */
export async function withRetry<T>(
  attempt: () => Promise<T>,
  { maxOutageMs, meter, progress, signal }: RetryOptions,
): Promise<T> {
  let since = performance.now();
  let seen = progress?.() ?? 0;
  let inARow = 0;
  for (let tries = 0; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof TransientError)) throw error;
      const now = progress?.() ?? 0;
      if (now > seen) {
        seen = now;
        since = performance.now();
        tries = 0;
        inARow = 0;
      }
      inARow = error.maxInARow === Infinity ? 0 : inARow + 1;
      const backoff = Math.random() * Math.min(CAP_MS, BASE_MS * 2 ** Math.min(tries, 20));
      const wait = error.waitMs === undefined ? backoff : error.waitMs + Math.random() * BASE_MS;
      const elapsed = performance.now() - since;
      if (inARow >= error.maxInARow || elapsed + wait > maxOutageMs)
        throw gaveUp(error, { tries: tries + 1, elapsedMs: elapsed, maxOutageMs });
      if (meter !== undefined) meter.retries += 1;
      await delay(wait, { signal });
    }
  }
}

function gaveUp(
  { final, waitMs = 0 }: TransientError,
  {
    tries,
    elapsedMs,
    maxOutageMs,
  }: { readonly tries: number; readonly elapsedMs: number; readonly maxOutageMs: number },
): HfStreamError {
  const spent = `gave up after ${tries} ${tries === 1 ? "try" : "tries"} in ${(elapsedMs / 1000).toFixed(1)} s`;
  const asked = waitMs > maxOutageMs ? `: it asks to wait ${waitMs / 1000} s, longer than \`maxOutageMs\`` : "";
  return new HfStreamError(final.code, `${final.message} (${spent}${asked})`, final);
}

import { linkController, type LinkedController } from "../async/abort.ts";

/** Bytes per second below which an answer counts as an outage. */
export const FLOOR_BYTES_PER_SECOND = 1000;
/** No answer for this long is an outage. */
const SILENCE_MS = 30_000;
/** How often the flow of bytes is looked at. */
const WINDOW_MS = 10_000;
/** Less than this is no measure of a rate. */
const MIN_WINDOW_MS = 1000;
/** A Hub that is busy may take so long, however little time there is for outages. */
const MIN_SILENCE_MS = 3000;

const GRACE_MS = 100;

/** What an attempt is given. */
export interface AttemptOptions {
  /** 1 for the first try. */
  readonly number: number;
  /** How long it may bring nothing. */
  readonly leftMs: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * One try of a request. It ends by itself where no answer comes, or where bytes come slower than the floor: for as long as
 * there is time left, at most. Waiting for a free socket does not count.
 */
export class Attempt {
  readonly number: number;
  readonly #leftMs: number;
  readonly #link: LinkedController;
  readonly #begun = performance.now();
  #sentAt: number | undefined;
  #received = 0;
  #timer: NodeJS.Timeout | undefined;
  #grace: NodeJS.Timeout | undefined;

  constructor({ number, leftMs, signal }: AttemptOptions) {
    this.number = number;
    this.#leftMs = leftMs;
    this.#link = linkController(signal);
  }

  /** Aborts with the caller's signal, or with an error that says what did not come. */
  get signal(): AbortSignal {
    return this.#link.signal;
  }

  /** What it received. */
  get bytes(): number {
    return this.#received;
  }

  /** For how long it has been under way. */
  get spentMs(): number {
    return performance.now() - (this.#sentAt ?? this.#begun);
  }

  /** A request goes to its socket: an answer is due. */
  sent(): void {
    this.#sentAt ??= performance.now();
    const ms = this.#patience(MIN_SILENCE_MS, SILENCE_MS);
    this.idle();
    this.#timer = setTimeout(() => this.#afterGrace(() => this.#fail(`no answer in ${seconds(ms)} s`)), ms).unref();
  }

  /** The head of an answer came: bytes are due. */
  answered(): void {
    this.idle();
    const ms = this.#patience(MIN_WINDOW_MS, WINDOW_MS);
    const least = Math.ceil((FLOOR_BYTES_PER_SECOND * ms) / 1000);
    let seen = this.#received;
    this.#timer = setInterval(() => {
      const from = seen;
      seen = this.#received;
      if (seen - from >= least) return;
      this.#afterGrace(() => {
        if (this.#received - from < least) this.#fail(`fewer than ${least} bytes in ${seconds(ms)} s`);
      });
    }, ms).unref();
  }

  received(bytes: number): void {
    this.#received += bytes;
  }

  /** An answer came whole: nothing more is due. */
  idle(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#grace);
  }

  end(): void {
    this.idle();
    this.#link.dispose();
  }

  /** Half of the time that is left is for another try. */
  #patience(leastMs: number, mostMs: number): number {
    return Math.min(mostMs, Math.max(leastMs, this.#leftMs / 2));
  }

  /** What came while this process was busy is read first: timers go before sockets. */
  #afterGrace(check: () => void): void {
    this.#grace = setTimeout(check, GRACE_MS).unref();
  }

  #fail(what: string): void {
    this.idle();
    this.#link.abort(new Error(what));
  }
}

function seconds(ms: number): string {
  return String(Math.round(ms / 100) / 10);
}

import type { RetryEvent } from "../diagnostics.ts";
import { warn } from "../warning.ts";

/** A hiccup passes in less, and needs no word. */
const WARN_AFTER_MS = 5000;

/** What goes on, in a line: `cannot reach huggingface.co, retrying, 9 min left`. */
export function describeOutage({ host, status, leftMs }: Pick<RetryEvent, "host" | "status" | "leftMs">): string {
  const what =
    status === undefined
      ? `cannot reach ${host}`
      : status === 429
        ? `${host} limits the rate of requests`
        : `${host} answers ${status}`;
  return `${what}, retrying, ${describeTime(leftMs)} left`;
}

/** Whether a try failed of the network or an overloaded server: an answer that refuses is asked for again, but no outage. */
export function isOutage({ status }: Pick<RetryEvent, "status">): boolean {
  return status === undefined || status >= 500 || status === 429 || status === 408;
}

/** `9 min`, `45 s`. */
function describeTime(ms: number): string {
  return ms >= 120_000 ? `${Math.floor(ms / 60_000)} min` : `${Math.ceil(ms / 1000)} s`;
}

/** Warns of an outage, once until it ends: a `process` warning of code `HFSTREAM_OUTAGE`. */
export class OutageWarning {
  #isTold = false;

  /** Takes note of a try that failed. */
  note(event: RetryEvent): void {
    if (this.#isTold || event.outageMs < WARN_AFTER_MS || !isOutage(event)) return;
    this.#isTold = true;
    warn("HFSTREAM_OUTAGE", describeOutage(event));
  }

  /** The server answered. */
  end(): void {
    this.#isTold = false;
  }
}

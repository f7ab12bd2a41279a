import { channel } from "node:diagnostics_channel";

/** One request that was answered or failed, as `hfstream:request` tells it. */
export interface RequestEvent {
  readonly method: string;
  /** Without its query. */
  readonly url: string;
  /** What was asked for: `info`, `tree`, `file`, `resolve`, `data`. */
  readonly kind: string | undefined;
  /** `undefined` where no answer came. */
  readonly status: number | undefined;
  readonly ms: number;
  /** Bytes of body received. */
  readonly bytes: number;
  /** 1 for the first try. */
  readonly attempt: number;
  readonly requestId: string | undefined;
}

/** A failed try that is followed by another, as `hfstream:retry` tells it. */
export interface RetryEvent {
  /** Without its query. */
  readonly url: string | undefined;
  /** The try that failed, 1 for the first. */
  readonly attempt: number;
  readonly reason: string;
  readonly delayMs: number;
}

const requests = channel("hfstream:request");
const retries = channel("hfstream:retry");

/** Publishes a request; `describe` is not called where nobody listens. */
export function publishRequest(describe: () => RequestEvent): void {
  if (requests.hasSubscribers) requests.publish(describe());
}

/** Publishes a retry; `describe` is not called where nobody listens. */
export function publishRetry(describe: () => RetryEvent): void {
  if (retries.hasSubscribers) retries.publish(describe());
}

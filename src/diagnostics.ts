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

/** A failed try that is followed by another, or a wait before one that would be refused, as `hfstream:retry` tells it. */
export interface RetryEvent {
  /** Without its query. */
  readonly url: string | undefined;
  /** The server that failed; of no address, empty. */
  readonly host: string;
  /** What it answered; `undefined` where no answer came. */
  readonly status: number | undefined;
  /** The try that failed, 1 for the first. */
  readonly attempt: number;
  readonly reason: string;
  readonly delayMs: number;
  /** How long there was no progress. */
  readonly outageMs: number;
  /** How long it is tried again before the read fails. */
  readonly leftMs: number;
}

/** A unit (row group) that was fetched and decoded, as `hfstream:unit` tells it. */
export interface UnitEvent {
  /** The file, without its query. */
  readonly path: string;
  readonly unit: number;
  /** Bytes that were fetched of it. */
  readonly bytes: number;
  /** From the first request to the last byte. */
  readonly fetchMs: number;
  /** Work of decoding. */
  readonly decodeMs: number;
}

/** An iteration that stands still, as `hfstream:stall` tells it. */
export interface StallEvent {
  readonly dataset: string;
  /** The file that is read. */
  readonly path: string | undefined;
  /**
   * What it waits for: `resolve` (listing, card, footers), `network`, `memory` (the budget), `decode`, `function` (of the
   * user), `consumer` (the loop over the rows).
   */
  readonly stage: string;
  /** Since when, in milliseconds. */
  readonly ms: number;
  readonly rows: number;
  readonly bytesFetched: number;
  readonly requests: number;
  readonly retries: number;
}

const requests = channel("hfstream:request");
const retries = channel("hfstream:retry");
const units = channel("hfstream:unit");
const stalls = channel("hfstream:stall");

/** Publishes a request; `describe` is not called where nobody listens. */
export function publishRequest(describe: () => RequestEvent): void {
  if (requests.hasSubscribers) requests.publish(describe());
}

/** Publishes a retry; `describe` is not called where nobody listens. */
export function publishRetry(describe: () => RetryEvent): void {
  if (retries.hasSubscribers) retries.publish(describe());
}

/** Publishes a unit that was read; `describe` is not called where nobody listens. */
export function publishUnit(describe: () => UnitEvent): void {
  if (units.hasSubscribers) units.publish(describe());
}

/** Publishes that an iteration stands still; `describe` is not called where nobody listens. */
export function publishStall(describe: () => StallEvent): void {
  if (stalls.hasSubscribers) stalls.publish(describe());
}

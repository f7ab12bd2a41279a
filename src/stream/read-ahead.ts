import { DEFAULT_BLOCK_SIZE } from "../fs/read-segments.ts";

/** How fast an average follows what is measured. */
const WEIGHT = 0.25;
/** Fetches of which the fastest tells how long one takes that need not wait for others. */
const RECENT = 16;
/** How much longer than that a fetch may take before the consumer has to wait: so much at first, and when it had to. */
const MARGIN = 2;
const MAX_MARGIN = 8;
/** A wait of this share of the time that a group is used makes the margin grow; without one it shrinks slowly. */
const TOLERATED_WAIT = 0.01;
const MARGIN_GROWTH = 1.5;
const MARGIN_DECAY = 0.98;
/** A group that is used for less than this many times its decoding is used as fast as can be: reading ahead gains nothing. */
const LEISURELY = 1.5;

/** How many times `prefetchDepth` is allowed before the first group was used. */
const UNKNOWN_USE = 3;

/** The part of the memory budget that may be on its way. */
const FLIGHT_SHARE = 0.5;

/** Requests under way for each connection: one that is done then has the next one at once. */
const REQUESTS_PER_CONNECTION = 2;

const MAX_BLOCK_SIZE = 4 * DEFAULT_BLOCK_SIZE;
const SLICE_BYTES = 16 * 1024 * 1024;
const MAX_SLICE_BYTES = 64 * 1024 * 1024;

export interface ReadAheadSettings {
  /** Units that are under way in any case, beside the one in use; 0: none are, ever. */
  readonly prefetchDepth: number;
  readonly maxConnections: number;
  readonly decodeThreads: number;
  readonly memoryBudget: number;
  /** Bytes that a request aims at. @default 8 MiB, and more where that is better */
  readonly blockSize: number | undefined;
}

/**
 * Decides how many groups are under way while one is used. Each must be begun as long before its turn as fetching takes:
 * in that time `fetch time / use time` others are used (Little's law), where use is what takes longer, decoding or the
 * consumer. All of it is measured; a consumer that takes its time and had to wait nevertheless shows that fetching varies,
 * and more are begun. More than all connections can carry never are, and what only waits in line for them does not count
 * as slow.
 */
export class ReadAhead {
  /** Called when the depth may have grown. */
  onFetched: () => void = () => {};
  readonly #settings: ReadAheadSettings;
  #hasBegun = false;
  readonly #fetchMs: number[] = [];
  #margin = MARGIN;
  #useMs: number | undefined;
  #decodeMs = 0;
  #requestsEach = 1;
  #bytesEach = 0;

  constructor(settings: ReadAheadSettings) {
    this.#settings = settings;
  }

  /** Whether anything is read ahead yet: what the first rows wait for is asked for alone. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** The first rows do not wait for anything any more. */
  begin(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.onFetched();
  }

  /** Groups to have under way beside the one in use, if each is of so many units. */
  depth(unitsEach: number): number {
    if (!this.#hasBegun) return 0;
    const least = this.#leastGroups(unitsEach);
    if (this.#fetchMs.length === 0) return least;
    const useMs = Math.max(this.#useMs ?? 0, this.#groupDecodeMs(unitsEach), 0.01);
    const wanted = (this.#margin * Math.min(...this.#fetchMs)) / useMs;
    const inMemory = (this.#settings.memoryBudget * FLIGHT_SHARE) / Math.max(1, this.#bytesEach);
    const most = Math.min(inMemory, this.most(unitsEach, this.#requestsEach));
    const allowed = this.#useMs === undefined ? Math.min(most, least * UNKNOWN_USE) : most;
    return Math.max(least, Math.min(Math.floor(allowed), Math.ceil(wanted)));
  }

  /** What {@link depth} can be at most, for groups of so many units and requests. */
  most(unitsEach: number, requestsEach: number): number {
    const least = this.#leastGroups(unitsEach);
    const requests = REQUESTS_PER_CONNECTION * this.#settings.maxConnections;
    return least === 0 ? 0 : Math.max(least, Math.ceil(requests / Math.max(1, requestsEach)));
  }

  /**
   * Bytes that a request aims at: more than by default when so much is under way that all connections are busy anyhow, since
   * every request costs a round trip.
   */
  blockSize(): number {
    const { blockSize } = this.#settings;
    return blockSize ?? (this.#isBusy ? MAX_BLOCK_SIZE : DEFAULT_BLOCK_SIZE);
  }

  /** Bytes that a slice of a unit aims at, fetched or decoded: small ones at first, so that the first rows come early. */
  sliceBytes(): number {
    return this.#isBusy ? Math.min(MAX_SLICE_BYTES, this.#settings.memoryBudget / 8) : SLICE_BYTES;
  }

  /** Whether all connections have something to do. */
  get #isBusy(): boolean {
    return this.depth(1) * this.#requestsEach >= this.#settings.maxConnections;
  }

  /** A group of so many bytes was fetched, by so many requests. */
  fetched(ms: number, bytes: number, requests: number): void {
    this.#fetchMs.push(ms);
    if (this.#fetchMs.length > RECENT) this.#fetchMs.shift();
    this.#bytesEach = Math.max(bytes, follow(this.#bytesEach, bytes));
    this.#requestsEach = follow(this.#requestsEach, Math.max(1, requests));
    this.onFetched();
  }

  /** A unit was decoded. */
  decoded(ms: number): void {
    this.#decodeMs = this.#decodeMs === 0 ? ms : follow(this.#decodeMs, ms);
  }

  /** A group of so many units was used for so long; before or between the consumer waited so long for the network. */
  used(ms: number, waitedMs: number, units: number): void {
    const isLeisurely = this.#useMs !== undefined && ms > LEISURELY * this.#groupDecodeMs(units);
    const hadToWait = isLeisurely && waitedMs > TOLERATED_WAIT * ms;
    this.#margin = hadToWait
      ? Math.min(MAX_MARGIN, this.#margin * MARGIN_GROWTH)
      : Math.max(MARGIN, this.#margin * MARGIN_DECAY);
    this.#useMs = this.#useMs === undefined ? ms : follow(this.#useMs, ms);
  }

  /** How long decoding takes for a group, with all threads. */
  #groupDecodeMs(units: number): number {
    return (this.#decodeMs * units) / Math.max(1, this.#settings.decodeThreads);
  }

  #leastGroups(unitsEach: number): number {
    return Math.ceil(this.#settings.prefetchDepth / Math.max(1, unitsEach));
  }
}

function follow(average: number, measured: number): number {
  return average + WEIGHT * (measured - average);
}

import { TooLargeError } from "../failures.ts";

const MIB = 1024 * 1024;
/** What is used beside the budget in any case, so that a small budget does not rule out pages of a common size. */
const FREE_BYTES = 64 * MIB;

/** Of the budget and of that, what pages may be that are needed at once; the rest is for what is made of them. */
const PAGE_SHARE = 0.75;
const FREE_PAGE_BYTES = PAGE_SHARE * FREE_BYTES;
const MIN_BATCH_BYTES = 4 * MIB;
const MAX_BATCH_BYTES = 32 * MIB;

/** Keeps what a unit's pages become within the memory budget, whatever they were on the wire. */
export class UnitMemory {
  /** Bytes of the largest page, or batch of one row: it is held twice, as a page and as a batch. */
  readonly most: number;
  /** Bytes that a batch of several rows may be, if it repeats values that its pages hold but once. */
  readonly batch: number;
  readonly #limit: number;
  #held = 0;

  /** `copies`: how often each page is held. */
  constructor(memoryBudget: number, copies = 1) {
    this.#limit = (PAGE_SHARE * memoryBudget + FREE_PAGE_BYTES) / copies;
    this.most = (memoryBudget + FREE_BYTES) / 2 / copies;
    this.batch = Math.max(MIN_BATCH_BYTES, Math.min(MAX_BATCH_BYTES, memoryBudget / 16));
  }

  /** Takes memory for a page. Throws a {@link TooLargeError} where there is none. */
  take(bytes: number): void {
    if (bytes > this.most) throw tooLarge("a page", bytes);
    this.check("the pages that are needed at once", this.#held + bytes);
    this.#held += bytes;
  }

  give(bytes: number): void {
    this.#held -= bytes;
  }

  /** Checks that a row may be so large. */
  checkRow(bytes: number): void {
    if (bytes > this.most) throw tooLarge("a row", bytes);
  }

  /** Checks that so much can be held at once. */
  check(what: string, bytes: number): void {
    if (bytes > this.#limit) throw tooLarge(what, bytes);
  }
}

/** Says that something would take more memory than it may. */
export function tooLarge(what: string, bytes: number): TooLargeError {
  return new TooLargeError(`${what} would take ${Math.ceil(bytes / MIB)} MiB; a larger \`memoryBudget\` may allow it`);
}

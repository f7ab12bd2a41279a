import { TooLargeError } from "../failures.ts";

const MIB = 1024 * 1024;
/** What is used beside the budget in any case, so that a small budget does not rule out pages of a common size. */
const FREE_BYTES = 64 * MIB;

/** Keeps what a unit's pages become within the memory budget, whatever they were on the wire. */
export class UnitMemory {
  /** Bytes of the largest page, or batch of one row: it is held twice, as a page and as a batch. */
  readonly most: number;
  readonly #limit: number;
  #held = 0;

  constructor(memoryBudget: number) {
    this.#limit = memoryBudget + FREE_BYTES / 2;
    this.most = (memoryBudget + FREE_BYTES) / 2;
  }

  /** Takes memory for a page. Throws a {@link TooLargeError} where there is none. */
  take(bytes: number): void {
    if (bytes > this.most) throw tooLarge("a page", bytes);
    if (this.#held + bytes > this.#limit) throw tooLarge("the pages that are needed at once", this.#held + bytes);
    this.#held += bytes;
  }

  give(bytes: number): void {
    this.#held -= bytes;
  }
}

/** Says that something would take more memory than it may. */
export function tooLarge(what: string, bytes: number): TooLargeError {
  return new TooLargeError(`${what} takes ${Math.ceil(bytes / MIB)} MiB; a larger \`memoryBudget\` may allow it`);
}

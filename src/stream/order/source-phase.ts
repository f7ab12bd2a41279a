import { type Key, keyOf } from "./permutation.ts";
import { RandomWords } from "./random-words.ts";
import { shareSlots } from "./source-weights.ts";

/** A stretch of an interleaving in which the same sources are chosen from. It has no end of its own. */
export interface SourcePhase {
  /** The sources that are chosen from; the numbers that the methods take and give are in their order. */
  readonly sources: readonly number[];
  /** The source of the row at `offset`, counted from where the phase began. */
  at(offset: number): number;
  /** How many of the phase's first `rows` rows come from each source. */
  taken(rows: number): number[];
  /** How many rows it takes until one source, or every source, has given as many as `counts` says (all above 0). */
  rowsUntil(who: "one" | "every", counts: readonly number[]): number;
}

/** The sources in turn. */
export class CyclePhase implements SourcePhase {
  readonly sources: readonly number[];

  constructor(sources: readonly number[]) {
    this.sources = sources;
  }

  at(offset: number): number {
    return this.sources[offset % this.sources.length]!;
  }

  taken(rows: number): number[] {
    const cycle = this.sources.length;
    return this.sources.map((_, turn) => Math.floor((rows - turn + cycle - 1) / cycle));
  }

  rowsUntil(who: "one" | "every", counts: readonly number[]): number {
    const ends = counts.map((count, turn) => (count - 1) * this.sources.length + turn + 1);
    return ends.reduce(pick(who));
  }
}

/** The positions that are shared out at a time: within each such block every source has exactly its share. */
const BLOCK = 65_536;

/**
 * The sources at random by their probabilities, all above 0. Each block of 65536 rows holds the same number of rows of a
 * source, in an order of its own, so that rows are counted without walking.
 */
export class RandomPhase implements SourcePhase {
  readonly sources: readonly number[];
  readonly #key: Key;
  readonly #shares: readonly number[];
  /** The block at hand, the sources of its slots by their indexes, and how many of the slots are shuffled already. */
  #block = -1;
  readonly #owners = new Uint16Array(BLOCK);
  #shuffled = 0;
  #random: RandomWords = new RandomWords([0, 0]);

  /** `probabilities` are those of `sources`, of any sum. */
  constructor(sources: readonly number[], probabilities: readonly number[], key: Key) {
    this.sources = sources;
    this.#key = key;
    this.#shares = shareSlots(probabilities, BLOCK);
  }

  at(offset: number): number {
    const block = Math.floor(offset / BLOCK);
    const slot = offset - block * BLOCK;
    return this.sources[this.#ownersOf(block, slot + 1)[slot]!]!;
  }

  taken(rows: number): number[] {
    const block = Math.floor(rows / BLOCK);
    const taken = this.#shares.map((share) => share * block);
    const slots = rows - block * BLOCK;
    const owners = this.#ownersOf(block, slots);
    for (let slot = 0; slot < slots; slot += 1) taken[owners[slot]!]! += 1;
    return taken;
  }

  rowsUntil(who: "one" | "every", counts: readonly number[]): number {
    const blocks = counts.map((count, index) => Math.floor((count - 1) / this.#shares[index]!));
    const block = blocks.reduce(pick(who));
    if (block === Infinity) return Infinity;
    const due = counts.map((count, index) => (blocks[index] === block ? count - block * this.#shares[index]! : 0));
    let waiting = who === "one" ? 1 : due.filter((rows) => rows > 0).length;
    let slot = 0;
    for (; waiting > 0; slot += 1) {
      const owner = this.#ownersOf(block, slot + 1)[slot]!;
      due[owner]! -= 1;
      if (due[owner] === 0) waiting -= 1;
    }
    return block * BLOCK + slot;
  }

  /** The sources of a block's first `slots` slots, by their indexes: shuffles only as far as is asked for. */
  #ownersOf(block: number, slots: number): Uint16Array {
    const owners = this.#owners;
    if (block !== this.#block) this.#begin(block);
    for (; this.#shuffled < slots; this.#shuffled += 1) {
      const slot = this.#shuffled;
      const chosen = slot + this.#random.below(BLOCK - slot);
      const owner = owners[chosen]!;
      owners[chosen] = owners[slot]!;
      owners[slot] = owner;
    }
    return owners;
  }

  #begin(block: number): void {
    this.#block = block;
    this.#shuffled = 0;
    this.#random = new RandomWords(keyOf(...this.#key, block));
    let slot = 0;
    for (const [index, share] of this.#shares.entries()) {
      this.#owners.fill(index, slot, slot + share);
      slot += share;
    }
  }
}

function pick(who: "one" | "every"): (a: number, b: number) => number {
  return who === "one" ? (a, b) => Math.min(a, b) : (a, b) => Math.max(a, b);
}

import { type Key, keyOf } from "./permutation.ts";

/** A sequence of random numbers that is the same for ever for one key (Chris Doty-Humphrey's sfc32, from PractRand). */
export class RandomWords {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(key: Key) {
    [this.#a, this.#b] = [key[0] | 0, key[1] | 0];
    this.#c = keyOf(...key)[0] | 0;
    for (let word = 0; word < 12; word += 1) this.#next();
  }

  /** The next number in [0, limit), where `limit` is at most 2^20: no number is likelier than another by more than 2^-12. */
  below(limit: number): number {
    return Math.floor((this.#next() / 2 ** 32) * limit);
  }

  #next(): number {
    const word = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + word) | 0;
    return word >>> 0;
  }
}

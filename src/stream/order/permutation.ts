/** A key: derived from numbers and strings, so that different uses get unrelated permutations. */
export type Key = readonly [number, number];

/** The golden ratio's fraction in 32 bits: steps by it never meet a short cycle. */
const GOLDEN = 0x9e3779b9;
const TWO_32 = 2 ** 32;

/** Rounds that make a long permutation look random in every way that rows can show. */
const ROUNDS = 8;
/** Short ones have so few orders that each of them must be about as likely; this takes more rounds. */
const ROUNDS_OF_SHORT = 16;
const SHORT = 64;

/** Makes a key of `parts`: numbers (safe integers from 0 on) and strings. Their kinds, order and ends all count. */
export function keyOf(...parts: readonly (number | string)[]): Key {
  let first = GOLDEN | 0;
  let second = 0;
  const absorb = (word: number): void => {
    first = mix(first ^ word);
    second = mix((Math.imul(second, 5) + GOLDEN) ^ word) + first;
  };
  for (const part of parts) {
    if (typeof part === "number") {
      absorb(1);
      absorb(part % TWO_32);
      absorb(Math.floor(part / TWO_32));
    } else {
      absorb(2);
      absorb(part.length);
      for (let unit = 0; unit < part.length; unit += 1) absorb(part.charCodeAt(unit));
    }
  }
  absorb(parts.length);
  return [first >>> 0, second >>> 0];
}

/**
 * A keyed permutation of [0, length): computed for one index at a time, nothing stored. It is the same for ever for one
 * key and length, since saved states depend on it. Lengths up to 2^52.
 *
 * It is a Feistel network over Z_a × Z_b with a · b just above the length, and walks the cycle on from values beyond it
 * (Black and Rogaway, "Ciphers with arbitrary finite domains", 2002).
 */
export class Permutation {
  readonly length: number;
  readonly #lefts: number;
  readonly #rights: number;
  readonly #keys: Int32Array;

  constructor(length: number, key: Key) {
    this.length = length;
    this.#lefts = Math.ceil(Math.sqrt(length));
    this.#rights = Math.ceil(length / this.#lefts);
    this.#keys = roundKeys(keyOf(...key, length), length < SHORT ? ROUNDS_OF_SHORT : ROUNDS);
  }

  /** Where `index` goes. Throws `RangeError` for one that is not within the length. */
  at(index: number): number {
    if (!(index >= 0 && index < this.length)) {
      throw new RangeError(`Expected an index from 0 to below ${this.length}, got ${index}`);
    }
    let value = this.#encrypt(index);
    while (value >= this.length) value = this.#encrypt(value);
    return value;
  }

  #encrypt(value: number): number {
    const lefts = this.#lefts;
    const rights = this.#rights;
    const keys = this.#keys;
    const leftScale = lefts / TWO_32;
    const rightScale = rights / TWO_32;
    const quotient = Math.floor(value / lefts);
    let right = quotient | 0;
    let left = (value - quotient * lefts) | 0;
    for (let round = 0; round < keys.length; round += 2) {
      left += ((scatter(right ^ (keys[round] ?? 0)) * leftScale) | 0) - lefts;
      left += lefts & (left >> 31); // modulo without a branch, which no processor could foresee
      right += ((scatter(left ^ (keys[round + 1] ?? 0)) * rightScale) | 0) - rights;
      right += rights & (right >> 31);
    }
    return right * lefts + left;
  }
}

function roundKeys(key: Key, rounds: number): Int32Array {
  const keys = new Int32Array(rounds);
  let [state, last] = key;
  for (let round = 0; round < rounds; round += 1) {
    state = (state + GOLDEN) | 0;
    last = mix(last ^ mix(state));
    keys[round] = last;
  }
  return keys;
}

/** The finaliser of MurmurHash3: a bijection of 32 bits in which each bit of the word changes each of the result with probability ½. */
function mix(word: number): number {
  let hash = word ^ (word >>> 16);
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** The round function: 32 bits whose upper ones, which decide once they are scaled, hang on every bit of the word. */
function scatter(word: number): number {
  const hash = Math.imul(word, 0xcc9e2d51);
  return Math.imul(hash ^ (hash >>> 15), 0x1b873593) >>> 0;
}

import { DamageError } from "../../failures.ts";
import { HybridReader, littleEndian } from "./hybrid.ts";

/** Values of fixed width of a page, read from the front. */
export interface FixedSource {
  /** Copies the next `count` values. */
  take(count: number): Uint8Array<ArrayBuffer>;
}

/** Byte arrays of a page, read from the front. */
export interface BytesSource {
  /** Reads the lengths of the next `lengths.length` values; what is read stays until {@link copy}. */
  lengths(into: Int32Array): void;
  /** Copies the values whose lengths were read last, one behind the other. */
  copy(into: Uint8Array, at: number): number;
  /** Bytes of the next `count` values, at most; those of the page that are left, unless it is to be `exact`. */
  bytesOf(count: number, exact: boolean): number;
}

/** PLAIN values of a fixed width. */
export class PlainFixed implements FixedSource {
  readonly #bytes: Uint8Array;
  readonly #width: number;
  #at = 0;

  constructor(bytes: Uint8Array, width: number) {
    this.#bytes = bytes;
    this.#width = width;
  }

  take(count: number): Uint8Array<ArrayBuffer> {
    const end = this.#at + count * this.#width;
    if (end > this.#bytes.length) throw new DamageError("values end too early");
    const taken = this.#bytes.slice(this.#at, end);
    this.#at = end;
    return taken;
  }
}

/** PLAIN booleans, a bit for each; given as bytes. */
export class PlainBooleans implements FixedSource {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  take(count: number): Uint8Array<ArrayBuffer> {
    const end = this.#at + count;
    if (end > this.#bytes.length * 8) throw new DamageError("values end too early");
    const taken = new Uint8Array(count);
    for (let value = 0, at = this.#at; at < end; value += 1, at += 1)
      taken[value] = ((this.#bytes[at >> 3] as number) >> (at & 7)) & 1;
    this.#at = end;
    return taken;
  }
}

/** Booleans as the hybrid, with its length before it. */
export class HybridBooleans implements FixedSource {
  readonly #values: HybridReader;

  constructor(bytes: Uint8Array) {
    const length = bytes.length === 0 ? 0 : littleEndian(bytes, 0, 4);
    this.#values = new HybridReader(bytes.subarray(4, 4 + length), 1, 1);
  }

  take(count: number): Uint8Array<ArrayBuffer> {
    const taken = new Uint8Array(count);
    this.#values.read(taken);
    return taken;
  }
}

/** Values of a fixed width by their places in a dictionary. */
export class DictionaryFixed implements FixedSource {
  readonly #words: Int32Array;
  readonly #wordsEach: number;
  readonly #indices: HybridReader;

  constructor(dictionary: Uint8Array, width: number, indices: HybridReader) {
    this.#words = new Int32Array(dictionary.buffer, dictionary.byteOffset, Math.floor(dictionary.length / 4));
    this.#wordsEach = width / 4;
    this.#indices = indices;
  }

  take(count: number): Uint8Array<ArrayBuffer> {
    const each = this.#wordsEach;
    const words = this.#words;
    const indices = new Int32Array(count);
    this.#indices.read(indices);
    const taken = new Int32Array(count * each);
    for (let value = 0; value < count; value += 1) {
      const from = (indices[value] as number) * each;
      for (let word = 0; word < each; word += 1) taken[value * each + word] = words[from + word] as number;
    }
    return new Uint8Array(taken.buffer);
  }
}

/** Below this many bytes a loop copies faster than a call. */
const LOOP_BYTES = 32;

/** PLAIN byte arrays: each has its length before it. */
export class PlainBytes implements BytesSource {
  readonly #bytes: Uint8Array;
  #at = 0;
  #copied = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  lengths(into: Int32Array): void {
    const bytes = this.#bytes;
    let at = this.#at;
    for (let value = 0; value < into.length; value += 1) {
      const length = lengthAt(bytes, at);
      at += 4 + length;
      if (!(length >= 0 && at <= bytes.length)) throw new DamageError("values end too early");
      into[value] = length;
    }
    this.#at = at;
  }

  bytesOf(count: number, exact: boolean): number {
    const bytes = this.#bytes;
    if (!exact) return bytes.length - this.#at;
    let at = this.#at;
    for (let value = 0; value < count && at < bytes.length; value += 1) at += 4 + Math.max(0, lengthAt(bytes, at));
    return at - this.#at;
  }

  copy(into: Uint8Array, start: number): number {
    let to = start;
    while (this.#copied < this.#at) {
      const from = this.#copied + 4;
      const length = lengthAt(this.#bytes, this.#copied);
      copyBytes(this.#bytes, from, length, into, to);
      this.#copied = from + length;
      to += length;
    }
    return to;
  }
}

/** Byte arrays of a dictionary page. */
export interface BytesDictionary {
  readonly bytes: Uint8Array;
  readonly starts: Int32Array;
  readonly lengths: Int32Array;
  /** Bytes of the longest. */
  readonly longest: number;
}

/** Reads a dictionary page of byte arrays. */
export function readBytesDictionary(bytes: Uint8Array, count: number): BytesDictionary {
  if (count * 4 > bytes.length) throw new DamageError("a dictionary ends too early");
  const [starts, lengths] = [new Int32Array(count), new Int32Array(count)];
  let [at, longest] = [0, 0];
  for (let value = 0; value < count; value += 1) {
    const length = lengthAt(bytes, at);
    starts[value] = at + 4;
    longest = Math.max(longest, length);
    lengths[value] = length;
    at += 4 + length;
    if (!(length >= 0 && at <= bytes.length)) throw new DamageError("a dictionary ends too early");
  }
  return { bytes, starts, lengths, longest };
}

/** Byte arrays by their places in a dictionary. */
export class DictionaryBytes implements BytesSource {
  readonly #dictionary: BytesDictionary;
  readonly #indices: HybridReader;
  /** Whose lengths were read last. */
  #pending = new Int32Array();

  constructor(dictionary: BytesDictionary, indices: HybridReader) {
    this.#dictionary = dictionary;
    this.#indices = indices;
  }

  lengths(into: Int32Array): void {
    const { lengths } = this.#dictionary;
    const indices = new Int32Array(into.length);
    this.#indices.read(indices);
    for (let value = 0; value < into.length; value += 1) into[value] = lengths[indices[value] as number] as number;
    this.#pending = indices;
  }

  copy(into: Uint8Array, start: number): number {
    const { bytes, starts, lengths } = this.#dictionary;
    let to = start;
    for (const index of this.#pending) {
      const length = lengths[index] as number;
      copyBytes(bytes, starts[index] as number, length, into, to);
      to += length;
    }
    return to;
  }

  bytesOf(count: number): number {
    return count * this.#dictionary.longest;
  }
}

function lengthAt(bytes: Uint8Array, at: number): number {
  const [a, b, c, d] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
  if (d === undefined) return -1;
  return (a as number) | ((b as number) << 8) | ((c as number) << 16) | (d << 24);
}

function copyBytes(from: Uint8Array, start: number, length: number, into: Uint8Array, at: number): void {
  if (length > LOOP_BYTES) into.set(from.subarray(start, start + length), at);
  else for (let byte = 0; byte < length; byte += 1) into[at + byte] = from[start + byte] as number;
}

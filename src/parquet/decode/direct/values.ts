import { littleEndian, MAX_BIT_WIDTH, readHybrid } from "./hybrid.ts";

/** Values of fixed width of a page, read from the front. */
export interface FixedSource {
  /** Copies the next `count` values. */
  take(count: number): Uint8Array<ArrayBuffer>;
}

/** Byte arrays of a page, read from the front. */
export interface BytesSource {
  /** Reads the lengths of the next `lengths.length` values; what is read stays until {@link copy}. */
  lengths(into: Int32Array): void;
  /** Copies the values whose lengths were read since the last call, one behind the other. */
  copy(into: Uint8Array, at: number): number;
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
    if (end > this.#bytes.length) throw new RangeError("values end too early");
    const taken = this.#bytes.slice(this.#at, end);
    this.#at = end;
    return taken;
  }
}

/** Booleans, a byte for each. */
export class Booleans implements FixedSource {
  readonly #values: Uint8Array;
  #at = 0;

  constructor(values: Uint8Array) {
    this.#values = values;
  }

  take(count: number): Uint8Array<ArrayBuffer> {
    this.#at += count;
    return this.#values.slice(this.#at - count, this.#at);
  }
}

/** Reads `count` booleans, PLAIN (a bit for each) or as the hybrid with its length before it. */
export function readBooleans(bytes: Uint8Array, count: number, isPlain: boolean): Uint8Array {
  const values = new Uint8Array(count);
  if (isPlain) {
    if (count > bytes.length * 8) throw new RangeError("values end too early");
    for (let value = 0; value < count; value += 1) values[value] = ((bytes[value >> 3] as number) >> (value & 7)) & 1;
  } else if (count > 0) readHybrid(bytes.subarray(4, 4 + littleEndian(bytes, 0, 4)), 1, values);
  return values;
}

/** Values of a fixed width by their places in a dictionary. */
export class DictionaryFixed implements FixedSource {
  readonly #words: Int32Array;
  readonly #wordsEach: number;
  readonly #indices: Int32Array;
  #at = 0;

  constructor(dictionary: Uint8Array, width: number, indices: Int32Array) {
    this.#words = new Int32Array(dictionary.buffer, dictionary.byteOffset, Math.floor(dictionary.length / 4));
    this.#wordsEach = width / 4;
    this.#indices = indices;
    if (indices.some((index) => index * this.#wordsEach >= this.#words.length)) throw outOfDictionary();
  }

  take(count: number): Uint8Array<ArrayBuffer> {
    const each = this.#wordsEach;
    const taken = new Int32Array(count * each);
    for (let value = 0; value < count; value += 1) {
      const from = (this.#indices[this.#at + value] as number) * each;
      for (let word = 0; word < each; word += 1) taken[value * each + word] = this.#words[from + word] as number;
    }
    this.#at += count;
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
      if (!(length >= 0 && at <= bytes.length)) throw new RangeError("values end too early");
      into[value] = length;
    }
    this.#at = at;
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
  const [starts, lengths] = [new Int32Array(count), new Int32Array(count)];
  let [at, longest] = [0, 0];
  for (let value = 0; value < count; value += 1) {
    const length = lengthAt(bytes, at);
    starts[value] = at + 4;
    longest = Math.max(longest, length);
    lengths[value] = length;
    at += 4 + length;
    if (!(length >= 0 && at <= bytes.length)) throw new RangeError("a dictionary ends too early");
  }
  return { bytes, starts, lengths, longest };
}

/** Byte arrays by their places in a dictionary. */
export class DictionaryBytes implements BytesSource {
  readonly #dictionary: BytesDictionary;
  readonly #indices: Int32Array;
  #at = 0;
  #copied = 0;

  constructor(dictionary: BytesDictionary, indices: Int32Array) {
    this.#dictionary = dictionary;
    this.#indices = indices;
    if (indices.some((index) => index >= dictionary.starts.length)) throw outOfDictionary();
  }

  lengths(into: Int32Array): void {
    const { lengths } = this.#dictionary;
    for (let value = 0; value < into.length; value += 1)
      into[value] = lengths[this.#indices[this.#at + value] as number] as number;
    this.#at += into.length;
  }

  copy(into: Uint8Array, start: number): number {
    const { bytes, starts, lengths } = this.#dictionary;
    let to = start;
    for (; this.#copied < this.#at; this.#copied += 1) {
      const index = this.#indices[this.#copied] as number;
      const length = lengths[index] as number;
      copyBytes(bytes, starts[index] as number, length, into, to);
      to += length;
    }
    return to;
  }
}

/** Reads the places in a dictionary of `count` values: the width in bits, then the hybrid. */
export function readIndices(bytes: Uint8Array, count: number): Int32Array {
  const indices = new Int32Array(count);
  if (count === 0) return indices;
  const [bitWidth = MAX_BIT_WIDTH + 1] = bytes;
  if (bitWidth > 0) readHybrid(bytes.subarray(1), bitWidth, indices);
  return indices;
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

function outOfDictionary(): RangeError {
  return new RangeError("a value is not in its dictionary");
}

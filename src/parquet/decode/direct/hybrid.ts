import { DamageError } from "../../failures.ts";

/** Values of more bits take another way. */
const MAX_FAST_BITS = 24;
const MAX_BIT_WIDTH = 32;
const BLOCK = 4096;

/** Where values are put. */
export type Integers = Uint8Array | Int32Array;

/**
 * Reads values of `bitWidth` bits of the RLE/bit-packing hybrid (Encodings.md) from the front, so many at a time as are
 * wanted: a few bytes may stand for billions. Throws a {@link DamageError} where there are fewer, or one is above `most`.
 */
export class HybridReader {
  readonly #bytes: Uint8Array;
  readonly #bitWidth: number;
  readonly #most: number;
  /** Whether packed values can be above `most`. */
  readonly #isChecked: boolean;
  /** The next run. */
  #at = 0;
  /** Of the present run: its values that are left, and its one value, or where its packed values begin and the next one is. */
  #left = 0;
  #value = 0;
  #packed = -1;
  #index = 0;

  constructor(bytes: Uint8Array, bitWidth: number, most: number) {
    if (bitWidth > MAX_BIT_WIDTH) throw new DamageError(`values of ${bitWidth} bits`);
    this.#bytes = bytes;
    this.#bitWidth = bitWidth;
    this.#most = most;
    this.#isChecked = most < 2 ** bitWidth - 1;
    if (bitWidth === 0 && most >= 0) this.#left = Infinity; // all are 0, and some writers leave it at that
  }

  /** Reads the same once more. */
  again(): HybridReader {
    return new HybridReader(this.#bytes, this.#bitWidth, this.#most);
  }

  /** The reader; `undefined` if the first run alone is `count` times `value`: most levels are. */
  unlessAll(value: number, count: number): HybridReader | undefined {
    const isAll = this.#nextRun() >= count && this.#packed < 0 && this.#value === value;
    return isAll ? undefined : this;
  }

  /** Reads the next values to `into[from]` and up to `into[to - 1]`. */
  read(into: Integers, from: number = 0, to: number = into.length): void {
    for (let at = from; at < to;) {
      const end = Math.min(to, at + this.#nextRun());
      if (this.#packed < 0) into.fill(this.#value, at, end);
      else this.#unpack(into, at, end);
      this.#left -= end - at;
      at = end;
    }
  }

  /** Reads the next `count` values and sums up what each weighs; a run costs as little as one value. */
  sum(count: number, weigh: (value: number) => number): number {
    const block = new Int32Array(Math.min(count, BLOCK));
    let [sum, left] = [0, count];
    while (left > 0) {
      const length = Math.min(left, this.#nextRun());
      if (this.#packed < 0) {
        sum += weigh(this.#value) * length;
        this.#left -= length;
        left -= length;
      } else {
        const values = block.subarray(0, Math.min(length, BLOCK));
        this.read(values);
        for (const value of values) sum += weigh(value);
        left -= values.length;
      }
    }
    return sum;
  }

  /** How many values follow in the same run. */
  #nextRun(): number {
    if (this.#left > 0) return this.#left;
    const [header, start] = readVarint(this.#bytes, this.#at);
    if (header < 2) throw new DamageError("an empty run");
    if (header % 2 === 0) {
      const width = Math.ceil(this.#bitWidth / 8);
      this.#value = littleEndian(this.#bytes, start, width);
      if (this.#value > this.#most) throw this.#tooHigh(this.#value);
      this.#packed = -1;
      this.#left = header / 2;
      this.#at = start + width;
    } else {
      const groups = (header - 1) / 2;
      this.#packed = start;
      this.#index = 0;
      this.#left = groups * 8;
      this.#at = start + groups * this.#bitWidth;
    }
    return this.#left;
  }

  #unpack(into: Integers, from: number, to: number): void {
    const bytes = this.#bytes;
    const bitWidth = this.#bitWidth;
    const firstBit = this.#index * bitWidth;
    if (this.#packed + Math.ceil((firstBit + (to - from) * bitWidth) / 8) > bytes.length)
      throw new DamageError("values end too early");
    if (bitWidth > MAX_FAST_BITS) this.#unpackWide(into, from, to);
    else if (bitWidth === 0) into.fill(0, from, to);
    else {
      const mask = (1 << bitWidth) - 1;
      let at = this.#packed + Math.floor(firstBit / 8);
      let held = 8 - (firstBit % 8);
      let bits = (bytes[at] as number) >> (8 - held);
      at += 1;
      for (let index = from; index < to; index += 1) {
        for (; held < bitWidth; held += 8, at += 1) bits |= (bytes[at] as number) << held;
        into[index] = bits & mask;
        bits >>>= bitWidth;
        held -= bitWidth;
      }
    }
    this.#index += to - from;
    if (this.#isChecked) this.#check(into, from, to);
  }

  #unpackWide(into: Integers, from: number, to: number): void {
    const bitWidth = this.#bitWidth;
    for (let index = from; index < to; index += 1) {
      const bit = (this.#index + index - from) * bitWidth;
      let value = 0;
      for (let done = 0; done < bitWidth; done += 1) {
        const place = bit + done;
        const byte = this.#bytes[this.#packed + Math.floor(place / 8)] as number;
        value += ((byte >> (place % 8)) & 1) * 2 ** done;
      }
      if (value > this.#most) throw this.#tooHigh(value);
      into[index] = value;
    }
  }

  #check(into: Integers, from: number, to: number): void {
    const most = this.#most;
    for (let index = from; index < to; index += 1)
      if ((into[index] as number) > most) throw this.#tooHigh(into[index] as number);
  }

  #tooHigh(value: number): DamageError {
    return new DamageError(`a level or dictionary index is ${value}, of at most ${this.#most}`);
  }
}

/** An unsigned integer of at most five bytes, seven bits in each (LEB128). */
export function readVarint(bytes: Uint8Array, start: number): [value: number, end: number] {
  let value = 0;
  for (let at = start, factor = 1; factor <= 2 ** 28; at += 1, factor *= 128) {
    const byte = bytes[at];
    if (byte === undefined) break;
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return [value, at + 1];
  }
  throw new DamageError("values end too early");
}

/** An unsigned integer of `width` bytes, at most four. */
export function littleEndian(bytes: Uint8Array, at: number, width: number): number {
  if (at + width > bytes.length) throw new DamageError("an integer ends too early");
  let value = 0;
  for (let byte = width - 1; byte >= 0; byte -= 1) value = value * 256 + (bytes[at + byte] as number);
  return value;
}

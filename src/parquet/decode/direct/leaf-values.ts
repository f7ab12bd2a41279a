import { isUtf8 } from "node:buffer";
import { DamageError, TooLargeError } from "../../failures.ts";
import { tooLarge } from "../unit-memory.ts";
import type { Workspace } from "../workspace.ts";
import type { BytesSource } from "./values.ts";

/** The values of some rows of a leaf. Its slots are its rows, or what the lists hold that it is in. */
export interface LeafValues {
  /** The repetition level of each entry (Dremel); left out where each is a row. */
  readonly repetitions: Uint8Array | undefined;
  /** The definition level of each entry; left out where all have a value. */
  readonly entryLevels: Uint8Array | undefined;
  readonly entries: number;
  /** The definition level of each slot; left out where all have a value. */
  readonly levels: Uint8Array | undefined;
  readonly slots: number;
  /** Values of fixed width, a place for each slot (booleans: a byte); or byte arrays, those that there are. */
  readonly values: Uint8Array<ArrayBuffer>;
  /** Where each byte array begins, and the last one ends. */
  readonly offsets: Int32Array<ArrayBuffer> | undefined;
}

/** Entries of one page. Nothing of it is in the page's memory. */
export interface Stretch {
  readonly repetitions: Uint8Array | undefined;
  readonly entryLevels: Uint8Array | undefined;
  readonly entries: number;
  readonly levels: Uint8Array | undefined;
  readonly slots: number;
  /** How many of them have a value. */
  readonly count: number;
}

/** What JavaScript can hold as one string. */
const MAX_TEXT_BYTES = 2 ** 29 - 24;
const MAX_OFFSET = 0x7fffffff;

export interface ByteArraysOptions {
  readonly workspace: Workspace;
  /** Whether they are to be UTF-8, each by itself. */
  readonly isText: boolean;
  /** Bytes that they may be, if their pages are not more. */
  readonly most: number;
}

/** Collects byte arrays page by page, one behind the other. */
export class ByteArrays {
  readonly #options: ByteArraysOptions;
  readonly #lengths: Int32Array[] = [];
  #values = new Uint8Array();
  #end = 0;
  #pageBytes = 0;

  constructor(options: ByteArraysOptions) {
    this.#options = options;
  }

  /** Takes the next `count` values of a page of so many bytes, if about `later` bytes follow from other pages. */
  add(source: BytesSource, count: number, pageBytes: number, later: number): void {
    const lengths = new Int32Array(count);
    source.lengths(lengths);
    let [bytes, longest] = [0, 0];
    for (const length of lengths) {
      bytes += length;
      if (length > longest) longest = length;
    }
    const { isText, most } = this.#options;
    this.#pageBytes += pageBytes;
    const start = this.#end;
    const end = start + bytes;
    if (end > Math.min(MAX_OFFSET, Math.max(this.#pageBytes, most))) throw tooLarge("a row", end);
    if (isText && longest > MAX_TEXT_BYTES)
      throw new TooLargeError(`a string of ${longest} bytes is longer than strings can be`);
    this.#reserve(end, later);
    source.copy(this.#values, start);
    if (isText && !isUtf8(this.#values.subarray(start, end))) throw notText();
    this.#end = end;
    this.#lengths.push(lengths);
  }

  /** All of them, and where each slot begins. `most`: the definition level of a slot that has a value. */
  finish(stretches: readonly Stretch[], slots: number, most: number): Required<Pick<LeafValues, "values" | "offsets">> {
    const offsets = new Int32Array(slots + 1);
    let [slot, end] = [0, 0];
    for (const [index, { levels, slots: length }] of stretches.entries()) {
      const lengths = this.#lengths[index] as Int32Array;
      for (let place = 0, value = 0; place < length; place += 1) {
        if (levels === undefined || levels[place] === most) {
          end += lengths[value] as number;
          value += 1;
        }
        slot += 1;
        offsets[slot] = end;
      }
    }
    const values = this.#values.subarray(0, end);
    if (this.#options.isText && offsets.some((offset) => offset < end && isContinuation(values[offset] as number)))
      throw notText();
    return { values, offsets };
  }

  #reserve(end: number, later: number): void {
    if (end <= this.#values.length) return;
    const { workspace } = this.#options;
    const before = this.#values;
    this.#values = workspace.takeValues(end + later);
    this.#values.set(before.subarray(0, this.#end));
    workspace.giveBack([before.buffer]);
  }
}

/** Whether a byte of UTF-8 belongs to the character before it. */
function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

function notText(): DamageError {
  return new DamageError("a string is not UTF-8");
}

/** Puts the values that each stretch has to their slots, all of them `width` bytes wide. */
export function spreadValues(
  stretches: readonly Stretch[],
  taken: readonly Uint8Array<ArrayBuffer>[],
  { slots, width, most }: { readonly slots: number; readonly width: number; readonly most: number },
): Uint8Array<ArrayBuffer> {
  const [only] = taken;
  if (only !== undefined && taken.length === 1 && stretches[0]?.count === slots) return only;
  const values = new Uint8Array(slots * width);
  let slot = 0;
  for (const [index, { levels, slots: length }] of stretches.entries()) {
    const own = taken[index] as Uint8Array<ArrayBuffer>;
    if (levels === undefined) values.set(own, slot * width);
    else spread(own, { levels, width, most }, values.subarray(slot * width));
    slot += length;
  }
  return values;
}

/** Puts values to the slots that have one. */
function spread(
  taken: Uint8Array<ArrayBuffer>,
  { levels, width, most }: { readonly levels: Uint8Array; readonly width: number; readonly most: number },
  into: Uint8Array<ArrayBuffer>,
): void {
  const each = Math.max(1, width / 4);
  const from = width < 4 ? taken : new Int32Array(taken.buffer, taken.byteOffset, taken.length / 4);
  const to = width < 4 ? into : new Int32Array(into.buffer, into.byteOffset, Math.floor(into.length / 4));
  for (let slot = 0, value = 0; slot < levels.length; slot += 1) {
    if (levels[slot] !== most) continue;
    for (let word = 0; word < each; word += 1) to[slot * each + word] = from[value * each + word] as number;
    value += 1;
  }
}

/** Puts the levels of stretches together; `undefined` where none of them has any. */
export function joinLevels(
  stretches: readonly Stretch[],
  levels: "repetitions" | "entryLevels" | "levels",
  length: "entries" | "slots",
  otherwise: number,
): Uint8Array | undefined {
  if (stretches.every((stretch) => stretch[levels] === undefined)) return undefined;
  const joined = new Uint8Array(stretches.reduce((sum, stretch) => sum + stretch[length], 0));
  let at = 0;
  for (const stretch of stretches) {
    const own = stretch[levels];
    if (own === undefined) joined.fill(otherwise, at, at + stretch[length]);
    else joined.set(own, at);
    at += stretch[length];
  }
  return joined;
}

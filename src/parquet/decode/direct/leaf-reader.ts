import { isUtf8 } from "node:buffer";
import type { Decompress } from "../decompress.ts";
import type { PageStream } from "../page-stream.ts";
import { DamageError, inColumn, TooLargeError } from "../../failures.ts";
import { type UnitMemory, tooLarge } from "../unit-memory.ts";
import { checkPresent } from "./levels.ts";
import { type OpenPage, PageOpener } from "./page-opener.ts";
import type { Workspace } from "../workspace.ts";
import type { BytesSource, FixedSource } from "./values.ts";

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

/** Entries of one page. */
interface Stretch {
  readonly page: OpenPage;
  readonly repetitions: Uint8Array | undefined;
  readonly entryLevels: Uint8Array | undefined;
  readonly entries: number;
  readonly levels: Uint8Array | undefined;
  readonly slots: number;
  /** How many of them have a value. */
  readonly count: number;
}

export interface LeafReaderOptions {
  readonly decompress: Decompress;
  /** The definition level from which on an entry is a slot: an empty list has none. */
  readonly slotLevel: number;
  readonly workspace: Workspace;
  readonly memory: UnitMemory;
}

/** What an entry takes beside its value: levels, an offset. */
const ENTRY_BYTES = 8;
/** What JavaScript can hold as one string. */
const MAX_TEXT_BYTES = 2 ** 29 - 24;

/** Reads the rows of a leaf, whatever pages they lie in. Throws a {@link DamageError} on bytes that are damaged. */
export class LeafReader {
  readonly #stream: PageStream;
  readonly #opener: PageOpener;
  /** The definition level of an entry that has a value. */
  readonly #most: number;
  readonly #slotLevel: number;
  readonly #workspace: Workspace;
  readonly #memory: UnitMemory;
  readonly #isText: boolean;
  readonly #open: OpenPage[] = [];
  /** Rows that begin in open pages and are not read. */
  #rowsOpen = 0;

  constructor(stream: PageStream, { decompress, slotLevel, workspace, memory }: LeafReaderOptions) {
    this.#stream = stream;
    this.#workspace = workspace;
    this.#memory = memory;
    this.#opener = new PageOpener(stream, decompress, memory);
    this.#most = stream.leaf.maxDefinitionLevel;
    this.#slotLevel = slotLevel;
    const kind = stream.leaf.node.logicalType?.kind;
    this.#isText = kind === "string" || kind === "json";
  }

  /** The bytes of the pages that are being read. */
  get pieces(): readonly Uint8Array[] {
    return this.#open.map(({ memory }) => memory);
  }

  /** Tells how many of `wanted` rows can be read of the pages that have come. Those of lists are opened to count them. */
  available(wanted: number, isLast: boolean): number {
    return inColumn(this.#stream.leaf.path, () => {
      const isFlat = this.#stream.leaf.maxRepetitionLevel === 0;
      return Math.min(wanted, isFlat ? this.#flatRows(wanted) : this.#listRows(wanted, isLast));
    });
  }

  /**
   * Bytes that the next `rows` rows become, at most; not much more than that if it is to be `exact`, unless it is more than
   * `most`. They are {@link available}.
   */
  cost(rows: number, most: number, exact: boolean): number {
    return inColumn(this.#stream.leaf.path, () => {
      let [bytes, left] = [0, rows];
      for (let index = 0; left > 0 && bytes <= most; index += 1) {
        const page = this.#open[index] ?? this.#openNext();
        if (page === undefined) break;
        const rest = page.entries - page.entry;
        const entries =
          page.repetitions?.entriesOf(left, Math.min(most, this.#memory.most) / ENTRY_BYTES) ?? Math.min(left, rest);
        bytes += entries * (ENTRY_BYTES + this.#opener.width);
        if (this.#opener.width === 0) bytes += (page.source as BytesSource).bytesOf(entries, exact);
        if (entries < rest) break;
        left -= page.repetitions?.rowsLeft ?? entries;
      }
      return bytes;
    });
  }

  /** Reads the next rows, of those that are {@link available}. */
  read(rows: number): LeafValues {
    return inColumn(this.#stream.leaf.path, () => {
      const stretches = this.#claim(rows);
      const sum = (part: "entries" | "slots"): number => stretches.reduce((total, stretch) => total + stretch[part], 0);
      const [entries, slots] = [sum("entries"), sum("slots")];
      const found =
        this.#opener.width === 0
          ? this.#readBytes(stretches, slots)
          : { values: this.#readFixed(stretches, slots), offsets: undefined };
      const repetitions = joinLevels(stretches, "repetitions", "entries", 0);
      const entryLevels = joinLevels(stretches, "entryLevels", "entries", this.#most);
      const levels = joinLevels(stretches, "levels", "slots", this.#most);
      this.#closeRead();
      this.#rowsOpen -= rows;
      return { repetitions, entryLevels, entries, levels, slots, ...found };
    });
  }

  /** Gives all memory back: nothing is read any more. */
  close(): void {
    for (const { free } of this.#open.splice(0)) free();
    this.#opener.close();
  }

  #flatRows(wanted: number): number {
    let rows = this.#rowsOpen;
    this.#stream.fill();
    for (const { header } of this.#stream.pages) {
      if (rows >= wanted) break;
      rows += header.entries;
    }
    return rows;
  }

  #listRows(wanted: number, isLast: boolean): number {
    let isEnd = false;
    while (this.#rowsOpen <= wanted && !isEnd) isEnd = this.#openNext() === undefined;
    return Math.max(0, this.#rowsOpen - (isLast && isEnd ? 0 : 1)); // the last row may go on in the next page
  }

  #closeRead(): void {
    for (let [page] = this.#open; page !== undefined && page.entry >= page.entries; [page] = this.#open) {
      checkPresent(page.present, page.found);
      this.#open.shift()?.free();
    }
  }

  #openNext(): OpenPage | undefined {
    if (this.#stream.pages.length === 0) this.#stream.fill();
    const page = this.#stream.pages.shift();
    if (page === undefined) return undefined;
    const opened = this.#opener.open(page);
    this.#open.push(opened);
    this.#rowsOpen += opened.repetitions?.rows ?? opened.entries;
    return opened;
  }

  #claim(rows: number): Stretch[] {
    const stretches: Stretch[] = [];
    let [missing, entries] = [rows, 0];
    for (let index = 0; ; index += 1) {
      const page = this.#open[index] ?? (missing > 0 ? this.#openNext() : undefined);
      if (page === undefined) break;
      if (page.entry === page.entries) continue;
      const [repetitions, count, left] = this.#take(page, missing);
      missing = left;
      entries += count;
      if (entries * (ENTRY_BYTES + this.#opener.width) > this.#memory.most)
        throw tooLarge("a row", entries * (ENTRY_BYTES + this.#opener.width));
      if (count > 0) stretches.push(this.#stretch(page, repetitions, count));
      if (page.entry < page.entries) break;
    }
    if (missing > 0) throw new DamageError("pages end too early");
    return stretches;
  }

  /** Takes the entries of the next `rows` rows of a page; tells how many rows are missing then. */
  #take(page: OpenPage, rows: number): [repetitions: Uint8Array | undefined, entries: number, missing: number] {
    if (page.repetitions === undefined) {
      const entries = Math.min(page.entries - page.entry, rows);
      return [undefined, entries, rows - entries];
    }
    const { levels, missing } = page.repetitions.take(rows, this.#memory.most / ENTRY_BYTES);
    return [levels, levels.length, missing];
  }

  #stretch(page: OpenPage, repetitions: Uint8Array | undefined, entries: number): Stretch {
    const entryLevels = page.levels === undefined ? undefined : new Uint8Array(entries);
    if (entryLevels !== undefined) page.levels?.read(entryLevels);
    const levels = this.#slotLevel === 0 ? entryLevels : entryLevels?.filter((level) => level >= this.#slotLevel);
    const slots = levels?.length ?? entries;
    const count = levels === undefined ? slots : countAtLeast(levels, this.#most);
    page.entry += entries;
    page.found += count;
    return { page, repetitions, entryLevels, entries, levels, slots, count };
  }

  #readBytes(stretches: readonly Stretch[], slots: number): Pick<LeafValues, "values" | "offsets"> {
    const offsets = new Int32Array(slots + 1);
    let [slot, end, longest] = [0, 0, 0];
    for (const { page, levels, slots: length, count } of stretches) {
      const lengths = new Int32Array(count);
      (page.source as BytesSource).lengths(lengths);
      for (let index = 0, value = 0; index < length; index += 1) {
        if (levels === undefined || levels[index] === this.#most) {
          const found = lengths[value] as number;
          if (found > longest) longest = found;
          end += found;
          value += 1;
        }
        slot += 1;
        offsets[slot] = end;
      }
    }
    const stored = stretches.reduce((sum, { page }) => sum + page.memory.length, 0);
    if (end > Math.min(0x7fffffff, Math.max(stored, this.#memory.most))) throw tooLarge("a row", end);
    if (this.#isText && longest > MAX_TEXT_BYTES)
      throw new TooLargeError(`a string of ${longest} bytes is longer than strings can be`);
    const values = this.#workspace.takeValues(end);
    let at = 0;
    for (const { page } of stretches) at = (page.source as BytesSource).copy(values, at);
    if (this.#isText) checkText(values, offsets);
    return { values, offsets };
  }

  #readFixed(stretches: readonly Stretch[], slots: number): Uint8Array<ArrayBuffer> {
    const [only] = stretches;
    const take = ({ page, count }: Stretch): Uint8Array<ArrayBuffer> => (page.source as FixedSource).take(count);
    if (only !== undefined && stretches.length === 1 && only.count === slots) return take(only);
    const values = new Uint8Array(slots * this.#opener.width);
    let slot = 0;
    for (const stretch of stretches) {
      const { levels, slots: length } = stretch;
      const taken = take(stretch);
      if (levels === undefined) values.set(taken, slot * this.#opener.width);
      else this.#spread(taken, levels, values.subarray(slot * this.#opener.width));
      slot += length;
    }
    return values;
  }

  /** Puts values to the slots that have one. */
  #spread(taken: Uint8Array<ArrayBuffer>, levels: Uint8Array, into: Uint8Array<ArrayBuffer>): void {
    const present = this.#most;
    const each = Math.max(1, this.#opener.width / 4);
    const from = this.#opener.width < 4 ? taken : new Int32Array(taken.buffer, taken.byteOffset, taken.length / 4);
    const to =
      this.#opener.width < 4 ? into : new Int32Array(into.buffer, into.byteOffset, Math.floor(into.length / 4));
    for (let row = 0, value = 0; row < levels.length; row += 1) {
      if (levels[row] !== present) continue;
      for (let word = 0; word < each; word += 1) to[row * each + word] = from[value * each + word] as number;
      value += 1;
    }
  }
}

/** How many levels are at least `least`. */
function countAtLeast(levels: Uint8Array, least: number): number {
  let count = 0;
  for (const level of levels) if (level >= least) count += 1;
  return count;
}

/** Puts the levels of stretches together; `undefined` where none of them has any. */
function joinLevels(
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

/** Strings are UTF-8, each by itself. */
function checkText(values: Uint8Array, offsets: Int32Array): void {
  const splits = (offset: number): boolean => offset < values.length && ((values[offset] as number) & 0xc0) === 0x80;
  if (!isUtf8(values) || offsets.some(splits)) throw new DamageError("a string is not UTF-8");
}

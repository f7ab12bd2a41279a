import { isUtf8 } from "node:buffer";
import type { Decompress } from "../decompress.ts";
import type { PageStream } from "../pages.ts";
import { countAtLeast, type OpenPage, PageOpener } from "./page-opener.ts";
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
}

/** Reads the rows of a leaf, whatever pages they lie in. Throws a RangeError on bytes that are damaged. */
export class LeafReader {
  readonly #stream: PageStream;
  readonly #opener: PageOpener;
  /** The definition level of an entry that has a value. */
  readonly #most: number;
  readonly #slotLevel: number;
  readonly #workspace: Workspace;
  readonly #isText: boolean;
  readonly #open: OpenPage[] = [];
  /** Rows that begin in open pages and are not read. */
  #rowsOpen = 0;

  constructor(stream: PageStream, { decompress, slotLevel, workspace }: LeafReaderOptions) {
    this.#stream = stream;
    this.#workspace = workspace;
    this.#opener = new PageOpener(stream, decompress);
    this.#most = stream.leaf.maxDefinitionLevel;
    this.#slotLevel = slotLevel;
    const kind = stream.leaf.node.logicalType?.kind;
    this.#isText = kind === "string" || kind === "json";
  }

  /** The bytes of the pages that are being read. */
  get pieces(): readonly Uint8Array[] {
    return this.#open.map(({ memory }) => memory);
  }

  /** Tells how many rows can be read of the pages that have come. Those of lists are opened to count them. */
  available(isLast: boolean): number {
    const { leaf, pages } = this.#stream;
    if (leaf.maxRepetitionLevel === 0) return this.#rowsOpen + pages.reduce((sum, { entries }) => sum + entries, 0);
    while (this.#openNext() !== undefined);
    return Math.max(0, this.#rowsOpen - (isLast ? 0 : 1)); // the last row may go on in the next page
  }

  /** Tells how many rows surely become at most so many bytes, but one in any case, however often they repeat a value. */
  rowsWithin(bytes: number): number {
    const perEntry = this.#opener.longestRepeated;
    const entries = this.#open.reduce((sum, page) => sum + (page.entries - page.entry), 0);
    const perRow = this.#stream.leaf.maxRepetitionLevel === 0 ? 1 : entries / Math.max(1, this.#rowsOpen);
    return perEntry === 0 ? Infinity : Math.max(1, Math.floor(bytes / (perEntry * Math.max(1, perRow))));
  }

  /** Reads the next rows, of those that are {@link available}. */
  read(rows: number): LeafValues {
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
    while (this.#open[0] !== undefined && this.#open[0].entry >= this.#open[0].entries) this.#open.shift()?.free?.();
    this.#rowsOpen -= rows;
    return { repetitions, entryLevels, entries, levels, slots, ...found };
  }

  /** Gives all memory back: nothing is read any more. */
  close(): void {
    for (const { free } of this.#open.splice(0)) free?.();
    this.#opener.close();
  }

  #openNext(): OpenPage | undefined {
    const page = this.#stream.pages.shift();
    if (page === undefined) return undefined;
    const opened = this.#opener.open(page);
    this.#open.push(opened);
    this.#rowsOpen += opened.repetitions === undefined ? opened.entries : rowsIn(opened.repetitions);
    return opened;
  }

  #claim(rows: number): Stretch[] {
    const stretches: Stretch[] = [];
    let missing = rows;
    for (let index = 0; ; index += 1) {
      const page = this.#open[index] ?? (missing > 0 ? this.#openNext() : undefined);
      if (page === undefined) break;
      const start = page.entry;
      [page.entry, missing] = entriesOf(page, missing);
      if (page.entry > start) stretches.push(this.#stretch(page, start, page.entry));
      if (page.entry < page.entries) break;
    }
    if (missing > 0) throw new RangeError("pages end too early");
    return stretches;
  }

  #stretch(page: OpenPage, start: number, end: number): Stretch {
    const repetitions = page.repetitions?.subarray(start, end);
    const entryLevels = page.levels?.subarray(start, end);
    const levels = this.#slotLevel === 0 ? entryLevels : entryLevels?.filter((level) => level >= this.#slotLevel);
    const entries = end - start;
    const slots = levels?.length ?? entries;
    const count = levels === undefined ? slots : countAtLeast(levels, this.#most);
    return { page, repetitions, entryLevels, entries, levels, slots, count };
  }

  #readBytes(stretches: readonly Stretch[], slots: number): Pick<LeafValues, "values" | "offsets"> {
    const offsets = new Int32Array(slots + 1);
    let [slot, end] = [0, 0];
    for (const { page, levels, slots: length, count } of stretches) {
      const lengths = new Int32Array(count);
      (page.source as BytesSource).lengths(lengths);
      for (let index = 0, value = 0; index < length; index += 1) {
        if (levels === undefined || levels[index] === this.#most) {
          end += lengths[value] as number;
          value += 1;
        }
        slot += 1;
        offsets[slot] = end;
      }
    }
    if (end > 0x7fffffff) throw new RangeError("a batch of more than 2 GiB");
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

/** Where the next `rows` rows end among the entries of a page, and how many of them are missing then. */
function entriesOf({ entry, entries, repetitions }: OpenPage, rows: number): [end: number, missing: number] {
  if (repetitions === undefined) {
    const end = Math.min(entries, entry + rows);
    return [end, rows - (end - entry)];
  }
  let [end, missing] = [entry, rows];
  for (; end < entries && (missing > 0 || repetitions[end] !== 0); end += 1) if (repetitions[end] === 0) missing -= 1;
  return [end, missing];
}

function rowsIn(repetitions: Uint8Array): number {
  return repetitions.length - countAtLeast(repetitions, 1);
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
  if (!isUtf8(values) || offsets.some(splits)) throw new RangeError("a string is not UTF-8");
}

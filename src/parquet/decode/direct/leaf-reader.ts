import type { Decompress } from "../decompress.ts";
import type { PageStream } from "../page-stream.ts";
import { DamageError, inColumn } from "../../failures.ts";
import { type UnitMemory, tooLarge } from "../unit-memory.ts";
import { checkPresent } from "./levels.ts";
import { ByteArrays, joinLevels, type LeafValues, spreadValues, type Stretch } from "./leaf-values.ts";
import { isDictionaryEncoded, type OpenPage, PageOpener } from "./page-opener.ts";
import type { Workspace } from "../workspace.ts";
import type { BytesSource, FixedSource } from "./values.ts";

export interface LeafReaderOptions {
  readonly decompress: Decompress;
  /** The definition level from which on an entry is a slot: an empty list has none. */
  readonly slotLevel: number;
  readonly workspace: Workspace;
  readonly memory: UnitMemory;
}

/** What an entry takes beside its value: levels, an offset. */
const ENTRY_BYTES = 8;

/** What of a page belongs to some rows, and how many of them are still missing. */
interface PageStretch {
  readonly page: OpenPage;
  readonly stretch: Stretch;
  readonly missing: number;
}

/**
 * Reads the rows of a leaf, whatever pages they lie in: one page after another, so that each comes to the memory of the one
 * before. Throws a {@link DamageError} on bytes that are damaged.
 */
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
   * `most`: pages are then opened to find out. The rows are {@link available}.
   */
  cost(rows: number, most: number, exact: boolean): number {
    const isFlat = this.#stream.leaf.maxRepetitionLevel === 0;
    return inColumn(this.#stream.leaf.path, () => {
      let [bytes, left] = [0, rows];
      for (let index = 0; left > 0 && bytes <= most; index += 1) {
        if (!exact && isFlat && index === this.#open.length) return bytes + this.#costOfClosed(left);
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
      const { width } = this.#opener;
      const stretches: Stretch[] = [];
      const fixed: Uint8Array<ArrayBuffer>[] = [];
      const [workspace, isText, most] = [this.#workspace, this.#isText, this.#memory.most];
      const arrays = new ByteArrays({ workspace, isText, most });
      for (const { page, missing, stretch } of this.#stretches(rows)) {
        stretches.push(stretch);
        const { count } = stretch;
        if (width > 0) fixed.push((page.source as FixedSource).take(count));
        else arrays.add(page.source as BytesSource, count, page.memory.length, this.#bytesOfClosed(missing));
      }
      this.#rowsOpen -= rows;
      const sum = (part: "entries" | "slots"): number => stretches.reduce((total, stretch) => total + stretch[part], 0);
      const [entries, slots] = [sum("entries"), sum("slots")];
      const found =
        width > 0
          ? { values: spreadValues(stretches, fixed, { slots, width, most: this.#most }), offsets: undefined }
          : arrays.finish(stretches, slots, this.#most);
      const repetitions = joinLevels(stretches, "repetitions", "entries", 0);
      const entryLevels = joinLevels(stretches, "entryLevels", "entries", this.#most);
      const levels = joinLevels(stretches, "levels", "slots", this.#most);
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

  /** What the next `rows` rows of pages that are not open become, at most, by what their headers say. */
  #costOfClosed(rows: number): number {
    let [bytes, left] = [0, rows];
    for (const { header } of this.#stream.pages) {
      if (left === 0) break;
      const entries = Math.min(left, header.entries);
      bytes += entries * (ENTRY_BYTES + this.#opener.width);
      if (this.#opener.width === 0)
        bytes += isDictionaryEncoded(header.encoding) ? entries * this.#opener.longest : header.size;
      left -= entries;
    }
    return bytes;
  }

  /** About what the values of the next `rows` rows of pages that are not open take; of a page's first rows rather more. */
  #bytesOfClosed(rows: number): number {
    let [bytes, left] = [0, rows];
    for (const { header } of this.#open.length > 1 ? [] : this.#stream.pages) {
      if (left <= 0) break;
      bytes += Math.min(header.size, Math.ceil((2 * header.size * left) / header.entries));
      left -= header.entries;
    }
    return bytes;
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

  /** The next rows page by page: each is closed before the next one is opened. */
  *#stretches(rows: number): Generator<PageStretch> {
    let [missing, entries] = [rows, 0];
    for (;;) {
      const page = this.#open[0] ?? (missing > 0 ? this.#openNext() : undefined);
      if (page === undefined) break;
      const [repetitions, count, left] = this.#take(page, missing);
      missing = left;
      entries += count;
      if (entries * (ENTRY_BYTES + this.#opener.width) > this.#memory.most)
        throw tooLarge("a row", entries * (ENTRY_BYTES + this.#opener.width));
      if (count > 0) yield { page, missing, stretch: this.#stretch(page, repetitions, count) };
      if (page.entry < page.entries) break;
      checkPresent(page.present, page.found);
      this.#open.shift()?.free();
    }
    if (missing > 0) throw new DamageError("pages end too early");
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
    return { repetitions, entryLevels, entries, levels, slots, count };
  }
}

/** How many levels are at least `least`. */
function countAtLeast(levels: Uint8Array, least: number): number {
  let count = 0;
  for (const level of levels) if (level >= least) count += 1;
  return count;
}

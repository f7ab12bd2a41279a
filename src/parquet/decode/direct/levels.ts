import { DamageError } from "../../failures.ts";
import type { LeafColumn } from "../../footer/metadata.ts";
import { LevelEncoding, type PageHeader } from "../page-header.ts";
import type { PageBody } from "../page.ts";
import { HybridReader, littleEndian } from "./hybrid.ts";

/** Levels of a page, read from the front. */
export interface LevelReader {
  /** Reads the next levels to `into[from]` and up to `into[to - 1]`. */
  read(into: Uint8Array, from?: number, to?: number): void;
  /** Reads the next `count` levels and sums up what each weighs. */
  sum(count: number, weigh: (level: number) => number): number;
}

/** Levels of up to so many entries are read at once; of more, so many at a time. */
const MAX_WHOLE = 1024 * 1024;
const BLOCK = 64 * 1024;

/** The levels of a page, and the values behind them. */
export interface OpenLevels {
  /** `undefined` where each entry is a row. */
  readonly repetitions: Repetitions | undefined;
  /** `undefined` where all entries have a value. */
  readonly definitions: LevelReader | undefined;
  /** How many entries have a value, if the page says so. */
  readonly present: number | undefined;
  readonly values: Uint8Array;
}

/** Finds the levels in the content of a page. Throws a {@link DamageError} where they cannot be. */
export function openLevels(
  body: PageBody,
  header: PageHeader,
  { maxRepetitionLevel, maxDefinitionLevel }: LeafColumn,
  { isFirst }: { readonly isFirst: boolean },
): OpenLevels {
  const { entries, version2, levelEncodings } = header;
  let values = body.values.bytes;
  const open = (stored: Uint8Array, most: number, encoding: number): HybridReader | BitPackedLevels => {
    const bitWidth = 32 - Math.clz32(most);
    if (encoding === LevelEncoding.BIT_PACKED) {
      const packed = new BitPackedLevels(values, bitWidth, most);
      values = values.subarray(packed.bytesOf(entries));
      return packed;
    }
    if (encoding !== LevelEncoding.RLE) throw new DamageError(`levels of encoding ${encoding}`);
    let bytes = stored;
    if (version2 === undefined) {
      const length = littleEndian(values, 0, 4);
      if (4 + length > values.length) throw new DamageError("a page is shorter than its levels");
      bytes = values.subarray(4, 4 + length);
      values = values.subarray(4 + length);
    }
    return new HybridReader(bytes, bitWidth, most);
  };
  const repetitions =
    maxRepetitionLevel === 0
      ? undefined
      : new Repetitions(open(body.repetitions, maxRepetitionLevel, levelEncodings.repetitions), entries);
  const definitions =
    maxDefinitionLevel === 0
      ? undefined
      : open(body.definitions, maxDefinitionLevel, levelEncodings.definitions).unlessAll(maxDefinitionLevel, entries);
  if (repetitions !== undefined) checkRows(repetitions, version2?.rows, isFirst);
  const nulls = repetitions === undefined ? version2?.nulls : undefined;
  if (nulls !== undefined && (nulls > entries || (nulls > 0 && definitions === undefined)))
    throw new DamageError(`a page counts ${nulls} nulls that its levels do not have`);
  return { repetitions, definitions, present: nulls === undefined ? undefined : entries - nulls, values };
}

function checkRows({ beginsRow, rows }: Repetitions, counted: number | undefined, isFirst: boolean): void {
  if (!beginsRow && (isFirst || counted !== undefined)) throw new DamageError("the first repetition level is not 0");
  if (counted !== undefined && counted !== rows)
    throw new DamageError(`a page counts ${counted} rows, and its levels ${rows}`);
}

/** Checks how many values a page has by its levels against what it counts itself, if it does. */
export function checkPresent(counted: number | undefined, found: number): void {
  if (counted !== undefined && counted !== found)
    throw new DamageError(`a page counts ${counted} values, and its levels ${found}`);
}

/** Levels as they were packed before the hybrid: the highest bits first (Encodings.md, BIT_PACKED). */
class BitPackedLevels implements LevelReader {
  readonly #bytes: Uint8Array;
  readonly #bitWidth: number;
  readonly #most: number;
  #bit = 0;

  constructor(bytes: Uint8Array, bitWidth: number, most: number) {
    this.#bytes = bytes;
    this.#bitWidth = bitWidth;
    this.#most = most;
  }

  unlessAll(): LevelReader {
    return this;
  }

  bytesOf(entries: number): number {
    const length = Math.ceil((entries * this.#bitWidth) / 8);
    if (length > this.#bytes.length) throw new DamageError("a page is shorter than its levels");
    return length;
  }

  sum(count: number, weigh: (level: number) => number): number {
    const levels = new Uint8Array(count);
    this.read(levels);
    return levels.reduce((sum, level) => sum + weigh(level), 0);
  }

  read(into: Uint8Array, from: number = 0, to: number = into.length): void {
    for (let index = from; index < to; index += 1) {
      let level = 0;
      for (let bit = 0; bit < this.#bitWidth; bit += 1, this.#bit += 1)
        level = level * 2 + (((this.#bytes[this.#bit >> 3] as number) >> (7 - (this.#bit & 7))) & 1);
      if (level > this.#most) throw new DamageError(`a level is ${level}, of at most ${this.#most}`);
      into[index] = level;
    }
  }
}

/** The repetition levels of a page: 0 begins a row. */
export class Repetitions {
  /** How many rows begin in the page. */
  readonly rows: number;
  /** Whether the first entry begins a row: if not, it goes on with the last row of the page before. */
  readonly beginsRow: boolean;
  readonly #rereads: LevelReader;
  /** Levels that are read and not taken: `[start, end)` of the window. */
  #window: Uint8Array;
  #start = 0;
  #end = 0;
  #unread: number;
  #rowsTaken = 0;

  constructor(reader: HybridReader | BitPackedLevels, entries: number) {
    const isWhole = entries <= MAX_WHOLE || !(reader instanceof HybridReader);
    this.#window = new Uint8Array(isWhole ? entries : BLOCK);
    this.#rereads = isWhole ? reader : reader.again();
    this.#unread = entries;
    if (isWhole) {
      this.#fill();
      this.rows = zerosIn(this.#window, 0, this.#end);
      this.beginsRow = this.#window[0] === 0;
      return;
    }
    const isStart = (level: number): number => (level === 0 ? 1 : 0);
    const first = reader.sum(1, isStart);
    this.rows = first + reader.sum(entries - 1, isStart);
    this.beginsRow = first === 1;
  }

  /** Rows that begin in what is not taken. */
  get rowsLeft(): number {
    return this.rows - this.#rowsTaken;
  }

  /** Bytes that it holds. */
  get bytes(): number {
    return this.#window.length;
  }

  /** How many entries the next `rows` rows have, of those of this page; if they are more than `most`, all that there are. */
  entriesOf(rows: number, most: number): number {
    let end = this.#endOf(rows);
    for (; end === this.#end && this.#unread > 0 && end - this.#start <= most; end = this.#endOf(rows)) this.#extend();
    return end < this.#end ? end - this.#start : this.#end - this.#start + this.#unread;
  }

  /** Takes the levels of the next `rows` rows, or of those that there are, or little more than `most` levels; tells how many rows are missing then. */
  take(rows: number, most: number): { readonly levels: Uint8Array; readonly missing: number } {
    const taken: Uint8Array[] = [];
    let [missing, length] = [rows, 0];
    for (;;) {
      if (this.#start === this.#end) this.#fill();
      const end = this.#endOf(missing);
      const piece = this.#window.slice(this.#start, end);
      missing -= zerosIn(piece, 0, piece.length);
      length += piece.length;
      this.#start = end;
      taken.push(piece);
      if (end < this.#end || this.#unread === 0 || length > most) break;
    }
    this.#rowsTaken += rows - missing;
    const [only] = taken;
    if (taken.length === 1) return { levels: only as Uint8Array, missing };
    return { levels: Buffer.concat(taken), missing };
  }

  /** Where in the window the next `rows` rows end, if they do. */
  #endOf(rows: number): number {
    let [at, left] = [this.#start, rows];
    for (; at < this.#end && (left > 0 || this.#window[at] !== 0); at += 1) if (this.#window[at] === 0) left -= 1;
    return at;
  }

  /** Reads as many levels again as are read and not taken. */
  #extend(): void {
    const left = this.#window.subarray(this.#start, this.#end);
    const grown = new Uint8Array(Math.max(BLOCK, left.length * 2));
    grown.set(left);
    const end = Math.min(grown.length, left.length + this.#unread);
    this.#rereads.read(grown, left.length, end);
    this.#unread -= end - left.length;
    this.#window = grown;
    [this.#start, this.#end] = [0, end];
  }

  #fill(): void {
    this.#start = 0;
    this.#end = Math.min(this.#window.length, this.#unread);
    this.#rereads.read(this.#window, 0, this.#end);
    this.#unread -= this.#end;
  }
}

function zerosIn(levels: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at += 1) if (levels[at] === 0) count += 1;
  return count;
}

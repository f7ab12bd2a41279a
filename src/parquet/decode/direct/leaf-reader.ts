import { isUtf8 } from "node:buffer";
import type { Decompress } from "../decompress.ts";
import { type LeafColumn, PhysicalType } from "../../footer/metadata.ts";
import type { Page, PageStream } from "../pages.ts";
import { isRunOf, littleEndian, readHybrid } from "./hybrid.ts";
import {
  Booleans,
  type BytesDictionary,
  type BytesSource,
  DictionaryBytes,
  DictionaryFixed,
  type FixedSource,
  PlainBytes,
  PlainFixed,
  readBooleans,
  readBytesDictionary,
  readIndices,
} from "./values.ts";

/** Encodings of values (parquet.thrift, `Encoding`). */
export const Encoding = { PLAIN: 0, PLAIN_DICTIONARY: 2, RLE: 3, RLE_DICTIONARY: 8 } as const;

/** The values of some rows of a leaf. */
export interface LeafValues {
  /** The definition level of each row; left out where all have a value. */
  readonly levels: Uint8Array | undefined;
  /** Values of fixed width, a place for each row (booleans: a byte); or byte arrays, those that there are. */
  readonly values: Uint8Array<ArrayBuffer>;
  /** Where each byte array begins, and the last one ends. */
  readonly offsets: Int32Array<ArrayBuffer> | undefined;
}

/** A page that is being read. */
interface OpenPage {
  /** The bytes that it reads. */
  readonly memory: Uint8Array;
  /** Memory that was got for it, and can be used again. */
  readonly own: Uint8Array | undefined;
  readonly levels: Uint8Array | undefined;
  readonly source: FixedSource | BytesSource;
  readonly rows: number;
  /** The next row. */
  row: number;
}

/** Rows of one page. */
interface Stretch {
  readonly page: OpenPage;
  readonly levels: Uint8Array | undefined;
  readonly rows: number;
  /** How many of them have a value. */
  readonly count: number;
}

/** Reads the rows of a leaf that is no list, whatever pages they lie in. Throws a RangeError on bytes that are damaged. */
export class LeafReader {
  readonly #stream: PageStream;
  readonly #leaf: LeafColumn;
  readonly #decompress: Decompress;
  /** Bytes of a value; 0 for byte arrays. */
  readonly #width: number;
  readonly #isText: boolean;
  /** Memory of pages that were read: it is faster than new memory. */
  readonly #spare: Uint8Array[] = [];
  #dictionary: Uint8Array | BytesDictionary | undefined;
  #open: OpenPage | undefined;

  constructor(stream: PageStream, decompress: Decompress) {
    this.#stream = stream;
    this.#leaf = stream.leaf;
    this.#decompress = decompress;
    this.#width = widthOf(stream.leaf);
    const kind = stream.leaf.node.logicalType?.kind;
    this.#isText = kind === "string" || kind === "json";
  }

  /** The bytes of the page that is being read. */
  get memory(): Uint8Array | undefined {
    return this.#open?.memory;
  }

  /** Reads the next rows, of those whose pages have come. */
  read(rows: number): LeafValues {
    const stretches = this.#claim(rows);
    const hasAll = stretches.every(({ levels }) => levels === undefined);
    const levels = hasAll ? undefined : new Uint8Array(rows);
    let row = 0;
    for (const stretch of stretches) {
      if (stretch.levels !== undefined) levels?.set(stretch.levels, row);
      else levels?.fill(this.#leaf.maxDefinitionLevel, row, row + stretch.rows);
      row += stretch.rows;
    }
    const found =
      this.#width === 0
        ? this.#readBytes(stretches, rows)
        : { values: this.#readFixed(stretches, rows), offsets: undefined };
    for (const { page } of stretches) if (page !== this.#open && page.own !== undefined) this.#spare.push(page.own);
    return { levels, ...found };
  }

  #claim(rows: number): Stretch[] {
    const stretches: Stretch[] = [];
    for (let missing = rows; missing > 0;) {
      const page = this.#openPage();
      const count = Math.min(missing, page.rows - page.row);
      const levels = page.levels?.subarray(page.row, page.row + count);
      page.row += count;
      missing -= count;
      stretches.push({ page, levels, rows: count, count: levels === undefined ? count : this.#countPresent(levels) });
    }
    return stretches;
  }

  #countPresent(levels: Uint8Array): number {
    let count = 0;
    for (const level of levels) if (level === this.#leaf.maxDefinitionLevel) count += 1;
    return count;
  }

  #readBytes(stretches: readonly Stretch[], rows: number): Pick<LeafValues, "values" | "offsets"> {
    const offsets = new Int32Array(rows + 1);
    let [row, end] = [0, 0];
    for (const { page, levels, rows: length, count } of stretches) {
      const lengths = new Int32Array(count);
      (page.source as BytesSource).lengths(lengths);
      for (let index = 0, value = 0; index < length; index += 1) {
        if (levels === undefined || levels[index] === this.#leaf.maxDefinitionLevel) {
          end += lengths[value] as number;
          value += 1;
        }
        row += 1;
        offsets[row] = end;
      }
    }
    if (end > 0x7fffffff) throw new RangeError("a batch of more than 2 GiB");
    const values = new Uint8Array(end);
    let at = 0;
    for (const { page } of stretches) at = (page.source as BytesSource).copy(values, at);
    if (this.#isText) checkText(values, offsets);
    return { values, offsets };
  }

  #readFixed(stretches: readonly Stretch[], rows: number): Uint8Array<ArrayBuffer> {
    const [only] = stretches;
    const take = ({ page, count }: Stretch): Uint8Array<ArrayBuffer> => (page.source as FixedSource).take(count);
    if (only !== undefined && stretches.length === 1 && only.count === rows) return take(only);
    const values = new Uint8Array(rows * this.#width);
    let row = 0;
    for (const stretch of stretches) {
      const { levels, rows: length } = stretch;
      const taken = take(stretch);
      if (levels === undefined) values.set(taken, row * this.#width);
      else this.#spread(taken, levels, values.subarray(row * this.#width));
      row += length;
    }
    return values;
  }

  /** Puts values to the rows that have one. */
  #spread(taken: Uint8Array<ArrayBuffer>, levels: Uint8Array, into: Uint8Array<ArrayBuffer>): void {
    const present = this.#leaf.maxDefinitionLevel;
    const each = Math.max(1, this.#width / 4);
    const from = this.#width < 4 ? taken : new Int32Array(taken.buffer, taken.byteOffset, taken.length / 4);
    const to = this.#width < 4 ? into : new Int32Array(into.buffer, into.byteOffset, Math.floor(into.length / 4));
    for (let row = 0, value = 0; row < levels.length; row += 1) {
      if (levels[row] !== present) continue;
      for (let word = 0; word < each; word += 1) to[row * each + word] = from[value * each + word] as number;
      value += 1;
    }
  }

  #openPage(): OpenPage {
    while (this.#open === undefined || this.#open.row >= this.#open.rows) {
      const page = this.#stream.pages.shift();
      if (page === undefined) throw new RangeError("pages end too early");
      this.#open = this.#opened(page);
    }
    return this.#open;
  }

  #opened(page: Page): OpenPage {
    let own: Uint8Array | undefined;
    const body = page.body(this.#decompress, (size) => (own = this.#allocate(size)));
    const { maxDefinitionLevel } = this.#leaf;
    const rows = page.rows ?? 0;
    let { levels: levelBytes, values: memory } = body;
    if (!page.isVersion2 && maxDefinitionLevel > 0) {
      const length = littleEndian(memory, 0, 4);
      levelBytes = memory.subarray(4, 4 + length);
      memory = memory.subarray(4 + length);
    }
    const levels = this.#readLevels(levelBytes, rows);
    const count = levels === undefined ? rows : this.#countPresent(levels);
    return { memory, own, levels, source: this.#source(page, memory, count), rows, row: 0 };
  }

  #allocate(size: number): Uint8Array {
    const spare = this.#spare.pop();
    const buffer = spare !== undefined && spare.buffer.byteLength >= size ? spare.buffer : new ArrayBuffer(size);
    return new Uint8Array(buffer, 0, size);
  }

  #readLevels(bytes: Uint8Array, rows: number): Uint8Array | undefined {
    const { maxDefinitionLevel } = this.#leaf;
    if (maxDefinitionLevel === 0 || rows === 0 || isRunOf(bytes, maxDefinitionLevel, rows)) return undefined;
    const levels = new Uint8Array(rows);
    readHybrid(bytes, 32 - Math.clz32(maxDefinitionLevel), levels);
    return levels;
  }

  #source(page: Page, bytes: Uint8Array, count: number): FixedSource | BytesSource {
    const { encoding } = page;
    const isBoolean = this.#leaf.node.physicalType === PhysicalType.BOOLEAN;
    if (isBoolean && (encoding === Encoding.PLAIN || encoding === Encoding.RLE))
      return new Booleans(readBooleans(bytes, count, encoding === Encoding.PLAIN));
    if (encoding === Encoding.PLAIN && !isBoolean)
      return this.#width === 0 ? new PlainBytes(bytes) : new PlainFixed(bytes, this.#width);
    if (isBoolean || (encoding !== Encoding.RLE_DICTIONARY && encoding !== Encoding.PLAIN_DICTIONARY))
      throw new RangeError(`a page of encoding ${encoding}, which its footer does not name`);
    const indices = readIndices(bytes, count);
    const dictionary = (this.#dictionary ??= this.#readDictionary());
    return dictionary instanceof Uint8Array
      ? new DictionaryFixed(dictionary, this.#width, indices)
      : new DictionaryBytes(dictionary, indices);
  }

  #readDictionary(): Uint8Array | BytesDictionary {
    const page = this.#stream.dictionary;
    if (page === undefined) throw new RangeError("a dictionary is missing");
    const { values } = page.body(this.#decompress);
    return this.#width === 0 ? readBytesDictionary(values, page.valueCount) : values.slice();
  }
}

function widthOf({ node }: LeafColumn): number {
  switch (node.physicalType) {
    case PhysicalType.BOOLEAN:
      return 1;
    case PhysicalType.INT32:
    case PhysicalType.FLOAT:
      return 4;
    case PhysicalType.BYTE_ARRAY:
      return 0;
    default:
      return 8;
  }
}

/** Strings are UTF-8, each by itself. */
function checkText(values: Uint8Array, offsets: Int32Array): void {
  const splits = (offset: number): boolean => offset < values.length && ((values[offset] as number) & 0xc0) === 0x80;
  if (!isUtf8(values) || offsets.some(splits)) throw new RangeError("a string is not UTF-8");
}

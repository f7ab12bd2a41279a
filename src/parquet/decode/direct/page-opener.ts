import { DamageError } from "../../failures.ts";
import { type LeafColumn, PhysicalType } from "../../footer/metadata.ts";
import type { Decompress, Decompressed } from "../decompress.ts";
import type { Page } from "../page.ts";
import type { PageStream } from "../page-stream.ts";
import type { UnitMemory } from "../unit-memory.ts";
import { HybridReader } from "./hybrid.ts";
import { type LevelReader, openLevels, type Repetitions } from "./levels.ts";
import {
  type BytesDictionary,
  type BytesSource,
  DictionaryBytes,
  DictionaryFixed,
  type FixedSource,
  HybridBooleans,
  PlainBooleans,
  PlainBytes,
  PlainFixed,
  readBytesDictionary,
} from "./values.ts";

/** Encodings of values (parquet.thrift, `Encoding`). */
export const Encoding = { PLAIN: 0, PLAIN_DICTIONARY: 2, RLE: 3, RLE_DICTIONARY: 8 } as const;

/** A page that is being read. An entry is a value or what stands for one: a null, an empty list. */
export interface OpenPage {
  /** The bytes that it reads. */
  readonly memory: Uint8Array;
  /** Gives their memory back. */
  readonly free: () => void;
  /** `undefined` where each entry is a row. */
  readonly repetitions: Repetitions | undefined;
  /** `undefined` where all entries have a value. */
  readonly levels: LevelReader | undefined;
  readonly source: FixedSource | BytesSource;
  readonly entries: number;
  /** How many of them have a value, if it says so. */
  readonly present: number | undefined;
  /** The next entry. */
  entry: number;
  /** Of the entries before it, how many have a value. */
  found: number;
}

/** Opens the pages of a column chunk. Throws a {@link DamageError} on bytes that are damaged. */
export class PageOpener {
  readonly leaf: LeafColumn;
  /** Bytes of a value; 0 for byte arrays. */
  readonly width: number;
  readonly #stream: PageStream;
  readonly #decompress: Decompress;
  readonly #memory: UnitMemory;
  #dictionary: Uint8Array | BytesDictionary | undefined;
  #freeDictionary: () => void = () => {};
  #isFirst = true;

  constructor(stream: PageStream, decompress: Decompress, memory: UnitMemory) {
    this.leaf = stream.leaf;
    this.width = widthOf(stream.leaf);
    this.#stream = stream;
    this.#decompress = decompress;
    this.#memory = memory;
  }

  open(page: Page): OpenPage {
    const { entries, size } = page.header;
    const body = this.#take(page, size, () => page.body(this.#decompress));
    const isFirst = this.#isFirst;
    const { repetitions, definitions, present, values } = openLevels(body, page.header, this.leaf, { isFirst });
    this.#isFirst = false;
    const levelBytes = repetitions?.bytes ?? 0;
    this.#memory.take(levelBytes);
    return {
      memory: values,
      free: () => {
        this.#memory.give(levelBytes);
        this.#free(page, body.values);
      },
      repetitions,
      levels: definitions,
      source: this.#source(page, values),
      entries,
      present,
      entry: 0,
      found: 0,
    };
  }

  /** Bytes of the longest byte array of the dictionary, which is read. */
  get longest(): number {
    const dictionary = this.#openDictionary();
    return dictionary instanceof Uint8Array ? this.width : dictionary.longest;
  }

  /** Gives the memory of the dictionary back: no page is read any more. */
  close(): void {
    this.#dictionary = undefined;
    this.#freeDictionary();
    this.#freeDictionary = () => {};
  }

  #take<T>(page: Page, size: number, read: () => T): T {
    if (page.isPlain) return read();
    this.#memory.take(size);
    try {
      return read();
    } catch (error) {
      this.#memory.give(size);
      throw error;
    }
  }

  #free(page: Page, { free }: Decompressed): void {
    if (!page.isPlain) this.#memory.give(page.header.size);
    free?.();
  }

  #source(page: Page, bytes: Uint8Array): FixedSource | BytesSource {
    const { encoding } = page.header;
    const isBoolean = this.leaf.node.physicalType === PhysicalType.BOOLEAN;
    if (isBoolean && encoding === Encoding.PLAIN) return new PlainBooleans(bytes);
    if (isBoolean && encoding === Encoding.RLE) return new HybridBooleans(bytes);
    if (encoding === Encoding.PLAIN && !isBoolean)
      return this.width === 0 ? new PlainBytes(bytes) : new PlainFixed(bytes, this.width);
    if (isBoolean || !isDictionaryEncoded(encoding))
      throw new DamageError(`a page of encoding ${encoding}, which its footer does not name`);
    const dictionary = this.#openDictionary();
    const indices = readIndices(bytes, sizeOf(dictionary, this.width));
    return dictionary instanceof Uint8Array
      ? new DictionaryFixed(dictionary, this.width, indices)
      : new DictionaryBytes(dictionary, indices);
  }

  #openDictionary(): Uint8Array | BytesDictionary {
    return (this.#dictionary ??= this.#readDictionary());
  }

  #readDictionary(): Uint8Array | BytesDictionary {
    const page = this.#stream.dictionary;
    if (page === undefined) throw new DamageError("a dictionary is missing");
    const { entries, size } = page.header;
    const { values } = this.#take(page, size, () => page.body(this.#decompress));
    this.#freeDictionary = () => this.#free(page, values);
    // It outlives what it came in.
    const bytes = values.free === undefined ? values.bytes.slice() : values.bytes;
    if (entries * this.width > bytes.length) throw new DamageError("a dictionary ends too early");
    return this.width === 0 ? readBytesDictionary(bytes, entries) : bytes.subarray(0, entries * this.width);
  }
}

/** Whether values are places in a dictionary. */
export function isDictionaryEncoded(encoding: number | undefined): boolean {
  return encoding === Encoding.RLE_DICTIONARY || encoding === Encoding.PLAIN_DICTIONARY;
}

function sizeOf(dictionary: Uint8Array | BytesDictionary, width: number): number {
  return dictionary instanceof Uint8Array ? dictionary.length / width : dictionary.starts.length;
}

/** Reads places in a dictionary of so many values: the width in bits, then the hybrid. */
export function readIndices(bytes: Uint8Array, size: number): HybridReader {
  const [bitWidth = 0] = bytes;
  return new HybridReader(bytes.subarray(1), bitWidth, size - 1);
}

function widthOf({ node }: LeafColumn): number {
  switch (node.physicalType) {
    case PhysicalType.BOOLEAN:
      return 1;
    case PhysicalType.INT32:
    case PhysicalType.FLOAT:
      return 4;
    case PhysicalType.INT96:
      return 12;
    case PhysicalType.BYTE_ARRAY:
      return 0;
    default:
      return 8;
  }
}

import { type LeafColumn, PhysicalType } from "../../footer/metadata.ts";
import type { Decompress, Decompressed } from "../decompress.ts";
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

/** A page that is being read. An entry is a value or what stands for one: a null, an empty list. */
export interface OpenPage {
  /** The bytes that it reads. */
  readonly memory: Uint8Array;
  /** Gives their memory back. */
  readonly free: Decompressed["free"];
  /** The repetition level of each entry: 0 begins a row. Left out where each entry is a row. */
  readonly repetitions: Uint8Array | undefined;
  /** The definition level of each entry; left out where all have a value. */
  readonly levels: Uint8Array | undefined;
  readonly source: FixedSource | BytesSource;
  readonly entries: number;
  /** The next entry. */
  entry: number;
}

/** Opens the pages of a column chunk. Throws a RangeError on bytes that are damaged. */
export class PageOpener {
  readonly leaf: LeafColumn;
  /** Bytes of a value; 0 for byte arrays. */
  readonly width: number;
  readonly #stream: PageStream;
  readonly #decompress: Decompress;
  #dictionary: Uint8Array | BytesDictionary | undefined;
  #freeDictionary: () => void = () => {};

  constructor(stream: PageStream, decompress: Decompress) {
    this.leaf = stream.leaf;
    this.width = widthOf(stream.leaf);
    this.#stream = stream;
    this.#decompress = decompress;
  }

  open(page: Page): OpenPage {
    const body = page.body(this.#decompress);
    const { maxDefinitionLevel, maxRepetitionLevel } = this.leaf;
    const entries = page.entries;
    let memory = body.values.bytes;
    const levelBytes = (max: number, stored: Uint8Array): Uint8Array => {
      if (page.isVersion2 || max === 0) return stored;
      const length = littleEndian(memory, 0, 4);
      const bytes = memory.subarray(4, 4 + length);
      memory = memory.subarray(4 + length);
      return bytes;
    };
    const repetitionBytes = levelBytes(maxRepetitionLevel, body.repetitions);
    const repetitions = maxRepetitionLevel === 0 ? undefined : readLevels(repetitionBytes, maxRepetitionLevel, entries);
    const definitionBytes = levelBytes(maxDefinitionLevel, body.definitions);
    const hasAll = maxDefinitionLevel === 0 || entries === 0 || isRunOf(definitionBytes, maxDefinitionLevel, entries);
    const levels = hasAll ? undefined : readLevels(definitionBytes, maxDefinitionLevel, entries);
    const count = levels === undefined ? entries : countAtLeast(levels, maxDefinitionLevel);
    return {
      memory,
      free: body.values.free,
      repetitions,
      levels,
      source: this.#source(page, memory, count),
      entries,
      entry: 0,
    };
  }

  /** Bytes of the longest value that a page can repeat at little cost; 0 where each has bytes of its own. */
  get longestRepeated(): number {
    if (this.width > 0 || this.#stream.dictionary === undefined) return 0;
    const dictionary = (this.#dictionary ??= this.#readDictionary());
    return dictionary instanceof Uint8Array ? 0 : dictionary.longest;
  }

  /** Gives the memory of the dictionary back: no page is read any more. */
  close(): void {
    this.#dictionary = undefined;
    this.#freeDictionary();
  }

  #source(page: Page, bytes: Uint8Array, count: number): FixedSource | BytesSource {
    const { encoding } = page;
    const isBoolean = this.leaf.node.physicalType === PhysicalType.BOOLEAN;
    if (isBoolean && (encoding === Encoding.PLAIN || encoding === Encoding.RLE))
      return new Booleans(readBooleans(bytes, count, encoding === Encoding.PLAIN));
    if (encoding === Encoding.PLAIN && !isBoolean)
      return this.width === 0 ? new PlainBytes(bytes) : new PlainFixed(bytes, this.width);
    if (isBoolean || (encoding !== Encoding.RLE_DICTIONARY && encoding !== Encoding.PLAIN_DICTIONARY))
      throw new RangeError(`a page of encoding ${encoding}, which its footer does not name`);
    const indices = readIndices(bytes, count);
    const dictionary = (this.#dictionary ??= this.#readDictionary());
    return dictionary instanceof Uint8Array
      ? new DictionaryFixed(dictionary, this.width, indices)
      : new DictionaryBytes(dictionary, indices);
  }

  #readDictionary(): Uint8Array | BytesDictionary {
    const page = this.#stream.dictionary;
    if (page === undefined) throw new RangeError("a dictionary is missing");
    const { bytes, free } = page.body(this.#decompress).values;
    this.#freeDictionary = free ?? this.#freeDictionary;
    const values = free === undefined ? bytes.slice() : bytes; // it outlives what it came in
    return this.width === 0 ? readBytesDictionary(values, page.entries) : values;
  }
}

function readLevels(bytes: Uint8Array, most: number, count: number): Uint8Array {
  const levels = new Uint8Array(count);
  readHybrid(bytes, 32 - Math.clz32(most), levels);
  return levels;
}

/** How many levels are at least `least`. */
export function countAtLeast(levels: Uint8Array, least: number): number {
  let count = 0;
  for (const level of levels) if (level >= least) count += 1;
  return count;
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

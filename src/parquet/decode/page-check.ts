import { DamageError } from "../failures.ts";
import { type LeafColumn, PhysicalType } from "../footer/metadata.ts";
import type { Decompress } from "./decompress.ts";
import { countDeltas, sumLengths } from "./delta.ts";
import { checkPresent, openLevels } from "./direct/levels.ts";
import { Encoding, isDictionaryEncoded, readIndices } from "./direct/page-opener.ts";
import { PlainBytes, readBytesDictionary } from "./direct/values.ts";
import type { Page, PageBody } from "./page.ts";
import type { PageStream } from "./page-stream.ts";
import type { UnitMemory } from "./unit-memory.ts";

/** Encodings that only the decoder reads (parquet.thrift, `Encoding`). */
const Delta = { BINARY_PACKED: 5, LENGTH_BYTE_ARRAY: 6, BYTE_ARRAY: 7 } as const;
const BYTE_STREAM_SPLIT = 9;

/** What an entry takes beside its value: levels, an offset. */
const ENTRY_BYTES = 8;

/** What the levels of a page, and the values themselves, tell. */
export interface CheckedPage {
  /** Rows that begin in it, and whether its first entry begins one. */
  readonly rows: number;
  readonly beginsRow: boolean;
  /** What it becomes, whatever it repeats. */
  readonly decodedBytes: number;
}

/**
 * Checks pages before the WebAssembly decoder has them, which takes levels, indices and counts on trust, and all the memory
 * that they ask for. Throws a {@link DamageError}.
 */
export class PageCheck {
  readonly #stream: PageStream;
  readonly #decompress: Decompress;
  readonly #memory: UnitMemory;
  #dictionary: Int32Array | number | undefined;
  #isOpen = false;
  #isFirst = true;

  constructor(stream: PageStream, decompress: Decompress, memory: UnitMemory) {
    this.#stream = stream;
    this.#memory = memory;
    this.#decompress = decompress;
  }

  check({ header }: Page, body: PageBody): CheckedPage {
    const { leaf } = this.#stream;
    const { entries, encoding } = header;
    const isFirst = this.#isFirst;
    const { repetitions, definitions, present, values } = openLevels(body, header, leaf, { isFirst });
    this.#isFirst = false;
    const most = leaf.maxDefinitionLevel;
    const found = definitions?.sum(entries, (level) => (level === most ? 1 : 0)) ?? entries;
    checkPresent(present, found);
    const width = widthOf(leaf);
    const bytes = this.#bytesOf(values, found, encoding);
    return {
      rows: repetitions?.rows ?? entries,
      beginsRow: repetitions?.beginsRow ?? true,
      decodedBytes: bytes + entries * (ENTRY_BYTES + width),
    };
  }

  /** Checks the values; tells what those of varying length become. */
  #bytesOf(values: Uint8Array, count: number, encoding: number | undefined): number {
    const { physicalType, typeLength } = this.#stream.leaf.node;
    if (isDictionaryEncoded(encoding)) return this.#repeatedBytes(values, count);
    const isBytes = physicalType === PhysicalType.BYTE_ARRAY;
    if (count === 0) return 0;
    switch (encoding) {
      case Encoding.PLAIN:
        if (isBytes) return plainLengths(values, count);
        return atLeast(values, bitsOf(physicalType, typeLength) * count);
      case Encoding.RLE:
        return 0;
      case Delta.BINARY_PACKED:
        if (countDeltas(values) < count) throw new DamageError("values end too early");
        return 0;
      case Delta.LENGTH_BYTE_ARRAY:
        return withinPage(sumLengths(values, count), values);
      case Delta.BYTE_ARRAY: {
        const prefixes = sumLengths(values, count);
        const suffixes = values.subarray(prefixes.end);
        return prefixes.sum + withinPage(sumLengths(suffixes, count), suffixes);
      }
      case BYTE_STREAM_SPLIT:
        return atLeast(values, bitsOf(physicalType, typeLength) * count);
      default:
        throw new DamageError(`a page of encoding ${encoding}`);
    }
  }

  #repeatedBytes(values: Uint8Array, count: number): number {
    const dictionary = (this.#dictionary ??= this.#readDictionary());
    const isFixed = typeof dictionary === "number";
    const indices = readIndices(values, isFixed ? dictionary : dictionary.length);
    return indices.sum(count, isFixed ? () => 0 : (index) => dictionary[index] as number);
  }

  /** The dictionary page, decompressed; `undefined` where there is none. */
  openDictionary(): Page | undefined {
    const { dictionary } = this.#stream;
    if (dictionary !== undefined && !this.#isOpen) this.#memory.take(dictionary.header.size);
    this.#isOpen = true;
    dictionary?.keptBody(this.#decompress);
    return dictionary;
  }

  /** The lengths of its values; of those of one length, how many there are. */
  #readDictionary(): Int32Array | number {
    const dictionary = this.openDictionary();
    if (dictionary === undefined) throw new DamageError("a dictionary is missing");
    const { entries } = dictionary.header;
    const { physicalType, typeLength } = this.#stream.leaf.node;
    const { bytes } = dictionary.keptBody(this.#decompress).values;
    if (physicalType === PhysicalType.BYTE_ARRAY) return readBytesDictionary(bytes, entries).lengths;
    atLeast(bytes, bitsOf(physicalType, typeLength) * entries);
    return entries;
  }
}

function withinPage({ sum, end }: { readonly sum: number; readonly end: number }, bytes: Uint8Array): number {
  if (end + sum > bytes.length) throw new DamageError("values end too early");
  return sum;
}

function plainLengths(bytes: Uint8Array, count: number): number {
  if (count * 4 > bytes.length) throw new DamageError("values end too early");
  const lengths = new Int32Array(count);
  new PlainBytes(bytes).lengths(lengths);
  return lengths.reduce((sum, length) => sum + length, 0);
}

function atLeast(bytes: Uint8Array, bits: number): number {
  if (bits > bytes.length * 8) throw new DamageError("values end too early");
  return 0;
}

function bitsOf(physicalType: number | undefined, typeLength: number): number {
  switch (physicalType) {
    case PhysicalType.BOOLEAN:
      return 1;
    case PhysicalType.INT32:
    case PhysicalType.FLOAT:
      return 32;
    case PhysicalType.INT96:
      return 96;
    case PhysicalType.FIXED_LEN_BYTE_ARRAY:
      return typeLength * 8;
    default:
      return 64;
  }
}

/** Bytes of a slot of the column. */
function widthOf({ node }: LeafColumn): number {
  if (node.physicalType === PhysicalType.BYTE_ARRAY) return 0;
  return node.logicalType?.kind === "decimal" ? 32 : Math.ceil(bitsOf(node.physicalType, node.typeLength) / 8);
}

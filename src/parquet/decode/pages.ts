import { booleanField, intField, readThrift, structField, type ThriftStruct, ThriftType } from "../footer/thrift.ts";
import { writeThrift } from "../footer/thrift-writer.ts";
import type { LeafColumn } from "../footer/metadata.ts";
import { ByteQueue, joined, pieceRange, withoutBuffer } from "./byte-pieces.ts";
import type { Decompress, Decompressed } from "./decompress.ts";

/** Page types (parquet.thrift, `PageType`). */
const PageType = { DATA: 0, DICTIONARY: 2, DATA_V2: 3 } as const;

/** A page's content: what version 2 keeps apart, and does not compress, its levels; and the rest, decompressed. */
export interface PageBody {
  readonly repetitions: Uint8Array;
  readonly definitions: Uint8Array;
  readonly values: Decompressed;
}

/** A data page, or the dictionary page, of a column chunk. */
export class Page {
  /** The row of the stream that it begins with. */
  readonly firstRow: number;
  /** `undefined` for a page of lists of version 1: its levels alone tell. */
  readonly rows: number | undefined;
  readonly #header: PageHeader;
  /** Header and body, in pieces. */
  #stored: readonly Uint8Array[];
  #plain: readonly Uint8Array[] | undefined;

  constructor(header: PageHeader, stored: readonly Uint8Array[], firstRow: number, rows?: number) {
    this.#header = header;
    this.#stored = stored;
    this.firstRow = firstRow;
    this.rows = rows;
  }

  /** The row after its last one. */
  get end(): number {
    return this.firstRow + (this.rows ?? 0);
  }

  get isVersion2(): boolean {
    return this.#header.fields.has(8);
  }

  /** How its values are encoded (parquet.thrift, `Encoding`). */
  get encoding(): number | undefined {
    const { fields } = this.#header;
    return intField(structField(fields, 8) ?? new Map(), 4) ?? intField(structField(fields, 5) ?? new Map(), 2);
  }

  /** How many values it has, nulls and empty lists counted. */
  get entries(): number {
    const { fields } = this.#header;
    const kind = structField(fields, 8) ?? structField(fields, 5) ?? structField(fields, 7);
    return intField(kind ?? new Map(), 1) ?? 0;
  }

  /** All memory that it uses. */
  get pieces(): readonly Uint8Array[] {
    return [...this.#stored, ...(this.#plain ?? [])];
  }

  /** The whole page as it was stored, or decompressed, in pieces; decompressed once. */
  bytes(decompress: Decompress | undefined): readonly Uint8Array[] {
    if (decompress === undefined) return this.#stored;
    if (this.#plain === undefined) {
      const { repetitions, definitions, values } = this.body(decompress);
      this.#plain = [writeThrift(plainHeader(this.#header.fields)), repetitions, definitions, values.bytes];
    }
    return this.#plain;
  }

  /** Decompresses the page. Throws where it is damaged. */
  body(decompress: Decompress): PageBody {
    const { fields, length } = this.#header;
    const version2 = structField(fields, 8);
    const size = intField(fields, 2) ?? 0;
    const bodyLength = this.#header.bodyLength;
    const definitions = version2 === undefined ? 0 : (intField(version2, 5) ?? 0);
    const repetitions = version2 === undefined ? 0 : (intField(version2, 6) ?? 0);
    const levels = definitions + repetitions;
    if (definitions < 0 || repetitions < 0 || levels > Math.min(size, bodyLength))
      throw new RangeError("a page is shorter than its levels");
    const part = (start: number, end: number): readonly Uint8Array[] =>
      pieceRange(this.#stored, length + start, length + end);
    const stored = part(levels, bodyLength);
    const isStored = bodyLength === levels || (version2 !== undefined && booleanField(version2, 7) === false);
    const values = isStored ? { bytes: joined(stored) } : decompress(stored, size - levels);
    if (levels + values.bytes.length !== size) throw new RangeError("a page decompresses to another size than it says");
    return { repetitions: joined(part(0, repetitions)), definitions: joined(part(repetitions, levels)), values };
  }

  /** Copies what it has of `buffer`, which is used for something else from then on. */
  leave(buffer: ArrayBufferLike): void {
    this.#stored = withoutBuffer(this.#stored, buffer);
    this.#plain = this.#plain === undefined ? undefined : withoutBuffer(this.#plain, buffer);
  }
}

/** The pages of one column chunk, as its bytes come. */
export class PageStream {
  readonly leaf: LeafColumn;
  /** Data pages whose rows are not all taken yet. */
  readonly pages: Page[] = [];
  dictionary: Page | undefined;
  /** Rows of all data pages that came; `undefined` where the pages do not say it. */
  rows: number | undefined = 0;
  readonly #rowCount: number;
  readonly #rest = new ByteQueue();
  /** Bytes that must be there before it is worth looking at the next page. */
  #needed = 1;

  /** `rowCount`: how many rows there will be. */
  constructor(leaf: LeafColumn, rowCount: number) {
    this.leaf = leaf;
    this.#rowCount = rowCount;
  }

  /** All memory that it uses. */
  get pieces(): readonly Uint8Array[] {
    return [...this.#rest.pieces, ...this.pages.flatMap(({ pieces }) => pieces), ...(this.dictionary?.pieces ?? [])];
  }

  /** Takes the bytes that follow. Throws a RangeError on what cannot be pages. */
  push(bytes: Uint8Array): void {
    this.#rest.push(bytes);
    while (this.#rest.length >= this.#needed && this.rows !== this.#rowCount) {
      const page = readPageHeader(this.#rest.peek(MAX_HEADER_BYTES));
      const length = page === undefined ? this.#rest.length + 1 : page.length + page.bodyLength;
      this.#needed = length;
      if (page === undefined || this.#rest.length < length) return;
      this.#add(page, this.#rest.take(length));
      this.#needed = 1;
    }
  }

  /** Forgets the pages before `row`. */
  drop(row: number): void {
    const kept = this.pages.findIndex(({ end }) => end > row);
    this.pages.splice(0, kept < 0 ? this.pages.length : kept);
  }

  /** Copies what it still has of `buffer`. */
  leave(buffer: ArrayBufferLike): void {
    for (const page of this.pages) page.leave(buffer);
    this.dictionary?.leave(buffer);
    this.#rest.leave(buffer);
  }

  #add(header: PageHeader, stored: readonly Uint8Array[]): void {
    const type = intField(header.fields, 1);
    if (type === PageType.DICTIONARY) this.dictionary = new Page(header, stored, 0);
    if (type !== PageType.DATA && type !== PageType.DATA_V2) return;
    const rows = rowsOf(header.fields, this.leaf);
    const before = this.rows;
    if (rows !== undefined && (rows < 0 || (before ?? 0) + rows > this.#rowCount))
      throw new RangeError("a page claims more rows than the row group has");
    this.pages.push(new Page(header, stored, before ?? 0, rows));
    this.rows = before === undefined || rows === undefined ? undefined : before + rows;
  }
}

/** A header holds statistics at most: one that is longer is none. */
const MAX_HEADER_BYTES = 64 * 1024;

interface PageHeader {
  readonly fields: ThriftStruct;
  /** Its own bytes. */
  readonly length: number;
  readonly bodyLength: number;
}

/** Reads the header that `start` begins with; `undefined` if it has not come as a whole. */
function readPageHeader(start: Uint8Array): PageHeader | undefined {
  try {
    const { struct: fields, end } = readThrift(start);
    const bodyLength = intField(fields, 3) ?? -1;
    if (bodyLength < 0 || (intField(fields, 2) ?? -1) < 0) throw new SyntaxError("a page of a negative size");
    return { fields, length: end, bodyLength };
  } catch (error) {
    if (error instanceof RangeError && start.length < MAX_HEADER_BYTES) return undefined;
    throw error;
  }
}

function rowsOf(header: ThriftStruct, { maxRepetitionLevel }: LeafColumn): number | undefined {
  const version2 = structField(header, 8);
  if (version2 !== undefined) return intField(version2, 3) ?? 0;
  if (maxRepetitionLevel > 0) return undefined;
  return intField(structField(header, 5) ?? new Map(), 1) ?? 0;
}

/** The header of the same page, decompressed. */
function plainHeader(fields: ThriftStruct): ThriftStruct {
  const plain = new Map(fields);
  plain.delete(4); // the checksum is that of the compressed page
  plain.set(3, { type: ThriftType.I32, value: intField(fields, 2) ?? 0 });
  const version2 = structField(fields, 8);
  if (version2 !== undefined) {
    const uncompressed = new Map(version2).set(7, { type: ThriftType.FALSE, value: false });
    plain.set(8, { type: ThriftType.STRUCT, value: uncompressed });
  }
  return plain;
}

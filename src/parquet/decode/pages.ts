import { booleanField, intField, readThrift, structField, type ThriftStruct, ThriftType } from "../footer/thrift.ts";
import { writeThrift } from "../footer/thrift-writer.ts";
import type { LeafColumn } from "../footer/metadata.ts";
import type { Decompress } from "./decompress.ts";

/** Page types (parquet.thrift, `PageType`). */
const PageType = { DATA: 0, DICTIONARY: 2, DATA_V2: 3 } as const;

/** A data page, or the dictionary page, of a column chunk. */
export class Page {
  /** The row of the stream that it begins with. */
  readonly firstRow: number;
  /** `undefined` for a page of lists of version 1: its levels alone tell. */
  readonly rows: number | undefined;
  readonly #header: ThriftStruct;
  readonly #headerLength: number;
  /** Header and body. */
  #stored: Uint8Array;
  #plain: readonly Uint8Array[] | undefined;

  constructor(header: ThriftStruct, headerLength: number, stored: Uint8Array, firstRow: number, rows?: number) {
    this.#header = header;
    this.#headerLength = headerLength;
    this.#stored = stored;
    this.firstRow = firstRow;
    this.rows = rows;
  }

  /** The row after its last one. */
  get end(): number {
    return this.firstRow + (this.rows ?? 0);
  }

  get heldBytes(): number {
    return this.#stored.length;
  }

  /** The page as it was stored, or decompressed, in pieces; decompressed once. */
  bytes(decompress: Decompress | undefined): readonly Uint8Array[] {
    if (decompress === undefined) return [this.#stored];
    this.#plain ??= plainPage(this.#header, this.#stored, this.#headerLength, decompress);
    return this.#plain;
  }

  /** Copies what it has of `buffer`, which is used for something else from then on. */
  leave(buffer: ArrayBufferLike): void {
    if (this.#stored.buffer === buffer) this.#stored = this.#stored.slice();
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
  #rest: Uint8Array = new Uint8Array();

  /** `rowCount`: how many rows there will be. */
  constructor(leaf: LeafColumn, rowCount: number) {
    this.leaf = leaf;
    this.#rowCount = rowCount;
  }

  get heldBytes(): number {
    return this.pages.reduce((sum, { heldBytes }) => sum + heldBytes, this.#rest.length);
  }

  /** Takes the bytes that follow. Throws a RangeError on what cannot be pages. */
  push(bytes: Uint8Array): void {
    const all = this.#rest.length === 0 ? bytes : joined(this.#rest, bytes);
    let at = 0;
    while (at < all.length && this.rows !== this.#rowCount) {
      const length = this.#read(all, at);
      if (length === undefined) break;
      at += length;
    }
    this.#rest = all.subarray(at);
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
    if (this.#rest.buffer === buffer) this.#rest = this.#rest.slice();
  }

  /** Reads the page at `at`: its length, or `undefined` if it has not come as a whole. */
  #read(bytes: Uint8Array, at: number): number | undefined {
    const found = readHeader(bytes, at);
    if (found === undefined) return undefined;
    const { header, bodyLength, headerLength } = found;
    const length = headerLength + bodyLength;
    if (at + length > bytes.length) return undefined;
    const stored = bytes.subarray(at, at + length);
    const type = intField(header, 1);
    if (type === PageType.DICTIONARY) this.dictionary = new Page(header, headerLength, stored, 0);
    if (type !== PageType.DATA && type !== PageType.DATA_V2) return length;
    const rows = rowsOf(header, this.leaf);
    const before = this.rows;
    if (rows !== undefined && (rows < 0 || (before ?? 0) + rows > this.#rowCount))
      throw new RangeError("a page claims more rows than the row group has");
    this.pages.push(new Page(header, headerLength, stored, before ?? 0, rows));
    this.rows = before === undefined || rows === undefined ? undefined : before + rows;
    return length;
  }
}

/** A header at its largest holds statistics: what is longer than this is none. */
const MAX_HEADER_BYTES = 16 * 1024 * 1024;

function readHeader(
  bytes: Uint8Array,
  at: number,
): { readonly header: ThriftStruct; readonly headerLength: number; readonly bodyLength: number } | undefined {
  try {
    const { struct: header, end } = readThrift(bytes, at);
    const bodyLength = intField(header, 3) ?? -1;
    if (bodyLength < 0 || (intField(header, 2) ?? -1) < 0) throw new SyntaxError("a page of a negative size");
    return { header, headerLength: end - at, bodyLength };
  } catch (error) {
    if (error instanceof RangeError && bytes.length - at < MAX_HEADER_BYTES) return undefined; // the rest is to come
    throw error;
  }
}

function rowsOf(header: ThriftStruct, { maxRepetitionLevel }: LeafColumn): number | undefined {
  const version2 = structField(header, 8);
  if (version2 !== undefined) return intField(version2, 3) ?? 0;
  if (maxRepetitionLevel > 0) return undefined;
  return intField(structField(header, 5) ?? new Map(), 1) ?? 0;
}

/** Decompresses a page (parquet.thrift: version 2 leaves its levels uncompressed, and says whether its values are). */
function plainPage(
  header: ThriftStruct,
  stored: Uint8Array,
  headerLength: number,
  decompress: Decompress,
): readonly Uint8Array[] {
  const version2 = structField(header, 8);
  if (version2 !== undefined && booleanField(version2, 7) === false) return [stored];
  const size = intField(header, 2) ?? 0;
  const levels = version2 === undefined ? 0 : (intField(version2, 5) ?? 0) + (intField(version2, 6) ?? 0);
  const body = stored.subarray(headerLength);
  if (levels < 0 || levels > Math.min(size, body.length)) throw new RangeError("a page is shorter than its levels");
  const values = body.subarray(levels);
  const plain = new Map(header);
  plain.delete(4); // the checksum is that of the compressed page
  plain.set(3, { type: ThriftType.I32, value: size });
  if (version2 !== undefined) {
    const uncompressed = new Map(version2).set(7, { type: ThriftType.FALSE, value: false });
    plain.set(8, { type: ThriftType.STRUCT, value: uncompressed });
  }
  const decompressed = values.length === 0 ? values : decompress(values, size - levels);
  if (levels + decompressed.length !== size) throw new RangeError("a page decompresses to another size than it says");
  return [writeThrift(plain), body.subarray(0, levels), decompressed];
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

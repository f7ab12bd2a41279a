import { DamageError, inColumn } from "../failures.ts";
import type { ColumnChunk, LeafColumn } from "../footer/metadata.ts";
import { ByteQueue } from "./byte-pieces.ts";
import { checksumOf } from "./checksum.ts";
import { Page } from "./page.ts";
import { MAX_HEADER_BYTES, type PageHeader, PageType, readPageHeader } from "./page-header.ts";

/** Pages that are kept ready; those after them stay bytes, since each page costs some objects. */
const MAX_READY = 256;

/** Of its footer's count of decompressed bytes, what pages may have beyond: some writers leave headers out of it. */
const SIZE_SLACK = 64 * 1024;

/** The pages of one column chunk, as its bytes come. Whatever they say of themselves is checked. */
export class PageStream {
  readonly leaf: LeafColumn;
  readonly chunk: ColumnChunk;
  /** Data pages whose rows are not all taken yet, as far as they are ready. */
  readonly pages: Page[] = [];
  dictionary: Page | undefined;
  readonly #rowCount: number;
  readonly #rest = new ByteQueue();
  /** Bytes that must be there before it is worth looking at the next page. */
  #needed = 1;
  /** Bytes of the chunk that have not come yet. */
  #missing: number;
  #count = 0;
  #entries = 0;
  /** Rows of those data pages that say it. */
  #rows = 0;
  #size = 0;

  /** `rowCount`: how many rows there will be. */
  constructor(leaf: LeafColumn, chunk: ColumnChunk, rowCount: number) {
    this.leaf = leaf;
    this.chunk = chunk;
    this.#rowCount = rowCount;
    this.#missing = chunk.length;
  }

  /** All memory that it uses. */
  get pieces(): readonly Uint8Array[] {
    return [...this.#rest.pieces, ...this.pages.flatMap(({ pieces }) => pieces), ...(this.dictionary?.pieces ?? [])];
  }

  /** Takes the bytes that follow. Throws a {@link DamageError} on what cannot be pages. */
  push(bytes: Uint8Array): void {
    this.#rest.push(bytes);
    this.#missing -= bytes.length;
    this.fill();
  }

  /** Makes pages ready, of the bytes that have come. */
  fill(): void {
    inColumn(this.leaf.path, () => {
      while (this.pages.length < MAX_READY && this.#rest.length >= this.#needed && !this.#isPastEnd()) {
        const header = this.#header();
        const length = header === undefined ? this.#rest.length + 1 : header.length + header.bodyLength;
        if (header !== undefined && length > this.#rest.length + this.#missing)
          throw new DamageError(`page ${this.#count} claims more bytes than its column chunk has`);
        this.#needed = length;
        if (header === undefined || this.#rest.length < length) return;
        this.#add(header, this.#rest.take(length));
        this.#needed = 1;
      }
    });
  }

  /** Checks that all has come that the footer counts. */
  finish(): void {
    const { values } = this.chunk;
    if (values === undefined || values === this.#entries) return;
    const column = this.leaf.path.join(".");
    throw new DamageError(`column ${column}: its pages have ${this.#entries} values where the footer counts ${values}`);
  }

  /** Copies what it still has of `buffer`. */
  leave(buffer: ArrayBufferLike): void {
    for (const page of this.pages) page.leave(buffer);
    this.dictionary?.leave(buffer);
    this.#rest.leave(buffer);
  }

  /** What follows the last page of a padded chunk is not of the chunk. */
  #isPastEnd(): boolean {
    return this.chunk.padding > 0 && this.#entries === this.chunk.values;
  }

  #header(): PageHeader | undefined {
    const start = this.#rest.peek(MAX_HEADER_BYTES);
    const isDone = this.#entries === this.chunk.values && this.#missing === 0;
    try {
      return readPageHeader(start);
    } catch (error) {
      if (!(isDone && error instanceof DamageError)) throw error;
      return undefined; // bytes behind the last page that nobody needs
    }
  }

  #add(header: PageHeader, stored: readonly Uint8Array[]): void {
    this.#checkBytes(header, stored);
    this.#count += 1;
    if (header.type === PageType.DICTIONARY) {
      if (this.dictionary !== undefined || this.#entries > 0) throw new DamageError("a dictionary out of its place");
      this.dictionary = new Page(header, stored);
    }
    if (header.type !== PageType.DATA && header.type !== PageType.DATA_V2) return;
    const rows = rowsOf(header, this.leaf);
    if ((header.type === PageType.DATA_V2) !== (header.version2 !== undefined) || rows === -1)
      throw new DamageError("a page is of another kind than it says");
    this.#rows += rows ?? 0;
    if (this.#rows > this.#rowCount) throw new DamageError("its pages claim more rows than the row group has");
    this.#entries += header.entries;
    if (header.entries > 0) this.pages.push(new Page(header, stored, rows));
  }

  #checkBytes(header: PageHeader, stored: readonly Uint8Array[]): void {
    const where = `page ${this.#count}`;
    this.#size += header.size;
    if (this.#size > this.chunk.uncompressedLength + SIZE_SLACK)
      throw new DamageError(`${where} becomes more bytes than the footer counts`);
    if (header.checksum !== undefined && checksumOf(stored, header.length) !== header.checksum >>> 0)
      throw new DamageError(`${where} does not have the bytes of its checksum`);
  }
}

/** The rows of a data page; `undefined` where its levels alone tell, -1 where they cannot be. */
function rowsOf({ version2, entries }: PageHeader, { maxRepetitionLevel }: LeafColumn): number | undefined {
  if (maxRepetitionLevel === 0) return version2 === undefined || version2.rows === entries ? entries : -1;
  if (version2 === undefined) return undefined;
  return version2.rows <= entries ? version2.rows : -1;
}

import { makeFillerPage } from "../filler-page.ts";
import type { FileMetadata, RowGroup } from "../footer/metadata.ts";
import { intField } from "../footer/thrift.ts";
import { makeMiniFooter, type MiniChunk } from "../mini-file.ts";
import type { RowRange } from "../row-ranges.ts";
import type { DecodedBatch } from "./column-data.ts";
import { decodeParquet } from "./decode.ts";
import { type Decompress, nativeDecompress } from "./decompress.ts";
import { concatenated } from "./byte-pieces.ts";
import type { Page, PageStream } from "./pages.ts";

export { decoderMemory } from "./decode.ts";

/** Decoded bytes that a part aims at: the decoder then stays small, and its memory in the processor's cache. */
const PART_BYTES = 4 * 1024 * 1024;
/** What a row that is decoded only because columns have other pages costs, in decoded bytes for each column. */
const FILLED_ROW_BYTES = 40;
const UNCOMPRESSED = 0;
const MAGIC = new TextEncoder().encode("PAR1");

/** Where files are put together: one at a time, and memory that was used before is faster than new memory. */
let scratch = new Uint8Array();
const MAX_SCRATCH_BYTES = 64 * 1024 * 1024;

interface Column {
  readonly stream: PageStream;
  /** Left out where the decoder decompresses. */
  readonly decompress: Decompress | undefined;
}

/**
 * Decodes rows in parts: of the pages that are there, those of some rows are put into a small file for the decoder,
 * decompressed where Node does that faster, with filler pages where a column has no page of its own for a row that only
 * others need.
 */
export class PartFiles {
  readonly pieces: readonly Uint8Array[] = [];
  readonly #metadata: FileMetadata;
  readonly #rowGroup: RowGroup;
  readonly #batchRows: number;
  readonly #columns: readonly Column[];
  /** The columns of each list that has several: their pages must end together. */
  readonly #lists: readonly (readonly PageStream[])[];
  readonly #lead: PageStream | undefined;
  readonly #bytesPerRow: number;

  /** `metadata` is of the one row group. */
  constructor(metadata: FileMetadata, streams: readonly PageStream[], batchRows: number) {
    this.#metadata = metadata;
    this.#batchRows = batchRows;
    this.#rowGroup = metadata.rowGroups[0] as RowGroup;
    const { rows, columns } = this.#rowGroup;
    this.#columns = streams.map((stream, index) => ({
      stream,
      decompress: nativeDecompress(intField(columns[index]?.stored ?? new Map(), 4) ?? UNCOMPRESSED),
    }));
    const sizes = columns.map(({ uncompressedLength }) => uncompressedLength);
    this.#bytesPerRow = sizes.reduce((sum, size) => sum + size, 0) / Math.max(1, rows);
    this.#lead = streams[sizes.indexOf(Math.max(...sizes))];
    const byList = new Map(
      streams.map(({ leaf }) => [leaf.list, streams.filter((mate) => mate.leaf.list === leaf.list)]),
    );
    this.#lists = [...byList].flatMap(([list, mates]) => (list === undefined || mates.length < 2 ? [] : [mates]));
  }

  *decode(start: number, isLast: boolean): Generator<DecodedBatch, number> {
    let done = start;
    for (let part = this.#nextPart(done, isLast); part !== undefined; part = this.#nextPart(done, isLast)) {
      const { file, hull } = this.#assemble(part);
      const rows = { start: part.start - hull.start, end: part.end - hull.start };
      yield* decodeParquet({ file, rowCount: hull.end - hull.start, rows, batchRows: this.#batchRows });
      done = part.end;
      for (const { stream } of this.#columns) stream.drop(done);
    }
    return done;
  }

  /** The rows to decode next: whole pages of the column that is most of the bytes. */
  #nextPart(start: number, isLast: boolean): RowRange | undefined {
    const { rows } = this.#rowGroup;
    if (start >= rows) return undefined;
    if (this.#lead === undefined || this.#columns.some(({ stream }) => stream.rows === undefined))
      return isLast ? { start, end: rows } : undefined;
    const come = Math.min(...this.#columns.map(({ stream }) => stream.rows ?? 0));
    const least = start + this.#partRows(start);
    const ends = this.#lead.pages.map(({ end }) => end).filter((end) => end > start && end <= come);
    const end = ends.find((candidate) => candidate >= least) ?? ends.at(-1);
    const aligned = end === undefined ? undefined : this.#alignLists(end, come);
    return aligned === undefined ? undefined : { start, end: aligned };
  }

  /** Rows that make a part, from `start` on: more where columns have long pages, which parts share. */
  #partRows(start: number): number {
    const longest = Math.max(
      ...this.#columns.map(({ stream }) => stream.pages.find(({ end }) => end > start)?.rows ?? 0),
    );
    const least = Math.max(PART_BYTES, longest * this.#columns.length * FILLED_ROW_BYTES);
    return Math.ceil(least / Math.max(1, this.#bytesPerRow));
  }

  /** The first row from `end` on at which pages end in all columns of each list. */
  #alignLists(end: number, available: number): number | undefined {
    let row: number | undefined = end;
    for (let before: number | undefined = -1; row !== undefined && row !== before;) {
      before = row;
      for (const mates of this.#lists) row = row === undefined ? undefined : commonEnd(mates, row, available);
    }
    return row;
  }

  /** Makes a file of the pages that hold any of the rows; its own rows are those of all of these pages. */
  #assemble({ start, end }: RowRange): { readonly file: Uint8Array; readonly hull: RowRange } {
    const pages = this.#columns.map(({ stream }) => pagesOf(stream, start, end));
    const hull = {
      start: Math.min(start, ...pages.map((own) => own[0]?.firstRow ?? start)),
      end: Math.max(end, ...pages.map((own) => own.at(-1)?.end ?? end)),
    };
    const pieces: Uint8Array[] = [MAGIC];
    const chunks = new Map<number, MiniChunk>();
    let length = MAGIC.length;
    const add = (...added: readonly Uint8Array[]): void => {
      for (const piece of added) {
        pieces.push(piece);
        length += piece.length;
      }
    };
    for (const [index, { stream, decompress }] of this.#columns.entries()) {
      const offset = length;
      const own = pages[index] ?? [];
      if (stream.dictionary !== undefined) add(...stream.dictionary.bytes(decompress));
      const data = length > offset ? length : undefined;
      const [first = hull.end, last = hull.end] = [own[0]?.firstRow, own.at(-1)?.end];
      if (first > hull.start) add(makeFillerPage(stream.leaf, first - hull.start));
      for (const page of own) add(...page.bytes(decompress));
      if (stream.rows !== undefined && last < hull.end) add(makeFillerPage(stream.leaf, hull.end - last));
      const codec = decompress === undefined ? undefined : UNCOMPRESSED;
      chunks.set(index, { offset, length: length - offset, data, codec });
    }
    const columns = [...this.#metadata.schema.children.keys()];
    const footer = makeMiniFooter(this.#metadata, this.#rowGroup, { columns, chunks, rows: hull.end - hull.start });
    add(
      footer,
      Uint8Array.from([0, 8, 16, 24], (shift) => (footer.length >>> shift) & 0xff),
      MAGIC,
    );
    if (scratch.length < length && length <= MAX_SCRATCH_BYTES) scratch = new Uint8Array(length);
    return { file: concatenated(pieces, length, scratch), hull };
  }
}

/** The pages that hold any of the rows; all of them where they do not say which rows they have. */
function pagesOf({ pages, rows }: PageStream, start: number, end: number): readonly Page[] {
  return rows === undefined ? pages : pages.filter((page) => page.end > start && page.firstRow < end);
}

/** The first row from `row` on at which a page of each stream ends. */
function commonEnd(streams: readonly PageStream[], row: number, most: number): number | undefined {
  const [first, ...others] = streams;
  return first?.pages.find(
    ({ end }) => end >= row && end <= most && others.every(({ pages }) => pages.some((page) => page.end === end)),
  )?.end;
}

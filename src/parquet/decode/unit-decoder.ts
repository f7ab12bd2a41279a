import { HfStreamError } from "../../errors.ts";
import { makeFillerPage } from "../filler-page.ts";
import { parseFooter } from "../footer/footer.ts";
import type { FileMetadata, FileRange, RowGroup } from "../footer/metadata.ts";
import { intField } from "../footer/thrift.ts";
import { makeMiniFooter, type MiniChunk } from "../mini-file.ts";
import type { RowRange } from "../row-ranges.ts";
import { corruptPages, decodeParquet } from "./decode.ts";
import { type Decompress, nativeDecompress } from "./decompress.ts";
import { concatenated, type Page, PageStream } from "./pages.ts";

/** A unit to decode, whose bytes follow. */
export interface UnitToDecode {
  /** What it is part of, for messages. */
  readonly path: string;
  /** Says what the column chunks hold; where they are does not matter. */
  readonly footer: Uint8Array;
  /** Rows of each batch but the last of a part. */
  readonly batchRows: number;
}

/** A stretch of every column chunk, in the order of the footer. */
export interface SliceToDecode {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where in `bytes` the stretch of each column chunk is. */
  readonly chunks: readonly FileRange[];
  readonly isLast: boolean;
}

/** Decoded bytes that a part aims at: the decoder then stays small, and its memory in the processor's cache. */
const PART_BYTES = 4 * 1024 * 1024;
/** What a row that is decoded only because columns have other pages costs, in decoded bytes for each column. */
const FILLED_ROW_BYTES = 40;
/** A buffer of which more than this is still needed is not worth copying. */
const MAX_COPIED_SHARE = 0.25;
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
 * Decodes a row group while its bytes come, in parts: of the pages that are there, those of some rows are put into a small
 * file, decompressed where Node does that faster, with filler pages where a column has no page of its own for a row
 * that only others need. Throws `CORRUPT_FILE`.
 */
export class UnitDecoder {
  readonly #unit: UnitToDecode;
  readonly #metadata: FileMetadata;
  readonly #rowGroup: RowGroup;
  readonly #columns: readonly Column[];
  /** The columns of each list that has several: their pages must end together. */
  readonly #lists: readonly (readonly PageStream[])[];
  readonly #lead: PageStream | undefined;
  readonly #bytesPerRow: number;
  #done = 0;

  constructor(unit: UnitToDecode) {
    this.#unit = unit;
    this.#metadata = parseFooter(unit.footer, { path: unit.path, size: Infinity });
    this.#rowGroup = this.#metadata.rowGroups[0] as RowGroup;
    const { rows, columns } = this.#rowGroup;
    this.#columns = this.#metadata.leaves.map((leaf, index) => ({
      stream: new PageStream(leaf, rows),
      decompress: nativeDecompress(intField(columns[index]?.stored ?? new Map(), 4) ?? UNCOMPRESSED),
    }));
    const sizes = columns.map(({ uncompressedLength }) => uncompressedLength);
    this.#bytesPerRow = sizes.reduce((sum, size) => sum + size, 0) / Math.max(1, rows);
    this.#lead = this.#columns[sizes.indexOf(Math.max(...sizes))]?.stream;
    const streams = this.#columns.map(({ stream }) => stream);
    const byList = new Map(
      streams.map(({ leaf }) => [leaf.list, streams.filter((mate) => mate.leaf.list === leaf.list)]),
    );
    this.#lists = [...byList].flatMap(([list, mates]) => (list === undefined || mates.length < 2 ? [] : [mates]));
  }

  /** Bytes of pages that wait for others. */
  get heldBytes(): number {
    return this.#heldIn(() => true);
  }

  /** Decodes what a slice completes. What is left of the slice stays in its buffer. */
  *push({ bytes, chunks, isLast }: SliceToDecode): Generator<Uint8Array<ArrayBuffer>> {
    const { path } = this.#unit;
    for (const [index, { stream }] of this.#columns.entries()) {
      const { offset = 0, length = 0 } = chunks[index] ?? {};
      blamingFile(path, () => stream.push(bytes.subarray(offset, offset + length)));
    }
    for (let part = this.#nextPart(isLast); part !== undefined; part = this.#nextPart(isLast)) {
      yield* this.#decode(part);
      this.#done = part.end;
      for (const { stream } of this.#columns) stream.drop(part.end);
    }
    if (isLast && this.#done < this.#rowGroup.rows)
      throw corruptPages(path, `they hold ${this.#done} rows where the footer counts ${this.#rowGroup.rows}`);
  }

  /** Gives a slice's buffer back, and copies what is still needed of it; `false` if that is so much that it keeps it. */
  leave(buffer: ArrayBufferLike): boolean {
    if (this.#heldIn((piece) => piece.buffer === buffer) > buffer.byteLength * MAX_COPIED_SHARE) return false;
    for (const { stream } of this.#columns) stream.leave(buffer);
    return true;
  }

  #heldIn(counts: (piece: Uint8Array) => boolean): number {
    const pieces = this.#columns.flatMap(({ stream }) => stream.pieces).filter(counts);
    return pieces.reduce((sum, { length }) => sum + length, 0);
  }

  /** The rows to decode next: whole pages of the column that is most of the bytes. */
  #nextPart(isLast: boolean): RowRange | undefined {
    const { rows } = this.#rowGroup;
    const start = this.#done;
    if (start >= rows) return undefined;
    if (this.#lead === undefined) return { start, end: rows };
    if (this.#columns.some(({ stream }) => stream.rows === undefined))
      return isLast ? { start: 0, end: rows } : undefined;
    const available = Math.min(...this.#columns.map(({ stream }) => stream.rows ?? 0));
    const least = start + this.#partRows(start);
    const ends = this.#lead.pages.map(({ end }) => end).filter((end) => end > start && end <= available);
    const end = ends.find((candidate) => candidate >= least) ?? ends.at(-1);
    const aligned = end === undefined ? undefined : this.#alignLists(end, available);
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

  *#decode(part: RowRange): Generator<Uint8Array<ArrayBuffer>> {
    const { path, batchRows } = this.#unit;
    const { file, hull } = blamingFile(path, () => this.#assemble(part));
    const rows = { start: part.start - hull.start, end: part.end - hull.start };
    yield* decodeParquet({ path, file, rowCount: hull.end - hull.start, rows, batchRows });
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
      if (stream.rows !== undefined && first > hull.start) add(makeFillerPage(stream.leaf, first - hull.start));
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

/** What fails in bytes of a file is the file's fault. */
function blamingFile<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof HfStreamError) throw cause;
    throw corruptPages(path, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

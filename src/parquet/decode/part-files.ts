import { fillerBytes, makeFillerPage } from "../filler-page.ts";
import type { FileMetadata } from "../footer/metadata.ts";
import { makeMiniFooter, type MiniChunk } from "../mini-file.ts";
import type { RowRange } from "../row-ranges.ts";
import { bytesIn } from "./byte-pieces.ts";
import type { DecodedBatch } from "./column-data.ts";
import { decodeParquet } from "./decode.ts";
import type { Decompress } from "./decompress.ts";
import { type PageRun, PageRuns } from "./page-runs.ts";
import type { PageStream } from "./page-stream.ts";
import type { UnitMemory } from "./unit-memory.ts";
import { MAGIC, parquetFile } from "./wasm-codec.ts";

/** Decoded bytes that a part aims at: the decoder then stays small, and its memory in the processor's cache. */
const PART_BYTES = 4 * 1024 * 1024;
/** What a row that is decoded only because columns have other pages costs, in decoded bytes for each column. */
const FILLED_ROW_BYTES = 40;
const UNCOMPRESSED = 0;
/** What the decoder makes at once, at most, if a row is not more. */
const WINDOW_BYTES = 8 * 1024 * 1024;

/** Where files are put together: one at a time, and memory that was used before is faster than new memory. */
let scratch = new Uint8Array();
const MAX_SCRATCH_BYTES = 64 * 1024 * 1024;

/**
 * Decodes rows in parts: of the pages that are there, those of some rows are put into a small file for the decoder,
 * decompressed where Node does that faster, with filler pages where a column has no page of its own for a row that only
 * others need.
 */
export class PartFiles {
  readonly pieces: readonly Uint8Array[] = [];
  readonly #metadata: FileMetadata;
  readonly #batchRows: number;
  readonly #memory: UnitMemory;
  readonly #columns: readonly PageRuns[];
  /** The columns of each list that has several: their pages must end together. */
  readonly #lists: readonly (readonly PageRuns[])[];
  readonly #lead: PageRuns | undefined;
  readonly #rows: number;
  readonly #bytesPerRow: number;

  /** `metadata` is of the one row group; `decompress` by the place of the leaf. */
  constructor(metadata: FileMetadata, streams: readonly PageStream[], { decompress, batchRows, memory }: PartOptions) {
    this.#metadata = metadata;
    this.#batchRows = batchRows;
    this.#memory = memory;
    const { rows = 0, decodedBytes = 0 } = metadata.rowGroups[0] ?? {};
    this.#rows = rows;
    this.#columns = streams.map((stream, index) => new PageRuns(stream, decompress[index] as Decompress, memory));
    this.#bytesPerRow = decodedBytes / Math.max(1, rows);
    const lists = new Map<unknown, PageRuns[]>();
    let [lead, most] = [this.#columns[0], 0];
    for (const column of this.#columns) {
      const { leaf, chunk } = column.stream;
      if (chunk.uncompressedLength > most) [lead, most] = [column, chunk.uncompressedLength];
      if (leaf.list !== undefined) lists.set(leaf.list, [...(lists.get(leaf.list) ?? []), column]);
    }
    this.#lead = lead;
    this.#lists = [...lists.values()].filter((mates) => mates.length > 1);
  }

  get waiting(): readonly Uint8Array[] {
    return this.#columns.flatMap(({ pieces }) => pieces);
  }

  leave(buffer: ArrayBufferLike): void {
    for (const column of this.#columns) column.leave(buffer);
  }

  close(): void {
    for (const column of this.#columns) column.close();
  }

  *decode(start: number, isLast: boolean): Generator<DecodedBatch, number> {
    let done = start;
    for (let part = this.#nextPart(done, isLast); part !== undefined; part = this.#nextPart(done, isLast)) {
      const { file, hull, decodedBytes } = this.#assemble(part);
      const count = hull.end - hull.start;
      this.#memory.checkRow(decodedBytes / count);
      const windows = Math.max(1, Math.min(count, Math.ceil(decodedBytes / WINDOW_BYTES)));
      const step = Math.ceil(count / windows);
      for (let first = part.start; first < part.end; first += step) {
        const rows = { start: first - hull.start, end: Math.min(part.end, first + step) - hull.start };
        yield* decodeParquet({ file, rows, batchRows: this.#batchRows });
      }
      done = part.end;
      for (const column of this.#columns) column.drop(done);
    }
    return done;
  }

  /** The rows to decode next; more pages are looked at until those of lists end together. */
  #nextPart(start: number, isLast: boolean): RowRange | undefined {
    if (start >= this.#rows || this.#lead === undefined) return undefined;
    for (let rows = this.#partRows(start, isLast); ; rows *= 2) {
      const part = this.#partWithin(start, start + rows, isLast);
      if (part !== undefined || start + rows >= this.#rows) return part;
    }
  }

  /** Whole pages of the column that is most of the bytes. */
  #partWithin(start: number, least: number, isLast: boolean): RowRange | undefined {
    let come = this.#rows;
    for (const column of this.#columns) {
      column.fill(least, isLast);
      come = Math.min(come, column.rows);
    }
    const ends = (this.#lead?.runs ?? []).map(({ end }) => end).filter((end) => end > start && end <= come);
    const end = ends.find((candidate) => candidate >= least) ?? ends.at(-1);
    const aligned = end === undefined ? undefined : this.#alignLists(end, come);
    return aligned === undefined ? undefined : { start, end: aligned };
  }

  /** Rows that make a part, from `start` on: more where columns have long pages, which parts share. */
  #partRows(start: number, isLast: boolean): number {
    let longest = 0;
    for (const column of this.#columns) {
      column.fill(start + 1, isLast);
      const run = column.runs.find(({ end }) => end > start);
      longest = Math.max(longest, run === undefined ? 0 : run.end - run.firstRow);
    }
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
  #assemble({ start, end }: RowRange): PartFile {
    const parts = this.#columns.map(({ runs }) => runs.filter((run) => run.end > start && run.firstRow < end));
    let hull: RowRange = { start, end };
    for (const own of parts)
      hull = {
        start: Math.min(hull.start, own[0]?.firstRow ?? start),
        end: Math.max(hull.end, own.at(-1)?.end ?? end),
      };
    this.#checkSize(parts, hull);
    const pieces: Uint8Array[] = [];
    const chunks = new Map<number, MiniChunk>();
    let [length, decodedBytes] = [MAGIC.length, 0];
    for (const [index, column] of this.#columns.entries()) {
      const own = parts[index] as readonly PageRun[];
      const { dictionary, data, values } = this.#pagesOf(column, own, hull);
      const [dictionaryBytes, dataBytes] = [bytesIn(dictionary), bytesIn(data)];
      const size = dictionaryBytes + dataBytes;
      const first = dictionaryBytes === 0 ? undefined : length + dictionaryBytes;
      chunks.set(index, {
        offset: length,
        length: size,
        data: first,
        codec: UNCOMPRESSED,
        values,
        uncompressedLength: size,
      });
      pieces.push(...dictionary, ...data);
      length += size;
      decodedBytes += column.decodedBytes(own);
    }
    const columns = [...this.#metadata.schema.children.keys()];
    const rowGroup = this.#metadata.readRowGroup(0);
    const count = hull.end - hull.start;
    const footer = makeMiniFooter(this.#metadata, rowGroup, { columns, chunks, rows: count, int96AsBytes: true });
    const whole = length + footer.length + MAGIC.length * 2;
    if (scratch.length < whole && whole <= MAX_SCRATCH_BYTES) scratch = new Uint8Array(whole);
    return { file: parquetFile(pieces, footer, scratch), hull, decodedBytes };
  }

  /** What a column has of the rows: its pages, and fillers before and after them. */
  #pagesOf(column: PageRuns, own: readonly PageRun[], hull: RowRange): ColumnPages {
    const { leaf } = column.stream;
    const { dictionary, data } = column.bytesOf(own);
    const [first = hull.end, last = hull.end] = [own[0]?.firstRow, own.at(-1)?.end];
    const before = first > hull.start ? [makeFillerPage(leaf, first - hull.start)] : [];
    const after = last < hull.end ? [makeFillerPage(leaf, hull.end - last)] : [];
    const entries = own.flatMap(({ pages }) => pages).reduce((sum, { header }) => sum + header.entries, 0);
    return { dictionary, data: [...before, ...data, ...after], values: entries + first - hull.start + hull.end - last };
  }

  /** The pages of a part are held three times: as they are, in the file, and by the decoder. */
  #checkSize(parts: readonly (readonly PageRun[])[], hull: RowRange): void {
    let size = 0;
    for (const [index, { stream }] of this.#columns.entries()) {
      const pages = (parts[index] ?? []).flatMap((run) => run.pages);
      const rows = (parts[index] ?? []).reduce((sum, run) => sum + run.end - run.firstRow, 0);
      size += pages.reduce((sum, { header }) => sum + header.size, stream.dictionary?.header.size ?? 0);
      size += fillerBytes(stream.leaf, hull.end - hull.start - rows);
    }
    this.#memory.check("the pages of some rows", size);
  }
}

export interface PartOptions {
  readonly decompress: readonly Decompress[];
  readonly batchRows: number;
  readonly memory: UnitMemory;
}

interface PartFile {
  readonly file: Uint8Array;
  readonly hull: RowRange;
  readonly decodedBytes: number;
}

interface ColumnPages {
  readonly dictionary: readonly Uint8Array[];
  readonly data: readonly Uint8Array[];
  readonly values: number;
}

/** The first row from `row` on at which runs of each column end. */
function commonEnd(columns: readonly PageRuns[], row: number, most: number): number | undefined {
  const [first, ...others] = columns;
  const ends = others.map(({ runs }) => new Set(runs.map(({ end }) => end)));
  return first?.runs.find(({ end }) => end >= row && end <= most && ends.every((own) => own.has(end)))?.end;
}

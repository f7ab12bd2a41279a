import type { Segment } from "../fs/ranges.ts";
import { cutPieces } from "./decode/byte-pieces.ts";
import { fillerBytes, makeFillerPage } from "./filler-page.ts";
import type { ColumnChunk, FileMetadata, FileRange, LeafColumn } from "./footer/metadata.ts";
import { makeMiniFooter } from "./mini-file.ts";
import type { PageLocation } from "./footer/page-index.ts";
import { countRows, type RowRange, uniteRows } from "./row-ranges.ts";

/** What of a row group is wanted. */
export interface UnitRequest {
  readonly rowGroup: number;
  /** Places of top-level columns in the schema, ascending. */
  readonly columns: readonly number[];
  /** Rows of the row group, in order; never empty. */
  readonly rows: readonly RowRange[];
  /** Where the pages of each leaf are, for those leaves whose unwanted pages may be left out. */
  readonly pages?: ReadonlyMap<number, readonly PageLocation[]> | undefined;
}

/** How to read what is wanted of a row group, slice by slice. */
export interface UnitPlan {
  /** Describes a file of just what is wanted: says of the column chunks what they hold, not where they are. */
  readonly footer: Uint8Array;
  /** In the order in which they are to be decoded; never none. */
  readonly slices: readonly Slice[];
  /** Bytes to fetch. */
  readonly fetchedBytes: number;
  /** Bytes that it decodes to, roughly: as the writer counted them before compression. */
  readonly decodedBytes: number;
  /** The rows of the row group that are decoded; those wanted are among them. */
  readonly hull: RowRange;
}

/**
 * A stretch of every column chunk, in one buffer: segments to fetch, and bytes that are made here (filler pages) between
 * them. Pages may go on from one slice to the next.
 */
export interface Slice {
  /** Bytes of the buffer. */
  readonly length: number;
  /** In order of their source. */
  readonly segments: readonly Segment[];
  readonly made: readonly { readonly target: number; readonly bytes: Uint8Array }[];
  /** Where in the buffer the stretch of each wanted column chunk is, in schema order. */
  readonly chunks: readonly FileRange[];
  /** Bytes to fetch. */
  readonly fetchedBytes: number;
  /** Its share of what the unit decodes to. */
  readonly decodedBytes: number;
}

/** Where fillers of unwanted pages may become larger than this, all pages are fetched. */
const MAX_FILLER_BYTES = 64 * 1024 * 1024;
/** Bytes that a slice fetches at least, whatever they claim to become. */
const MIN_SLICE_BYTES = 4 * 1024;
/** Column chunks up to this size are not cut: they come with the first slice, since each cut is another request. */
const SMALL_CHUNK_BYTES = 1024 * 1024;

/**
 * Plans one row group: pure, so that it can be tested with literals. `sliceBytes`: what a slice aims at, fetched or decoded,
 * whichever is more; the first rows wait for one of them.
 */
export function planUnit(metadata: FileMetadata, request: UnitRequest, sliceBytes: number = Infinity): UnitPlan {
  const rowGroup = metadata.readRowGroup(request.rowGroup);
  const wanted = new Set(request.columns);
  const leaves = metadata.leaves
    .map((leaf, index) => ({ leaf, index, chunk: rowGroup.columns[index] as ColumnChunk }))
    .filter(({ leaf }) => wanted.has(leaf.top));
  const fillers = leaves.reduce((sum, { leaf }) => sum + fillerBytes(leaf, rowGroup.rows), 0);
  const pages = fillers > MAX_FILLER_BYTES ? undefined : request.pages;
  const rows = rowsByLeaf(leaves, { ...request, pages }, rowGroup.rows);
  const hull = hullOf(rows, rowGroup.rows);
  const streams = leaves.map(({ leaf, index, chunk }) =>
    streamOf({ leaf, chunk, pages: pages?.get(index), hull, rows: rows.get(index) ?? [] }),
  );
  const fetchedBytes = streams.reduce((sum, stream) => sum + stream.fetchedBytes, 0);
  const decodedBytes = streams.reduce((sum, stream) => sum + stream.decodedBytes, 0);
  const wantedCount = Math.ceil(Math.max(fetchedBytes, decodedBytes) / sliceBytes);
  const count = Math.max(1, Math.min(wantedCount, Math.ceil(fetchedBytes / MIN_SLICE_BYTES)));
  const chunks = new Map(leaves.map(({ index }, at) => [index, { offset: 0, ...(streams[at] as ChunkStream) }]));
  return {
    footer: makeMiniFooter(metadata, rowGroup, { columns: request.columns, chunks, rows: hull.end - hull.start }),
    slices: Array.from({ length: count }, (_, slice) => makeSlice(streams, slice, count)),
    fetchedBytes,
    decodedBytes,
    hull,
  };
}

/** A piece of a column chunk: bytes of the file, or bytes that are made here. */
type StreamPiece = FileRange | Uint8Array;

/** A column chunk as it is decoded. */
interface ChunkStream {
  readonly pieces: readonly StreamPiece[];
  /** In bytes. */
  readonly length: number;
  readonly values: number | undefined;
  /** Bytes that its pages become at most. */
  readonly uncompressedLength: number;
  readonly fetchedBytes: number;
  readonly decodedBytes: number;
}

/** Cuts the same share of every stream, but takes small ones whole at once. */
function makeSlice(streams: readonly ChunkStream[], slice: number, count: number): Slice {
  const bound = ({ length }: ChunkStream, at: number): number =>
    length <= SMALL_CHUNK_BYTES && at > 0 ? length : Math.floor((length * at) / count);
  const parts = streams.map((stream, chunk) => {
    const [start, end] = [bound(stream, slice), bound(stream, slice + 1)];
    const pieces = cutPieces(stream.pieces, start, end, cutStreamPiece);
    return { chunk, pieces, share: (end - start) / Math.max(1, stream.length) };
  });
  const layout = new Layout();
  const chunks: FileRange[] = [];
  // In file order, so that neighbours in the file stay neighbours and one read serves them.
  for (const { chunk, pieces } of [...parts].sort((a, b) => sourceOf(a.pieces) - sourceOf(b.pieces))) {
    const offset = layout.length;
    for (const piece of pieces) layout.add(piece);
    chunks[chunk] = { offset, length: layout.length - offset };
  }
  const { length, segments, made, fetchedBytes } = layout;
  const decodedBytes = streams.reduce((sum, stream, at) => sum + stream.decodedBytes * (parts[at]?.share ?? 0), 0);
  return { length, segments, made, chunks, fetchedBytes, decodedBytes: Math.ceil(decodedBytes) };
}

function cutStreamPiece(piece: StreamPiece, from: number, to: number): StreamPiece {
  return piece instanceof Uint8Array ? piece.subarray(from, to) : { offset: piece.offset + from, length: to - from };
}

/** Where in the file the first fetched piece is. */
function sourceOf(pieces: readonly StreamPiece[]): number {
  const first = pieces.find((piece) => !(piece instanceof Uint8Array));
  return first === undefined || first instanceof Uint8Array ? 0 : first.offset;
}

interface LeafChunk {
  readonly leaf: LeafColumn;
  readonly index: number;
  readonly chunk: ColumnChunk;
}

/**
 * The rows that each leaf has of its own, by its index: whole pages that hold the wanted rows; all rows where its pages
 * are not known. Leaves of one list must have the same rows, since their values are counted together; others, the
 * fields of a plain struct among them, stand row by row.
 */
function rowsByLeaf(
  leaves: readonly LeafChunk[],
  { pages, rows }: UnitRequest,
  rowCount: number,
): Map<number, readonly RowRange[]> {
  const byLeaf = new Map<number, readonly RowRange[]>();
  const lists = new Map<unknown, LeafChunk[]>();
  for (const chunk of leaves) {
    const key = chunk.leaf.list ?? chunk.leaf;
    const mates = lists.get(key);
    if (mates === undefined) lists.set(key, [chunk]);
    else mates.push(chunk);
  }
  for (const mates of lists.values()) {
    const known = mates.map(({ index }) => pages?.get(index));
    const own = known.includes(undefined)
      ? [{ start: 0, end: rowCount }]
      : wholePages(known as Pages[], rows, rowCount);
    for (const { index } of mates) byLeaf.set(index, own);
  }
  return byLeaf;
}

type Pages = readonly PageLocation[];

/** Widens `rows` until, for every leaf, they are whole pages. */
function wholePages(leaves: readonly Pages[], rows: readonly RowRange[], rowCount: number): readonly RowRange[] {
  let wide = rows;
  for (let before = -1; before < countRows(wide);) {
    before = countRows(wide);
    wide = uniteRows(wide, ...leaves.map((pages) => wantedPages(pages, wide, rowCount)));
  }
  return wide;
}

/** The rows from the first that any leaf has to the last. */
function hullOf(leaves: ReadonlyMap<number, readonly RowRange[]>, rowCount: number): RowRange {
  if (leaves.size === 0) return { start: 0, end: rowCount };
  let [start, end] = [rowCount, 0];
  for (const range of [...leaves.values()].flat()) {
    start = Math.min(start, range.start);
    end = Math.max(end, range.end);
  }
  return { start, end };
}

interface WantedPage extends RowRange {
  readonly location: PageLocation;
}

/** The pages that hold any of `rows`. */
function wantedPages(locations: readonly PageLocation[], rows: readonly RowRange[], rowCount: number): WantedPage[] {
  const pages = locations.map((location, index) => ({
    location,
    start: location.firstRow,
    end: locations[index + 1]?.firstRow ?? rowCount,
  }));
  let next = 0;
  return pages.filter(({ start, end }) => {
    while (next < rows.length && (rows[next] as RowRange).end <= start) next += 1;
    return next < rows.length && (rows[next] as RowRange).start < end;
  });
}

interface ChunkRequest {
  readonly leaf: LeafColumn;
  readonly chunk: ColumnChunk;
  readonly pages: Pages | undefined;
  /** The rows that it has of its own. */
  readonly rows: readonly RowRange[];
  readonly hull: RowRange;
}

function streamOf({ leaf, chunk, pages: locations, rows, hull }: ChunkRequest): ChunkStream {
  if (locations === undefined) {
    const { offset, length, uncompressedLength, values } = chunk;
    const pieces = [{ offset, length }];
    return { pieces, length, values, uncompressedLength, fetchedBytes: length, decodedBytes: uncompressedLength };
  }
  const pages = wantedPages(locations, rows, hull.end);
  const first = locations[0]?.offset ?? chunk.dataPageOffset;
  const pieces: StreamPiece[] = [];
  if (pages.length > 0 && first > chunk.offset) pieces.push({ offset: chunk.offset, length: first - chunk.offset });
  let row = hull.start;
  for (const { start, end, location } of pages) {
    if (row < start) pieces.push(makeFillerPage(leaf, start - row));
    pieces.push({ offset: location.offset, length: location.length });
    row = end;
  }
  if (row < hull.end) pieces.push(makeFillerPage(leaf, hull.end - row));
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const share = chunk.length === 0 ? 1 : Math.min(1, length / chunk.length);
  const fetchedBytes = pieces.reduce((sum, piece) => sum + (piece instanceof Uint8Array ? 0 : piece.length), 0);
  return {
    pieces,
    length,
    values: leaf.maxRepetitionLevel === 0 ? hull.end - hull.start : undefined,
    uncompressedLength: chunk.uncompressedLength + length - fetchedBytes,
    fetchedBytes,
    decodedBytes: Math.ceil(chunk.uncompressedLength * share),
  };
}

/** Lays pieces out one behind the other. */
class Layout {
  length = 0;
  fetchedBytes = 0;
  readonly segments: Segment[] = [];
  readonly made: { target: number; bytes: Uint8Array }[] = [];

  add(piece: StreamPiece): void {
    if (piece instanceof Uint8Array) this.made.push({ target: this.length, bytes: piece });
    else {
      this.segments.push({ source: piece.offset, target: this.length, length: piece.length });
      this.fetchedBytes += piece.length;
    }
    this.length += piece.length;
  }
}

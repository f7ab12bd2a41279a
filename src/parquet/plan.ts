import { fillerBytes, makeFillerPage } from "./filler-page.ts";
import type { ColumnChunk, FileMetadata, LeafColumn } from "./footer/metadata.ts";
import { makeMiniFooter } from "./mini-file.ts";
import type { PageLocation } from "./footer/page-index.ts";
import { countRows, type RowRange, uniteRows } from "./row-ranges.ts";
import { type ChunkStream, cutSlices, type Slice, type SliceAims, type StreamPiece } from "./slices.ts";

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

/** Where fillers of unwanted pages may become larger than this, all pages are fetched. */
const MAX_FILLER_BYTES = 64 * 1024 * 1024;

/** Plans one row group: pure, so that it can be tested with literals. The first rows wait for the first slice. */
export function planUnit(metadata: FileMetadata, request: UnitRequest, aims: SliceAims = {}): UnitPlan {
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
  const chunks = new Map(leaves.map(({ index }, at) => [index, { offset: 0, ...(streams[at] as ChunkStream) }]));
  return {
    footer: makeMiniFooter(metadata, rowGroup, { columns: request.columns, chunks, rows: hull.end - hull.start }),
    slices: cutSlices(streams, aims),
    fetchedBytes,
    decodedBytes,
    hull,
  };
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
    const head = Math.min(length, Math.max(0, chunk.dataPageOffset - offset));
    return { pieces, length, head, values, uncompressedLength, fetchedBytes: length, decodedBytes: uncompressedLength };
  }
  const pages = wantedPages(locations, rows, hull.end);
  const first = locations[0]?.offset ?? chunk.dataPageOffset;
  const pieces: StreamPiece[] = [];
  const head = pages.length > 0 ? Math.max(0, first - chunk.offset) : 0;
  if (head > 0) pieces.push({ offset: chunk.offset, length: head });
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
    head,
    values: leaf.maxRepetitionLevel === 0 ? hull.end - hull.start : undefined,
    uncompressedLength: chunk.uncompressedLength + length - fetchedBytes,
    fetchedBytes,
    decodedBytes: Math.ceil(chunk.uncompressedLength * share),
  };
}

import type { Segment } from "../fs/ranges.ts";
import { makeFillerPage } from "./filler-page.ts";
import type { ColumnChunk, FileMetadata, LeafColumn, RowGroup } from "./footer/metadata.ts";
import { makeMiniFooter, type MiniChunk } from "./mini-file.ts";
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

/**
 * How to make a small Parquet file that holds just what is wanted: bytes that are made here (header, filler pages,
 * footer) and segments to fetch into the gaps between them.
 */
export interface UnitPlan {
  /** Bytes of the small file. */
  readonly length: number;
  /** In order of their source. */
  readonly segments: readonly Segment[];
  readonly made: readonly { readonly target: number; readonly bytes: Uint8Array }[];
  /** Bytes to fetch. */
  readonly fetchedBytes: number;
  /** Bytes that it decodes to, roughly: as the writer counted them before compression. */
  readonly decodedBytes: number;
  /** The rows of the row group that the small file has; those wanted are among them. */
  readonly hull: RowRange;
}

const MAGIC = new TextEncoder().encode("PAR1");

/** Plans one row group: pure, so that it can be tested with literals. */
export function planUnit(metadata: FileMetadata, request: UnitRequest): UnitPlan {
  const rowGroup = metadata.rowGroups[request.rowGroup] as RowGroup;
  const wanted = new Set(request.columns);
  const leaves = metadata.leaves
    .map((leaf, index) => ({ leaf, index, chunk: rowGroup.columns[index] as ColumnChunk }))
    .filter(({ leaf }) => wanted.has(leaf.top));
  const rows = rowsByLeaf(leaves, request, rowGroup.rows);
  const hull = hullOf(rows, rowGroup.rows);
  const layout = new Layout();
  layout.add(MAGIC);
  const chunks = new Map<number, MiniChunk>();
  let decodedBytes = 0;
  // In file order, so that neighbours in the file stay neighbours and one read serves them.
  for (const { leaf, index, chunk } of [...leaves].sort((a, b) => a.chunk.offset - b.chunk.offset)) {
    const pages = request.pages?.get(index);
    const mini = addChunk(layout, { leaf, chunk, pages, hull, rows: rows.get(index) ?? [] });
    chunks.set(index, mini);
    decodedBytes += Math.ceil(
      chunk.uncompressedLength * (chunk.length === 0 ? 1 : Math.min(1, mini.length / chunk.length)),
    );
  }
  const footer = makeMiniFooter(metadata, rowGroup, { columns: request.columns, chunks, rows: hull.end - hull.start });
  layout.add(footer);
  layout.add(Uint8Array.from([0, 8, 16, 24], (shift) => (footer.length >>> shift) & 0xff));
  layout.add(MAGIC);
  const { length, segments, made, fetchedBytes } = layout;
  return { length, segments, made, fetchedBytes, decodedBytes, hull };
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
  for (const { leaf, index } of leaves) {
    const mates = leaf.list === undefined ? [{ leaf, index }] : leaves.filter((mate) => mate.leaf.list === leaf.list);
    const known = mates.map((mate) => pages?.get(mate.index));
    byLeaf.set(
      index,
      known.includes(undefined) ? [{ start: 0, end: rowCount }] : wholePages(known as Pages[], rows, rowCount),
    );
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
  const ranges = [...leaves.values()].flat();
  if (ranges.length === 0) return { start: 0, end: rowCount };
  return { start: Math.min(...ranges.map(({ start }) => start)), end: Math.max(...ranges.map(({ end }) => end)) };
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

function addChunk(layout: Layout, { leaf, chunk, pages: locations, rows, hull }: ChunkRequest): MiniChunk {
  const offset = layout.length;
  if (locations === undefined) {
    layout.fetch(chunk.offset, chunk.length);
    const dictionary = chunk.dictionaryPageOffset === undefined ? undefined : offset;
    return { offset, length: chunk.length, dictionary, data: offset + chunk.dataPageOffset - chunk.offset };
  }
  const pages = wantedPages(locations, rows, hull.end);
  const first = locations[0]?.offset ?? chunk.dataPageOffset;
  const hasDictionary = pages.length > 0 && first > chunk.offset;
  if (hasDictionary) layout.fetch(chunk.offset, first - chunk.offset);
  const data = layout.length;
  let row = hull.start;
  for (const { start, end, location } of pages) {
    if (row < start) layout.add(makeFillerPage(leaf, start - row));
    layout.fetch(location.offset, location.length);
    row = end;
  }
  if (row < hull.end) layout.add(makeFillerPage(leaf, hull.end - row));
  return { offset, length: layout.length - offset, dictionary: hasDictionary ? offset : undefined, data };
}

/** Lays bytes out one behind the other. */
class Layout {
  length = 0;
  fetchedBytes = 0;
  readonly segments: Segment[] = [];
  readonly made: { target: number; bytes: Uint8Array }[] = [];

  add(bytes: Uint8Array): void {
    this.made.push({ target: this.length, bytes });
    this.length += bytes.length;
  }

  fetch(source: number, length: number): void {
    this.segments.push({ source, target: this.length, length });
    this.length += length;
    this.fetchedBytes += length;
  }
}

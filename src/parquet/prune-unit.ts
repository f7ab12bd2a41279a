import { readManyRanges } from "../fs/read-segments.ts";
import type { ByteRange, ByteSource, ReadOptions } from "../fs/types.ts";
import type { ColumnChunk, FileMetadata, RowGroup } from "./footer/metadata.ts";
import { type PageLocation, type PageStatistics, parseColumnIndex, parseOffsetIndex } from "./footer/page-index.ts";
import { bloomMayMatch, readBloomFilter } from "./predicate/bloom-filter.ts";
import type { BoundComparison, BoundPredicate } from "./predicate/evaluate.ts";
import { anyAlternative, boundsMayMatch } from "./predicate/prune.ts";
import { intersectRows, type RowRange, uniteRows } from "./row-ranges.ts";

/** For less than this the page index is not worth a request: what it could save costs less. */
const WORTHWHILE_BYTES = 64 * 1024;

export interface PruneRequest {
  readonly rowGroup: number;
  /** Places of top-level columns in the schema. */
  readonly columns: readonly number[];
  /** The rows asked for. */
  readonly rows: RowRange;
  readonly predicate: BoundPredicate | undefined;
}

/** What is left of a row group to fetch. */
export interface PrunedUnit {
  /** Rows that may match; empty where none can. */
  readonly rows: readonly RowRange[];
  readonly pages: ReadonlyMap<number, readonly PageLocation[]> | undefined;
}

/**
 * Rules out what cannot match, from the cheapest evidence to the dearest: the footer's statistics, bloom filters, the
 * page index. Reads the page index also where only some rows are asked for, so that the other pages stay where they are.
 */
export async function pruneUnit(
  source: ByteSource,
  metadata: FileMetadata,
  request: PruneRequest,
  options: ReadOptions = {},
): Promise<PrunedUnit> {
  const { predicate, rows } = request;
  const isPart = rows.start > 0 || rows.end < (metadata.rowGroups[request.rowGroup]?.rows ?? 0);
  const whole: PrunedUnit = { rows: [rows], pages: undefined };
  if (!isPart && predicate === undefined) return whole;
  const rowGroup = metadata.readRowGroup(request.rowGroup);
  const nothing: PrunedUnit = { rows: [], pages: undefined };
  if (predicate !== undefined) {
    const byStatistics = (comparison: BoundComparison): boolean => chunkMayMatch(comparison, metadata, rowGroup);
    if (!anyAlternative(predicate, byStatistics)) return nothing;
    if (!(await bloomsMayMatch(source, metadata, rowGroup, predicate, byStatistics, options))) return nothing;
  }
  const index = await readPageIndex(source, metadata, rowGroup, request, options);
  if (index === undefined) return whole;
  if (predicate === undefined) return { rows: [rows], pages: index.pages };
  const alternatives = predicate.map((all) =>
    all.reduce<readonly RowRange[]>(
      (left, comparison) => intersectRows(left, pagesThatMatch(comparison, metadata, index, rowGroup.rows)),
      [rows],
    ),
  );
  return { rows: uniteRows(...alternatives), pages: index.pages };
}

function chunkMayMatch(comparison: BoundComparison, metadata: FileMetadata, rowGroup: RowGroup): boolean {
  const leaf = leafOf(comparison, metadata);
  const statistics = leaf === undefined ? undefined : rowGroup.columns[leaf]?.statistics;
  if (statistics === undefined) return true;
  return boundsMayMatch(comparison, { ...statistics, count: rowGroup.rows });
}

async function bloomsMayMatch(
  source: ByteSource,
  metadata: FileMetadata,
  rowGroup: RowGroup,
  predicate: BoundPredicate,
  byStatistics: (comparison: BoundComparison) => boolean,
  options: ReadOptions,
): Promise<boolean> {
  const verdicts = new Map<BoundComparison, boolean>();
  for (const comparison of predicate.flat()) {
    const leaf = leafOf(comparison, metadata);
    const chunk = leaf === undefined ? undefined : rowGroup.columns[leaf];
    const isAskable = comparison.operator === "==" || comparison.operator === "in";
    if (chunk?.bloomFilter === undefined || !isAskable || !byStatistics(comparison)) continue;
    const filter = await readBloomFilter(source, chunk, options);
    if (filter !== undefined) verdicts.set(comparison, bloomMayMatch(comparison, filter));
  }
  return anyAlternative(predicate, (comparison) => byStatistics(comparison) && verdicts.get(comparison) !== false);
}

interface PageIndex {
  readonly pages: ReadonlyMap<number, readonly PageLocation[]>;
  readonly statistics: ReadonlyMap<number, readonly PageStatistics[]>;
}

/** Reads the offset indexes of the wanted columns, and the column indexes of those that the predicate looks at. */
async function readPageIndex(
  source: ByteSource,
  metadata: FileMetadata,
  rowGroup: RowGroup,
  { columns, predicate }: PruneRequest,
  options: ReadOptions,
): Promise<PageIndex | undefined> {
  const wanted = new Set(columns);
  const compared = new Set((predicate ?? []).flat().map((comparison) => leafOf(comparison, metadata)));
  const leaves = metadata.leaves.flatMap((leaf, index) => (wanted.has(leaf.top) || compared.has(index) ? [index] : []));
  const chunks = leaves.map((leaf) => ({ leaf, chunk: rowGroup.columns[leaf] as ColumnChunk }));
  const bytes = chunks.reduce((sum, { chunk }) => sum + chunk.length, 0);
  if (bytes < WORTHWHILE_BYTES || chunks.some(({ chunk }) => chunk.offsetIndex === undefined)) return undefined;
  const withStatistics = chunks.filter(({ leaf, chunk }) => compared.has(leaf) && chunk.columnIndex !== undefined);
  if (predicate !== undefined && withStatistics.length === 0) return undefined;
  const ranges = [
    ...chunks.map(({ chunk }) => chunk.offsetIndex),
    ...withStatistics.map(({ chunk }) => chunk.columnIndex),
  ] as ByteRange[];
  const parts = await readManyRanges(source, ranges, options);
  const pages = new Map(
    chunks.map(({ leaf }, at) => [leaf, parseOffsetIndex(parts[at] as Uint8Array, metadata.path)] as const),
  );
  if (!chunks.every(({ leaf, chunk }) => isIndexOf(chunk, pages.get(leaf) ?? [], rowGroup.rows))) return undefined;
  return {
    pages,
    statistics: new Map(
      withStatistics.map(({ leaf }, at) => [
        leaf,
        parseColumnIndex(parts[chunks.length + at] as Uint8Array, metadata.path),
      ]),
    ),
  };
}

/** Whether pages may be those of a chunk: in order, within it, and with all its rows. If not, they are not relied on. */
function isIndexOf({ offset, length }: ColumnChunk, pages: readonly PageLocation[], rowCount: number): boolean {
  return (
    pages.length > 0 &&
    pages.every((page, at) => {
      const last = pages[at - 1];
      const follows =
        last === undefined
          ? page.firstRow === 0 && page.offset >= offset
          : page.firstRow > last.firstRow && page.offset >= last.offset + last.length;
      return follows && page.firstRow < rowCount && page.length > 0 && page.offset + page.length <= offset + length;
    })
  );
}

/** The rows of those pages in which the comparison may hold. */
function pagesThatMatch(
  comparison: BoundComparison,
  metadata: FileMetadata,
  { pages, statistics }: PageIndex,
  rowCount: number,
): readonly RowRange[] {
  const leaf = leafOf(comparison, metadata) ?? -1;
  const [locations, bounds] = [pages.get(leaf), statistics.get(leaf)];
  if (locations === undefined || bounds === undefined || bounds.length !== locations.length)
    return [{ start: 0, end: rowCount }];
  const ranges = locations.map(({ firstRow }, page) => ({
    start: firstRow,
    end: locations[page + 1]?.firstRow ?? rowCount,
  }));
  return ranges.filter(({ start, end }, page) => {
    const { min, max, nullCount, isNull } = bounds[page] as PageStatistics;
    const count = end - start;
    return boundsMayMatch(comparison, { min, max, count, nullCount: isNull ? count : nullCount });
  });
}

/** The leaf that a comparison looks at: a plain column is one. */
function leafOf({ column }: BoundComparison, metadata: FileMetadata): number | undefined {
  const leaf = metadata.leaves.findIndex(({ path }) => path.length === 1 && path[0] === column);
  return leaf < 0 ? undefined : leaf;
}

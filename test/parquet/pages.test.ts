import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { parseFooter, readFooter } from "../../src/parquet/footer/footer.ts";
import type { ColumnChunk, FileMetadata, FileRange } from "../../src/parquet/footer/metadata.ts";
import { type PageLocation, parseOffsetIndex } from "../../src/parquet/footer/page-index.ts";
import { planUnit, type UnitPlan } from "../../src/parquet/plan.ts";
import { type RowRange, uniteRows } from "../../src/parquet/row-ranges.ts";
import { RowDecoder } from "../../src/stream/arrow/row-decoder.ts";
import { type BytesSource, bytesSource } from "./bytes-source.ts";
import { decodePlan } from "./decode-plan.ts";
import { pick, readFixture, readFixtureFile, type Row } from "./fixture.ts";

const { rows: allRows, columns: allColumns } = readFixture("paged-v1");

/** A request of some columns and some rows, by shares of what there is. */
const request = fc.record({
  columns: fc.subarray([...allColumns], { minLength: 1 }),
  sliceBytes: fc.constantFrom(1000, 20_000, 16_000_000),
  // Mostly few rows: many would be all pages.
  runs: fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 1, max: 40 })), {
    minLength: 1,
    maxLength: 3,
  }),
});

describe.each(["paged-v1", "paged-v2"])("%s", (name) => {
  let source: BytesSource;
  let metadata: FileMetadata;

  beforeAll(async () => {
    source = bytesSource(readFixtureFile(name), name);
    metadata = parseFooter(await readFooter(source), source);
  });

  /** The pages of all leaves of a row group. */
  const pagesOf = async (rowGroup: number): Promise<Map<number, PageLocation[]>> => {
    const { columns } = metadata.readRowGroup(rowGroup);
    const parsed = columns.map(async ({ offsetIndex }, leaf): Promise<[number, PageLocation[]]> => {
      return [leaf, parseOffsetIndex(await source.read(offsetIndex as FileRange), name)];
    });
    return new Map(await Promise.all(parsed));
  };

  const decode = async (plan: UnitPlan, columns: readonly string[]): Promise<Row[]> => {
    const decoder = new RowDecoder(
      columns.map((column) => ({ name: column, source: column })),
      { int64: "bigint", temporal: "bigint" },
    );
    return (await decodePlan(source, plan)).flatMap((batch) =>
      Array.from({ length: batch.numRows }, (_, row) => decoder.reader(batch)(row)),
    );
  };

  test("any rows of any columns are as they were, whichever pages are left out", async () => {
    const firstRows = metadata.rowGroups.map((_, at) =>
      metadata.rowGroups.slice(0, at).reduce((sum, { rows }) => sum + rows, 0),
    );
    await fc.assert(
      fc.asyncProperty(
        request,
        fc.nat(metadata.rowGroups.length - 1),
        async ({ columns, runs, sliceBytes }, rowGroup) => {
          const { rows: count, columns: chunks } = metadata.readRowGroup(rowGroup);
          const rows = rangesOf(runs, count);
          const places = columns.map((column) => allColumns.indexOf(column)).sort((a, b) => a - b);
          const plan = planUnit(
            metadata,
            { rowGroup, columns: places, rows, pages: await pagesOf(rowGroup) },
            { sliceBytes },
          );
          expectWithin(
            plan,
            chunks.filter((_, leaf) => places.includes(metadata.leaves[leaf]?.top as number)),
          );
          const found = await decode(plan, columns);
          expect(found.length).toBe(plan.hull.end - plan.hull.start);
          for (const { start, end } of rows) {
            const first = firstRows[rowGroup] as number;
            const expected = allRows.slice(first + start, first + end).map((row) => pick(row, columns));
            expect(found.slice(start - plan.hull.start, end - plan.hull.start)).toStrictEqual(expected);
          }
        },
      ),
      { numRuns: 60, seed: 3 },
    );
  });

  test("pages of a column that stands alone are fetched only where its rows are wanted", async () => {
    const pages = await pagesOf(0);
    for (const column of ["id", "text", "hash", "image", "pair"]) {
      const leaves = metadata.leaves.flatMap(({ top }, leaf) => (allColumns[top] === column ? [leaf] : []));
      const most = Math.max(...leaves.map((leaf) => pages.get(leaf)?.length ?? 0));
      const plan = planUnit(metadata, {
        rowGroup: 0,
        columns: [allColumns.indexOf(column)],
        rows: [{ start: 500, end: 501 }],
        pages,
      });
      const whole = planUnit(metadata, {
        rowGroup: 0,
        columns: [allColumns.indexOf(column)],
        rows: [{ start: 0, end: 700 }],
      });
      if (most > 10) expect(plan.fetchedBytes).toBeLessThan(whole.fetchedBytes / 3);
      expect(plan.fetchedBytes).toBeLessThanOrEqual(whole.fetchedBytes);
    }
  });
});

/** Row ranges in order that do not overlap. */
function rangesOf(runs: readonly (readonly [share: number, length: number])[], count: number): RowRange[] {
  return uniteRows(
    runs.map(([share, length]) => {
      const start = Math.min(count - 1, Math.floor(share * count));
      return { start, end: Math.min(count, start + length) };
    }),
  );
}

/** Every byte that is fetched belongs to one of `chunks`, and none is fetched twice. */
function expectWithin({ slices, fetchedBytes }: UnitPlan, chunks: readonly ColumnChunk[]): void {
  const segments = slices.flatMap((slice) => slice.segments).sort((a, b) => a.source - b.source);
  for (const { source, length } of segments) {
    expect(chunks.some((chunk) => source >= chunk.offset && source + length <= chunk.offset + chunk.length)).toBe(true);
  }
  expect(fetchedBytes).toBe(segments.reduce((sum, { length }) => sum + length, 0));
  for (const [at, { source }] of segments.entries()) {
    const last = segments[at - 1];
    if (last !== undefined) expect(source).toBeGreaterThanOrEqual(last.source + last.length);
  }
}

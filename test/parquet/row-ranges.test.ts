import fc from "fast-check";
import { expect, test } from "vitest";
import { countRows, intersectRows, type RowRange, uniteRows } from "../../src/parquet/row-ranges.ts";

const anyRanges = fc.array(
  fc.tuple(fc.nat(60), fc.nat(15)).map(([start, length]): RowRange => ({ start, end: start + length })),
  { maxLength: 6 },
);
/** In order, apart from each other, none empty. */
const tidyRanges = anyRanges.map((ranges) => uniteRows(ranges));

function rowsOf(ranges: readonly RowRange[]): number[] {
  const rows = ranges.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, at) => start + at));
  return [...new Set(rows)].sort((a, b) => a - b);
}

function expectTidy(ranges: readonly RowRange[]): void {
  for (const [at, { start, end }] of ranges.entries()) {
    expect(start).toBeLessThan(end);
    expect(start).toBeGreaterThan(ranges[at - 1]?.end ?? -1);
  }
}

test("The union of lists has the rows that any of them has, in order and joined", () => {
  fc.assert(
    fc.property(anyRanges, anyRanges, (a, b) => {
      const united = uniteRows(a, b);
      expectTidy(united);
      expect(rowsOf(united)).toEqual(rowsOf([...a, ...b]));
    }),
  );
});

test("The intersection of lists has the rows that both have", () => {
  fc.assert(
    fc.property(tidyRanges, tidyRanges, (a, b) => {
      const inB = new Set(rowsOf(b));
      expect(rowsOf(intersectRows(a, b))).toEqual(rowsOf(a).filter((row) => inB.has(row)));
    }),
  );
});

test("Rows are counted over all ranges", () => {
  fc.assert(
    fc.property(tidyRanges, (ranges) => {
      expect(countRows(ranges)).toBe(rowsOf(ranges).length);
    }),
  );
});

import stringWidth from "string-width";
import { expect, test } from "vitest";
import { formatBytes, formatCount, formatValue } from "../../src/cli/output/format.ts";
import { renderTable } from "../../src/cli/output/table.ts";

test("bytes are told in powers of a thousand, counts with their thousands apart", () => {
  expect([0, 999, 1000, 1_234_567, 5e12].map(formatBytes)).toEqual(["0 B", "999 B", "1.0 kB", "1.2 MB", "5.0 TB"]);
  expect([0, 999, 1000, 20_000, 1_234_567].map(formatCount)).toEqual(["0", "999", "1 000", "20 000", "1 234 567"]);
});

test("values are one line each: binary by its size, floats rounded, integers whole", () => {
  expect(formatValue(new Uint8Array(1500), undefined)).toBe("1.5 kB");
  expect(formatValue("a\nb\u0007", undefined)).toBe("a↵b·");
  expect(formatValue([null, { a: 1n }], undefined)).toBe("[null, {a: 1}]");
  expect([0.1 + 0.2, 1 / 3, 1e-9 / 3, 123456789.5, NaN].map((value) => formatValue(value, undefined))).toEqual([
    "0.3",
    "0.333333",
    "3.33333e-10",
    "123457000",
    "NaN",
  ]);
  expect(formatValue(9_007_199_254_740_991, undefined)).toBe("9007199254740991");
});

test("texts are cut to the width of the table, counting wide characters as two", () => {
  const rows = [
    ["1", "日本語の長い文章です、とても長い"],
    ["2", "short"],
  ];
  const { text, hidden } = renderTable([{ name: "id" }, { name: "text" }], rows, 20);
  expect(text.split("\n")).toEqual(["id  text", "──  ────────────────", "1   日本語の長い文…", "2   short"]);
  expect(hidden).toEqual([]);
});

test("numbers stand to the right and are never cut; what has no place is hidden and named", () => {
  const columns = [
    { name: "id", type: "int64", isNumber: true },
    { name: "text", type: "string" },
    { name: "other", type: "string" },
    { name: "last", type: "float64", isNumber: true },
  ];
  const rows = [["9007199254740993", "a long text that is cut", "another one that is long", "0.25"]];
  const { text, hidden } = renderTable(columns, rows, 40);
  expect(text.split("\n")).toEqual([
    "              id  text        other",
    "           int64  string      string",
    "────────────────  ──────────  ──────────",
    "9007199254740993  a long te…  another o…",
  ]);
  expect(hidden).toEqual(["last"]);
  for (const width of [10, 20, 30, 60, 80, 160])
    for (const line of renderTable(columns, rows, width).text.split("\n")) {
      expect(stringWidth(line)).toBeLessThanOrEqual(width);
    }
});

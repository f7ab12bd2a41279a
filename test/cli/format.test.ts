import { expect, test } from "vitest";
import { formatBytes, formatValue, toJson } from "../../src/cli/format.ts";
import { renderTable } from "../../src/cli/table.ts";

test("bytes are told in powers of a thousand", () => {
  expect([0, 999, 1000, 1_234_567, 5e12].map(formatBytes)).toEqual(["0 B", "999 B", "1.0 kB", "1.2 MB", "5.0 TB"]);
});

test("values are one line each: binary by its size, times with all their digits", () => {
  const timestamp = { dtype: "timestamp[us, tz=UTC]", _type: "Value" } as const;
  expect(formatValue(1_577_836_800_000_001n, timestamp)).toBe("2020-01-01T00:00:00.000001");
  expect(formatValue(-1n, timestamp)).toBe("1969-12-31T23:59:59.999999");
  expect(formatValue(18_262n, { dtype: "date32", _type: "Value" })).toBe("2020-01-01");
  expect(formatValue(new Uint8Array(1500), undefined)).toBe("1.5 kB");
  expect(formatValue("a\nb\u0007", undefined)).toBe("a↵b·");
  expect(formatValue([null, { a: 1n }], undefined)).toBe("[null, {a: 1}]");
});

test("JSON keeps integers that a number cannot hold as text, and binary in base64", () => {
  expect(toJson({ a: 1n, b: 2n ** 60n, c: Uint8Array.from([1, 2]) })).toBe(
    '{"a":1,"b":"1152921504606846976","c":"AQI="}',
  );
});

test("a table is cut to the width, counting wide characters as two", () => {
  const lines = renderTable(
    ["id", "text"],
    [
      ["1", "日本語の長い文章です、とても長い"],
      ["2", "short"],
    ],
    20,
  ).split("\n");
  expect(lines).toEqual(["id  text", "──  ────────────────", "1   日本語の長い文…", "2   short"]);
});

import { expect, test } from "vitest";
import { loadDataset, toJsonRow } from "../../src/index.ts";
import { collect } from "../helpers/collect.ts";

test.each<[string, object, string]>([
  [
    "integers whole, numbers and bigints alike",
    { a: 1, b: 1n, c: 2n ** 64n },
    '{"a":1,"b":1,"c":18446744073709551616}',
  ],
  ["texts as JSON", { a: 'é"\n\u2028' }, JSON.stringify({ a: 'é"\n\u2028' })],
  ["bytes in base64, also those of a larger buffer", { a: Buffer.from("xab").subarray(1) }, '{"a":{"$bytes":"YWI="}}'],
  ["other typed arrays as lists", { a: Float32Array.of(0.5), b: BigInt64Array.of(-1n) }, '{"a":[0.5],"b":[-1]}'],
  ["dates in ISO 8601", { a: new Date(0) }, '{"a":"1970-01-01T00:00:00.000Z"}'],
  ["floats that are no JSON as texts", { a: [NaN, Infinity, -Infinity] }, '{"a":["NaN","Infinity","-Infinity"]}'],
  ["the sign of zero", { a: -0, b: 0 }, '{"a":-0.0,"b":0}'],
  ["maps as pairs, structs as objects, nulls", { m: [["k", { s: null }]] }, '{"m":[["k",{"s":null}]]}'],
  ["columns of any name", JSON.parse('{"__proto__":1,"toJSON":2,"":3}') as object, '{"__proto__":1,"toJSON":2,"":3}'],
])("a row is written with %s", (_, row, text) => {
  expect(toJsonRow(row)).toBe(text);
  expect(() => JSON.parse(text) as unknown).not.toThrow();
});

test("a value far beyond 2^53 has the form of its column's small ones", async () => {
  const rows = loadDataset("parquet", { dataFiles: `${import.meta.dirname}/../fixtures/primitives.parquet` });
  const lines = (await collect(rows)).map(toJsonRow);
  const written = lines.map((line) => /"int64":(.*?)[,}]/.exec(line)?.[1] ?? "");
  expect(written.filter((text) => text.length > 16).length).toBeGreaterThan(0);
  for (const text of written) expect(text).toMatch(/^(null|-?\d+)$/);
});

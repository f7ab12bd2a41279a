import { readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isHfStreamError } from "../../src/errors.ts";
import type { Filters } from "../../src/parquet/predicate/filters.ts";
import { loadDataset } from "../../src/stream/load-dataset.ts";
import type { LoadDatasetOptions } from "../../src/stream/options.ts";
import { makeFolder, type TemporaryFolder } from "../helpers/temporary-folder.ts";
import { fixtureFolder } from "./fixture.ts";

/** A filter, and the rows that pyarrow gives: ids as runs of `[first, count]`, or its error. */
interface FilterCase {
  readonly file: string;
  readonly filters: readonly unknown[];
  readonly ids: readonly (readonly [first: number, count: number])[] | { readonly error: string };
  /** Whether literal and column cannot be compared at all. */
  readonly mismatch?: boolean;
}

/** Written by scripts/filter-cases.py. */
const folder = path.join(fixtureFolder, "filters");
const cases = JSON.parse(readFileSync(path.join(folder, "cases.json"), "utf8")) as FilterCase[];
const filterOf = ({ filters }: FilterCase): Filters => decode(filters) as Filters;

let cache: TemporaryFolder;

beforeAll(async () => {
  cache = await makeFolder();
});

afterAll(() => cache[Symbol.asyncDispose]());

function decode(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(decode);
  if (typeof value !== "object" || value === null) return value;
  const [tag, text] = Object.entries(value)[0] as [string, string | number];
  switch (tag) {
    case "$date":
      return new Date(text);
    case "$bytes":
      return new Uint8Array(Buffer.from(String(text), "hex"));
    case "$int":
      return BigInt(text);
    case "$float":
      return { nan: NaN, inf: Infinity, "-inf": -Infinity, "-0.0": -0 }[text] ?? 0;
    default:
      return text;
  }
}

async function read(file: string, filters: Filters | undefined, options: LoadDatasetOptions = {}) {
  const dataset = loadDataset("parquet", {
    dataFiles: path.join(folder, `${file}.parquet`),
    columns: ["id"],
    decodeThreads: 0,
    cacheDir: cache.path,
    ...options,
    ...(filters === undefined ? {} : { filters }),
  });
  const rows = dataset.rows();
  const ids: number[] = [];
  for await (const { id } of rows) ids.push(id as number);
  return { ids, bytes: rows.stats.bytesFetched };
}

describe("Filters", () => {
  test.each(cases.filter(({ ids }) => Array.isArray(ids)))(
    "$file $filters gives the rows that pyarrow gives",
    async (one) => {
      const expected = (one.ids as [number, number][]).flatMap(([first, count]) =>
        Array.from({ length: count }, (_, at) => first + at),
      );
      // With the payload, pages are worth leaving out.
      const columns = one.file === "full" ? ["id", "payload"] : ["id"];
      expect((await read(one.file, filterOf(one), { columns })).ids).toEqual(expected);
    },
  );

  test.each(cases.filter(({ mismatch }) => mismatch))(
    "$file $filters is refused, as pyarrow refuses it",
    async (one) => {
      const failure: unknown = await read(one.file, filterOf(one)).catch((error: unknown) => error);
      expect(isHfStreamError(failure, "INVALID_OPTION", "COLUMN_NOT_FOUND")).toBe(true);
    },
  );

  // pyarrow fails where a literal does not fit the type that it chose for the comparison, such as 2**53 and 0.5. Here
  // such literals are compared by their values.
  test("literals out of a column's range are compared by their values", async () => {
    const { ids } = await read("full", undefined);
    expect((await read("full", [["u64", ">", -1n]])).ids).toEqual((await read("full", [["u64", "!=", 0.5]])).ids);
    expect((await read("full", [["i8", "<", 2n ** 70n]])).ids).toEqual((await read("full", [["i8", "!=", 1e300]])).ids);
    expect((await read("full", [["i8", "in", [2n ** 70n, 0.5]]])).ids).toEqual([]);
    expect((await read("full", [["i8", "not in", [2n ** 70n]]])).ids).toEqual(ids);
    expect((await read("full", [["text", "in", []]])).ids).toEqual([]);
    expect((await read("full", [["text", "not in", []]])).ids).toEqual(ids);
  });

  test("pages and row groups that cannot match are not fetched", async () => {
    const columns = ["id", "payload"];
    const all = await read("full", undefined, { columns });
    expect(all.ids.length).toBe(900);
    for (const filter of [
      ["rising", "==", 200],
      ["rising_text", "in", ["k00600", "k00601"]],
      ["rising_float", "<", 5],
      ["rising_us", ">=", new Date(1_600_001_100_000)],
    ]) {
      const some = await read("full", [filter] as unknown as Filters, { columns });
      expect(some.ids.length, String(filter)).toBeGreaterThan(0);
      expect(some.bytes, String(filter)).toBeLessThan(all.bytes / 3);
    }
    const none = await read("full", [["rising", ">", 10_000]], { columns });
    expect(none).toEqual({ ids: [], bytes: 0 });
  });

  test("row groups whose bloom filters lack a value are not fetched", async () => {
    const all = await read("sparse", undefined, { columns: ["id", "fixed", "text"] });
    const absent = await read("sparse", [["text", "==", "b"]], { columns: ["id", "fixed", "text"] });
    expect(absent.ids).toEqual([]);
    expect(absent.bytes).toBeLessThan(all.bytes);
  });

  test("nulls match nothing but `in` with null and `not in` without", async () => {
    const everything = (await read("full", undefined)).ids;
    const nulls = (await read("full", [["text", "in", [null]]])).ids;
    expect(nulls.length).toBeGreaterThan(50);
    expect((await read("full", [["text", "=", null]])).ids).toEqual([]);
    expect((await read("full", [["text", "!=", null]])).ids).toEqual([]);
    expect((await read("full", [["text", "not in", [null]]])).ids).toEqual(
      everything.filter((id) => !nulls.includes(id)),
    );
    expect((await read("full", [["nothing", "not in", [1]]])).ids).toEqual(everything);
    expect((await read("full", [["nothing", "!=", 1]])).ids).toEqual([]);
  });
});

import { readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type DataType,
  List,
  Null,
  Struct,
  Table,
  tableFromArrays,
  Utf8,
  vectorFromArray,
  Field,
  Int32,
} from "apache-arrow";
import { writeParquetFile } from "../../src/cli/demo-dataset.ts";
import {
  concatenateDatasets,
  type Features,
  interleaveDatasets,
  type IterableDataset,
  loadDataset,
  type LoadDatasetOptions,
} from "../../src/index.ts";
import { RowDecoder } from "../../src/stream/arrow/row-decoder.ts";
import { collect } from "../helpers/collect.ts";
import { makeFolder, type TemporaryFolder } from "../helpers/temporary-folder.ts";
import { decode } from "../parquet/fixture.ts";

/** Written by scripts/drift-cases.py; `rows` are what Python `datasets` reads, `null`: it refuses. */
interface Case {
  readonly name: string;
  readonly files: readonly string[];
  readonly features: Features | null;
  readonly rows: { readonly columns: readonly string[]; readonly rows: readonly unknown[][] } | null;
}

const cases = JSON.parse(readFileSync(path.join(import.meta.dirname, "drift-cases.json"), "utf8")) as Case[];
const EXACT = { int64: "bigint", temporal: "bigint" } as const;

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await makeFolder(
    Object.fromEntries(
      cases.flatMap(({ name, files }) =>
        files.map((data, index) => [`${name}/${index}.parquet`, Buffer.from(data, "base64")]),
      ),
    ),
  );
});
afterAll(async () => {
  await folder[Symbol.asyncDispose]();
});

function open({ name, files, features }: Case, options: LoadDatasetOptions = {}): IterableDataset {
  const dataFiles = files.map((_, index) => path.join(folder.path, name, `${index}.parquet`));
  const cacheDir = path.join(folder.path, ".cache");
  return loadDataset("parquet", {
    dataFiles,
    cacheDir,
    decodeThreads: 0,
    ...EXACT,
    ...(features === null ? {} : { features }),
    ...options,
  });
}

function expectedRows({ rows, features }: Case): Record<string, unknown>[] {
  return (rows?.rows ?? []).map((values) =>
    Object.fromEntries(
      values.map((value, at) => {
        const name = rows?.columns[at] as string;
        const isJson = features?.[name]?.["_type" as never] === ("Json" as never);
        return [name, isJson && typeof value === "string" ? JSON.parse(value) : decode(value)];
      }),
    ),
  );
}

describe.each(cases.filter(({ rows }) => rows !== null))("files that go together: $name", (one) => {
  const expected = expectedRows(one);

  test("the rows are Python's, also their order of columns", async () => {
    const rows = await collect(open(one));
    expect(rows).toEqual(expected);
    expect(rows.map((row) => Object.keys(row))).toEqual(expected.map((row) => Object.keys(row)));
  });

  test("mixed they are the same rows", async () => {
    const rows = await collect(open(one).shuffle({ seed: 3 }));
    expect(rows).toHaveLength(expected.length);
    expect(rows).toEqual(expect.arrayContaining(expected));
  });

  test.each([undefined, 1, 2])("batches of %s hold the same, all of one type", async (batchSize) => {
    const batches = await collect(open(one).batches({ batchSize }));
    const [first] = batches;
    const columns = (first?.schema.fields ?? []).map(({ name }) => ({ name, source: name }));
    const decoder = new RowDecoder(columns, EXACT);
    const rows = batches.flatMap((batch) =>
      Array.from({ length: batch.numRows }, (_, row) => decoder.reader(batch)(row)),
    );
    if (one.features?.["j"] === undefined) expect(rows).toEqual(expected);
    expect(new Set(batches.map((batch) => String(batch.schema))).size).toBe(1);
  });

  test("columns are read alone as with the others", async () => {
    for (const name of Object.keys(expected[0] ?? {})) {
      const rows = await collect(open(one, { columns: [name] }));
      expect(rows).toEqual(expected.map((row) => ({ [name]: row[name] })));
    }
  });

  test.runIf(one.features === null && one.files.length > 1)(
    "datasets that are joined are cast as files are",
    async () => {
      const parts = one.files.map((_, index) => {
        const dataFiles = path.join(folder.path, one.name, `${index}.parquet`);
        return loadDataset("parquet", {
          dataFiles,
          decodeThreads: 0,
          cacheDir: path.join(folder.path, ".cache"),
          ...EXACT,
        });
      });
      const kinds = ["nulls of another type", "text, then numbers", "numbers, then their digits"];
      if (kinds.includes(one.name)) {
        await expect(collect(concatenateDatasets(parts))).rejects.toMatchObject({ code: "SCHEMA_MISMATCH" });
        return; // of another kind: datasets that are joined must agree on that
      }
      expect(await collect(concatenateDatasets(parts))).toEqual(expected);
      const woven = await collect(interleaveDatasets(parts, { stop: "all_exhausted_without_replacement" }));
      expect(woven).toHaveLength(expected.length);
      expect(woven).toEqual(expect.arrayContaining(expected));
      const renamed = concatenateDatasets(parts.map((part) => part.map((row) => row))).take(expected.length);
      expect(await collect(renamed)).toHaveLength(expected.length);
    },
  );
});

describe.each(cases.filter(({ rows }) => rows === null))("files that do not: $name", (one) => {
  test.each(["rows", "shuffled", "batches"])("%s: a clear error that names file, column and types", async (how) => {
    const dataset = open(one);
    const read = {
      rows: () => dataset.rows(),
      shuffled: () => dataset.shuffle().rows(),
      batches: () => dataset.batches(),
    };
    await expect(collect<unknown>(read[how as "rows"]())).rejects.toMatchObject({
      code: "SCHEMA_MISMATCH",
      path: expect.stringMatching(/\d\.parquet$/) as string,
      message: expect.stringMatching(/^\S+.*\.parquet.*'\w+(\[\])?'.*(`columns`)/) as string,
    });
  });

  test("is no bad file, which might be left out unseen", async () => {
    await expect(collect(open(one, { onBadFile: "skip" }))).rejects.toMatchObject({ code: "SCHEMA_MISMATCH" });
  });
});

describe("beyond what Python does", () => {
  const write = async (name: string, ...tables: Table[]): Promise<string[]> => {
    const names = tables.map((_, index) => path.join(folder.path, name, `${index}.parquet`));
    const files = await Promise.all(tables.map(async (table) => await writeParquetFile(table, 100)));
    await folder.write(Object.fromEntries(files.map((file, index) => [`${name}/${index}.parquet`, file])));
    return names;
  };
  const load = (dataFiles: string[], options: LoadDatasetOptions = {}): IterableDataset =>
    loadDataset("parquet", { dataFiles, decodeThreads: 0, cacheDir: path.join(folder.path, ".cache"), ...options });

  test("a column of which the first file knows no type, nor a value, is as later files have it", async () => {
    const unknown = new Table({ c: vectorFromArray([null, null], new Null()) });
    const files = await write("unknown", unknown, tableFromArrays({ c: ["a"] }));
    expect(await collect(load(files))).toEqual([{ c: null }, { c: null }, { c: "a" }]);
    const [batch] = await collect(load(files).batches({ batchSize: 3 }));
    expect(batch?.getChildAt(0)?.toArray()).toHaveLength(3);
  });

  test("what the first file knows no type of within a struct is not lost, in rows or batches", async () => {
    const structs = (type: DataType, values: unknown[]): Table => {
      const struct = new Struct([new Field("a", type, true)]);
      return new Table({ s: vectorFromArray(values, struct) });
    };
    const files = await write(
      "unknown-within",
      structs(new Null(), [{ a: null }]),
      structs(new Utf8(), [{ a: "x" }, null]),
    );
    expect(await collect(load(files))).toEqual([{ s: { a: null } }, { s: { a: "x" } }, { s: null }]);
    await expect(collect(load(files).batches({ batchSize: 3 }))).rejects.toMatchObject({ code: "SCHEMA_MISMATCH" });
  });

  test("rows before one that cannot be cast come first, and `onError` may leave just that one out", async () => {
    const files = await write(
      "one-bad-row",
      tableFromArrays({ n: Int32Array.from([1]) }),
      tableFromArrays({ n: ["2", "3", "x", "5"] }),
    );
    const rows = load(files).rows();
    const seen: unknown[] = [];
    const reading = async (): Promise<void> => {
      for await (const { n } of rows) seen.push(n);
    };
    await expect(reading()).rejects.toMatchObject({ code: "SCHEMA_MISMATCH" });
    expect(seen).toEqual([1, 2, 3]);
    const skipping = load(files).onError("skip").rows();
    expect((await collect(skipping)).map(({ n }) => n)).toEqual([1, 2, 3, 5]);
    expect(skipping.stats.skippedRows).toBe(1);
    const places: unknown[] = [];
    await collect(load(files).onError((_, where) => (places.push(where), "skip")));
    expect(places).toMatchObject([{ path: files[1], rowGroup: 0, row: 2, index: 3 }]);
    await expect(collect(load(files).filter([["n", ">", 1]]))).rejects.toMatchObject({ code: "SCHEMA_MISMATCH" });
    expect(await collect(load(files).shuffle().onError("skip"))).toHaveLength(4);
  });

  test("nulls of a nested type are nulls of any other", async () => {
    const lists = vectorFromArray([null], new List(new Field("item", new Int32(), true)));
    const files = await write("null-lists", tableFromArrays({ c: ["a"] }), new Table({ c: lists }));
    expect(await collect(load(files))).toEqual([{ c: "a" }, { c: null }]);
  });

  test("filters see what rows hold, and statistics of another type rule nothing out", async () => {
    const files = await write(
      "filtered",
      new Table({ c: vectorFromArray(["10", "9"], new Utf8()) }),
      tableFromArrays({ c: Int32Array.from([9, 10, 100]) }),
    );
    expect(await collect(load(files, { filters: [["c", "==", "9"]] }))).toEqual([{ c: "9" }, { c: "9" }]);
    expect(await collect(load(files).filter([["c", "<", "2"]]))).toEqual([{ c: "10" }, { c: "10" }, { c: "100" }]);
  });

  test("a column that files lack can be read alone, and filtered", async () => {
    const files = await write("lacking", tableFromArrays({ a: Int32Array.from([1, 2]) }));
    const features = { a: { dtype: "int32", _type: "Value" }, z: { dtype: "string", _type: "Value" } } as const;
    expect(await collect(load(files, { features, columns: ["z"] }))).toEqual([{ z: null }, { z: null }]);
    expect(await collect(load(files, { features, filters: [["z", "in", [null]]] }))).toHaveLength(2);
    expect(await load(files, { features }).select(["z"]).numRows()).toBe(2);
    const [batch] = await collect(load(files, { features }).select(["z"]).batches());
    expect(batch?.numRows).toBe(2);
  });

  test("integers of JSON that a number cannot hold are bigints, or an error that names the option", async () => {
    const text =
      '{"id":1700000000000000001,"s":"12345678901234567890","n":1e20,"deep":[{"__proto__":-9007199254740993}]}';
    const features = { j: { _type: "Json" } } as const;
    const files = await write("json", tableFromArrays({ j: [text, '"integer:1"', "not json"] }));
    const rows = load(files, { features }).rows();
    const { value } = await rows.next();
    expect(value).toEqual({
      j: JSON.parse(text, (key, item: unknown) => {
        if (key === "id") return 1700000000000000001n;
        return key === "__proto__" ? -9007199254740993n : item;
      }) as unknown,
    });
    expect((await rows.next()).value).toEqual({ j: "integer:1" });
    await expect(rows.next()).rejects.toMatchObject({
      code: "SCHEMA_MISMATCH",
      message: expect.stringContaining("j") as string,
    });
    await expect(collect(load(files, { features, int64: "number" }))).rejects.toMatchObject({
      code: "UNSAFE_INTEGER",
      message: expect.stringContaining("`int64: 'number'`") as string,
    });
    const skipped = load(files, { features }).onError("skip");
    expect(await collect(skipped)).toHaveLength(2);
  });
});

import path from "node:path";
import { mkdir, writeFile } from "node:fs/promises";
import { tableFromArrays } from "apache-arrow";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeParquetFile } from "../../src/cli/demo-dataset.ts";
import {
  concatenateDatasets,
  type ErrorHandler,
  type ErrorPlace,
  interleaveDatasets,
  type IterableDataset,
  loadDataset,
} from "../../src/index.ts";
import { collect } from "../helpers/collect.ts";
import { writeNumbers } from "../helpers/numbers-dataset.ts";
import { makeFolder, type TemporaryFolder } from "../helpers/temporary-folder.ts";

let folder: TemporaryFolder;

beforeAll(async () => {
  folder = await makeFolder();
  await writeNumbers(path.join(folder.path, "numbers"), { files: 2, rowsPerFile: 10, rowsPerGroup: 4 });
  await mkdir(path.join(folder.path, "wide"));
  const wide = BigInt64Array.from({ length: 10 }, (_, row) => (row === 6 ? 2n ** 60n : BigInt(row)));
  const table = tableFromArrays({ id: Int32Array.from({ length: 10 }, (_, row) => row), wide });
  await writeFile(path.join(folder.path, "wide", "train.parquet"), await writeParquetFile(table, 4));
});

afterAll(async () => {
  await folder[Symbol.asyncDispose]();
});

function open(name = "numbers"): IterableDataset {
  const cacheDir = path.join(folder.path, "cache");
  return loadDataset(path.join(folder.path, name), { cacheDir, decodeThreads: 0, int64: "number" });
}

/** Fails at one row. */
function failAt(id: number): (row: { id?: unknown }) => object {
  return (row) => {
    if (row.id === id) throw new RangeError(`no ${id}`);
    return { seen: row.id };
  };
}

/** Iterates, and tells what the handler was told and what was given. */
async function handled(make: (handler: ErrorHandler) => IterableDataset) {
  const told: { message: string; where: ErrorPlace }[] = [];
  const dataset = make((error, where) => {
    told.push({ message: (error as Error).message, where });
    return "skip";
  });
  const rows = dataset.rows();
  const ids = (await collect(rows)).map(({ id }) => id);
  return { told, ids, skippedRows: rows.stats.skippedRows };
}

const all = Array.from({ length: 20 }, (_, id) => id);
/** Row 17: the second file's second row group begins at row 14. */
const where17 = {
  path: expect.stringMatching(/data\/train-00001-of-00002\.parquet$/) as string,
  rowGroup: 1,
  row: 3,
  index: 17,
};

test("without a handler, and with `throw`, a row that fails ends the iteration after the rows before it", async () => {
  for (const dataset of [open().map(failAt(5)), open().map(failAt(5)).onError("throw")]) {
    const ids: unknown[] = [];
    const read = async (): Promise<void> => {
      for await (const { id } of dataset) ids.push(id);
    };
    await expect(read()).rejects.toThrow("no 5");
    expect(ids).toEqual([0, 1, 2, 3, 4]);
  }
});

test("`skip` leaves out the rows that fail and counts them", async () => {
  const rows = open().map(failAt(5)).onError("skip").rows();
  expect((await collect(rows)).map(({ id }) => id)).toEqual(all.filter((id) => id !== 5));
  expect(rows.stats).toMatchObject({ skippedRows: 1, rows: 19, skipped: 0 });
});

test.each<[string, (dataset: IterableDataset) => IterableDataset]>([
  ["a map", (dataset) => dataset.map(failAt(17))],
  ["an asynchronous map", (dataset) => dataset.map(async (row) => failAt(17)(row))],
  ["a filter", (dataset) => dataset.filter((row) => failAt(17)(row))],
  ["an asynchronous filter", (dataset) => dataset.filter(async (row) => failAt(17)(row))],
  ["a map behind a map", (dataset) => dataset.map(() => ({})).map(failAt(17))],
])("the function of `onError` is told the file, row group and row at which %s failed", async (_, step) => {
  const { told, ids, skippedRows } = await handled((handler) => step(open()).onError(handler));
  expect(told).toEqual([{ message: "no 17", where: where17 }]);
  expect(ids).toEqual(all.filter((id) => id !== 17));
  expect(skippedRows).toBe(1);
});

test("it is told the same behind a shuffle, filters and slices, but for the place in the order", async () => {
  const shuffled = await handled((handler) => open().shuffle({ seed: 1 }).map(failAt(17)).onError(handler));
  expect(shuffled.told).toEqual([{ message: "no 17", where: { ...where17, index: expect.any(Number) } }]);
  expect([...shuffled.ids].sort((a, b) => Number(a) - Number(b))).toEqual(all.filter((id) => id !== 17));
  const cut = await handled((handler) =>
    open()
      .skip(3)
      .filter([["id", ">", 10]])
      .map(failAt(17))
      .onError(handler),
  );
  expect(cut.told).toEqual([{ message: "no 17", where: { ...where17, index: 14 } }]);
  expect(cut.ids).toEqual([11, 12, 13, 14, 15, 16, 18, 19]);
});

test("a batch whose map fails is left out as a whole, and its first row is told", async () => {
  const fail = ({ id }: { id: unknown[] }): { seen: unknown[] } => {
    if (id.includes(5)) throw new Error("bad batch");
    return { seen: id };
  };
  const { told, ids } = await handled((handler) =>
    open()
      .map(fail as never, { batched: true, batchSize: 4 })
      .onError(handler),
  );
  expect(told.map(({ where }) => [where.row, where.rowGroup, where.index])).toEqual([[0, 1, 4]]);
  expect(ids).toEqual(all.filter((id) => id < 4 || id > 7));
});

test("a row that cannot be made is told like one that cannot be mapped", async () => {
  await expect(collect(open("wide"))).rejects.toMatchObject({ code: "UNSAFE_INTEGER" });
  const { told, ids } = await handled((handler) => open("wide").onError(handler));
  expect(ids).toEqual([0, 1, 2, 3, 4, 5, 7, 8, 9]);
  expect(told.map(({ where }) => where)).toEqual([
    { path: expect.stringMatching(/train\.parquet$/), rowGroup: 1, row: 2, index: 6 },
  ]);
});

test("`take` counts the rows that are left when functions may lose some", async () => {
  const ids = await collect(open().map(failAt(1)).onError("skip").take(3));
  expect(ids.map(({ id }) => id)).toEqual([0, 2, 3]);
  expect(await open().map(failAt(1)).onError("skip").numRows()).toBeNull();
});

test("a handler that is none, or that answers nonsense, is an error that says so", async () => {
  expect(() => open().onError("ignore" as never)).toThrow(
    /^onError\(handler\): expected 'throw', 'skip' or a function/,
  );
  const dataset = open()
    .map(failAt(2))
    .onError((() => "retry") as never);
  await expect(collect(dataset)).rejects.toThrow(
    /^onError\(handler\): expected a function that returns 'throw' or 'skip'/,
  );
});

test.each<[string, () => IterableDataset, unknown[]]>([
  ["repeated", () => open("wide").repeat(2), [0, 1, 2, 3, 4, 5, 7, 8, 9, 0, 1, 2, 3, 4, 5, 7, 8, 9]],
  [
    "batched and repeated",
    () => open("numbers").take(6).map(failAt(4)).batch(3).repeat(2),
    [
      [0, 1, 2],
      [3, 5],
      [0, 1, 2],
      [3, 5],
    ],
  ],
  ["one after the other", () => concatenateDatasets([open("wide"), open().take(2)]), [0, 1, 2, 3, 4, 5, 7, 8, 9, 0, 1]],
  ["interleaved", () => interleaveDatasets([open("wide").skip(4), open().map(failAt(1))]), [4, 0, 5, 2, 7, 3, 8, 4, 9]],
])("`onError` reaches what is %s, and states of it are good", async (_, make, expected) => {
  const dataset = make().onError("skip");
  expect(await dataset.numRows()).toBeNull();
  const rows = dataset.rows();
  for (let count = 0; count < expected.length; count += 1) {
    const rest = await collect(dataset.resume(rows.state()));
    expect(rest.map(({ id }) => id)).toEqual(expected.slice(count));
    expect((await rows.next()).value).toMatchObject({ id: expected[count] });
  }
  expect(rows.stats.skippedRows).toBeGreaterThan(0);
  expect((await rows.next()).done).toBe(true);
});

test("a dataset that is joined keeps a handler of its own", async () => {
  const own: number[] = [];
  const lenient = open()
    .map(failAt(2))
    .onError((_, { index }) => {
      own.push(index);
      return "skip";
    });
  const strict = interleaveDatasets([lenient.take(4), open().map(failAt(1))]).onError("throw");
  await expect(collect(strict)).rejects.toThrow("no 1");
  expect(await collect(concatenateDatasets([lenient, open().map(failAt(1))]).onError("skip"))).toHaveLength(38);
  expect(new Set(own)).toEqual(new Set([2]));
});

test("rows that cannot be made are told and counted behind a shuffle, expressions and an interruption", async () => {
  const told: ErrorPlace[] = [];
  const dataset = open("wide")
    .shuffle({ seed: 4, window: 4 })
    .filter([["id", ">", 1]])
    .onError((_, where) => {
      told.push(where);
      return "skip";
    });
  const given = await collect(dataset);
  expect(new Set(given.map(({ id }) => id))).toEqual(new Set([2, 3, 4, 5, 7, 8, 9]));
  expect(told).toMatchObject([{ rowGroup: 1, row: 2 }]);
  const rows = dataset.rows();
  for (let count = 0; count <= given.length; count += 1) {
    expect(await collect(dataset.resume(rows.state()))).toEqual(given.slice(count));
    await rows.next();
  }
  expect(new Set(told.map(({ index }) => index)).size).toBe(1);
});

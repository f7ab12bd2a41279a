import path from "node:path";
import { mkdir, writeFile } from "node:fs/promises";
import { type Table, tableFromArrays } from "apache-arrow";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeParquetFile } from "../../src/cli/demo-dataset.ts";
import { concatenateDatasets, interleaveDatasets, type IterableDataset, loadDataset } from "../../src/index.ts";
import { PARTS, partsOf } from "../../src/stream/dataset-parts.ts";
import { collect } from "../helpers/collect.ts";
import { makeFolder, type TemporaryFolder } from "../helpers/temporary-folder.ts";

let folder: TemporaryFolder;

beforeAll(async () => {
  folder = await makeFolder();
  await write("a", tableFromArrays({ id: Int32Array.of(0, 1, 2) }));
  await write("b", tableFromArrays({ id: Int32Array.of(10, 11, 12, 13) }));
  await write("c", tableFromArrays({ id: Int32Array.of(20, 21, 22, 23, 24) }));
  await write("scored", tableFromArrays({ score: Float64Array.of(0.5, 0.25), id: Int32Array.of(30, 31) }));
  await write("named", tableFromArrays({ id: ["x", "y"] }));
  const many = (first: number): Table =>
    tableFromArrays({ id: Int32Array.from({ length: 200 }, (_, row) => first + row) });
  await write("low", many(0));
  await write("high", many(1000));
});

afterAll(async () => {
  await folder[Symbol.asyncDispose]();
});

async function write(name: string, table: Table): Promise<void> {
  await mkdir(path.join(folder.path, name));
  await writeFile(path.join(folder.path, name, "train.parquet"), await writeParquetFile(table, 10));
}

function open(name: string): IterableDataset {
  const cacheDir = path.join(folder.path, "cache");
  return loadDataset(path.join(folder.path, name), { cacheDir, decodeThreads: 0 });
}

async function ids(dataset: IterableDataset): Promise<unknown[]> {
  return (await collect(dataset)).map(({ id }) => id);
}

const abc = (): IterableDataset[] => [open("a"), open("b"), open("c")];
const none = (): IterableDataset => open("a").take(0);

test("datasets in turn come as Python's `interleave_datasets` gives them, by each rule of stopping", async () => {
  expect(await ids(interleaveDatasets(abc()))).toEqual([0, 10, 20, 1, 11, 21, 2]);
  expect(await ids(interleaveDatasets(abc(), { stop: "all_exhausted" }))).toEqual([
    0, 10, 20, 1, 11, 21, 2, 12, 22, 0, 13, 23, 1, 10, 24,
  ]);
  expect(await ids(interleaveDatasets(abc(), { stop: "all_exhausted_without_replacement" }))).toEqual([
    0, 10, 20, 1, 11, 21, 2, 12, 22, 13, 23, 24,
  ]);
});

test("datasets whose rows only reading can count are interleaved in the same order", async () => {
  for (const stop of ["first_exhausted", "all_exhausted", "all_exhausted_without_replacement"] as const) {
    for (const probabilities of [undefined, [0.5, 0.2, 0.3]]) {
      const options = { stop, probabilities, seed: 3 };
      const counted = await ids(interleaveDatasets(abc(), options));
      const sparse = abc().map((dataset) => dataset.filter(() => true));
      expect(await ids(interleaveDatasets(sparse, options))).toEqual(counted);
    }
  }
});

test("probabilities decide how often a dataset comes, and the seed decides when", async () => {
  const of = (seed: number): IterableDataset =>
    interleaveDatasets([open("low"), open("high")], { probabilities: [0.8, 0.2], seed }).take(100);
  const first = await ids(of(1));
  expect(await ids(of(1))).toEqual(first);
  expect(await ids(of(2))).not.toEqual(first);
  const low = first.filter((id) => Number(id) < 1000).length;
  expect(low).toBeGreaterThan(65);
  expect(low).toBeLessThan(95);
});

test("a dataset that starts again does so in the order of its next epoch", async () => {
  const dataset = interleaveDatasets([open("low").take(30).shuffle(), open("high")], { stop: "all_exhausted" });
  const low = (await ids(dataset)).filter((id) => Number(id) < 1000);
  const passes = [low.slice(0, 30), low.slice(30, 60)];
  expect(new Set(passes[0])).toEqual(new Set(passes[1]));
  expect(passes[0]).not.toEqual(passes[1]);
});

test("an empty dataset ends `first_exhausted` at once, and is left out by the other rules", async () => {
  expect(await ids(interleaveDatasets([open("a"), none()]))).toEqual([]);
  expect(await ids(interleaveDatasets([open("a"), none()], { stop: "all_exhausted" }))).toEqual([0, 1, 2]);
  expect(await ids(interleaveDatasets([none(), none()], { stop: "all_exhausted" }))).toEqual([]);
  expect(await ids(concatenateDatasets([none(), open("a"), none()]))).toEqual([0, 1, 2]);
});

test("columns are joined by name, in the order in which they appear, and are null where a dataset lacks them", async () => {
  const rows = await collect(concatenateDatasets([open("a").take(1), open("scored")]));
  expect(rows).toEqual([
    { id: 0, score: null },
    { id: 30, score: 0.5 },
    { id: 31, score: 0.25 },
  ]);
  expect(rows.map((row) => Object.keys(row))).toEqual([
    ["id", "score"],
    ["id", "score"],
    ["id", "score"],
  ]);
  const mapped = [open("a").map(() => ({ extra: true })), open("scored").take(1)];
  expect(await collect(interleaveDatasets(mapped))).toEqual([
    { id: 0, extra: true, score: null },
    { id: 30, score: 0.5 },
  ]);
});

test("columns of different kinds are an error that names the column, both types and both datasets", async () => {
  for (const dataset of [
    concatenateDatasets([open("a"), open("named")]),
    interleaveDatasets([open("a"), open("named")]),
  ]) {
    await expect(collect(dataset)).rejects.toMatchObject({
      code: "SCHEMA_MISMATCH",
      message: expect.stringMatching(/'id' is Int32 in dataset 0 and .*Utf8.* in dataset 1.*`remove`/) as string,
    });
  }
});

test("parts, epochs and resumed datasets cannot be joined: these come last", async () => {
  const rows = open("a").rows();
  await rows.next();
  const resumed = open("a").resume(rows.state());
  await rows.return();
  for (const [dataset, name] of [
    [open("a").shard({ count: 2, index: 0 }), "`shard` or `splitByNode`"],
    [open("a").splitByNode({ worldSize: 2, rank: 1 }), "`shard` or `splitByNode`"],
    [resumed, "`resume`"],
    [open("a").withEpoch(2), "`withEpoch`"],
  ] as const) {
    for (const join of [interleaveDatasets, concatenateDatasets])
      expect(() => join([open("b"), dataset])).toThrow(`dataset 1 (counted from 0) is what ${name} left of one`);
  }
});

test("a dataset of another copy of the package is refused, saying so", () => {
  const foreign = { [PARTS]: () => partsOf(open("a")) } as unknown as IterableDataset;
  for (const join of [interleaveDatasets, concatenateDatasets])
    expect(() => join([open("b"), foreign])).toThrow(/by another copy of hfstream.*npm ls hfstream/);
});

test("bad lists and options are refused at the call, saying what was expected", () => {
  expect(() => interleaveDatasets([])).toThrow(/a list of at least one dataset/);
  expect(() => concatenateDatasets([{}] as never)).toThrow(/a list of at least one dataset/);
  expect(() => interleaveDatasets(abc(), { probabilities: [0.5, 0.5] })).toThrow(/one number for each of 3 datasets/);
  expect(() => interleaveDatasets(abc(), { probabilities: [0.5, 0.5, 0.5] })).toThrow(/sum to 1/);
  expect(() => interleaveDatasets(abc(), { probabilities: [1.5, -0.5, 0] })).toThrow(/from 0 to 1/);
  expect(() => interleaveDatasets(abc(), { stop: "never" as never })).toThrow(/'first_exhausted', 'all_exhausted'/);
  expect(() => interleaveDatasets(abc(), { stopping: 1 } as never)).toThrow(/no option `stopping`/);
  expect(() => concatenateDatasets(abc()).batches()).toThrow(/cannot follow `concatenateDatasets`/);
});

test("`shuffle` of concatenated datasets mixes them with each other, and gives each row once", async () => {
  const order = await ids(concatenateDatasets([open("low"), open("high")]).shuffle({ seed: 5 }));
  expect(new Set(order).size).toBe(400);
  for (let start = 0; start < 400; start += 100) {
    const low = order.slice(start, start + 100).filter((id) => Number(id) < 1000).length;
    expect(low).toBeGreaterThan(25);
    expect(low).toBeLessThan(75);
  }
});

test("numbers of rows, parts and slices of joined datasets are exact", async () => {
  const joined = concatenateDatasets(abc());
  expect(await joined.numRows()).toBe(12);
  expect(await joined.skip(2).take(6).numRows()).toBe(6);
  expect(await ids(joined.skip(2).take(6))).toEqual([2, 10, 11, 12, 13, 20]);
  const woven = interleaveDatasets(abc(), { stop: "all_exhausted" });
  expect(await woven.numRows()).toBe(15);
  const parts = await Promise.all([0, 1, 2, 3].map(async (index) => await ids(woven.shard({ count: 4, index }))));
  expect(parts.map((part) => part.length)).toEqual([4, 4, 4, 3]);
  expect(parts.flat()).toEqual(await ids(woven));
});

test("a file that is left out because it cannot be read does not disturb the others, nor states", async () => {
  const place = path.join(folder.path, "corrupt");
  await mkdir(place);
  const numbers = (first: number): Table =>
    tableFromArrays({ id: Int32Array.from({ length: 12 }, (_, row) => first + row) });
  for (const first of [100, 112, 124]) {
    const file = await writeParquetFile(numbers(first), 6);
    if (first === 112) file.fill(0xff, 4, 60);
    await writeFile(path.join(place, `train-${first}.parquet`), file);
  }
  const bad = loadDataset(place, { cacheDir: path.join(folder.path, "cache"), decodeThreads: 0, onBadFile: "skip" });
  const found = [
    ...Array.from({ length: 12 }, (_, row) => 100 + row),
    ...Array.from({ length: 12 }, (_, row) => 124 + row),
  ];
  for (const joined of [
    interleaveDatasets([bad, open("c")], { stop: "all_exhausted_without_replacement" }),
    concatenateDatasets([bad, open("c")]),
  ]) {
    const rows = joined.rows();
    const all = await ids(joined);
    expect(new Set(all)).toEqual(new Set([...found, 20, 21, 22, 23, 24]));
    for (let count = 0; count <= all.length; count += 1) {
      expect(await ids(joined.resume(rows.state()))).toEqual(all.slice(count));
      await rows.next();
    }
  }
});

import { afterAll, beforeAll, expect, test } from "vitest";
import {
  concatenateDatasets,
  type IterableDataset,
  interleaveDatasets,
  loadDataset,
  mergeStates,
} from "../../src/index.ts";
import { readSome } from "../helpers/collect.ts";
import { type NumberRow, writeNumbers } from "../helpers/numbers-dataset.ts";
import { makeFolder, type TemporaryFolder } from "../helpers/temporary-folder.ts";

type Numbers = IterableDataset<{ readonly id: number }>;

let folder: TemporaryFolder;
/** 48 rows in 8 units. */
let dataset: Numbers;

beforeAll(async () => {
  folder = await makeFolder();
  await writeNumbers(folder.path, { files: 4, rowsPerFile: 12, rowsPerGroup: 6 });
  dataset = loadDataset<NumberRow>(folder.path, { cacheDir: `${folder.path}/cache`, decodeThreads: 0 }).select(["id"]);
});
afterAll(async () => {
  await folder[Symbol.asyncDispose]();
});

const idsOf = (rows: readonly { readonly id: number }[]): number[] => rows.map(({ id }) => id);

const ranks = (whole: Numbers, worldSize: number): Numbers[] =>
  Array.from({ length: worldSize }, (_, rank) => whole.splitByNode({ worldSize, rank }));

const endless: [string, () => Numbers][] = [
  ["repeated", () => dataset.take(20).shuffle({ window: 8 }).repeat()],
  ["interleaved", () => interleaveDatasets([dataset.take(20).shuffle().repeat(), dataset.skip(30).repeat()])],
  [
    "interleaved as they are read",
    () =>
      interleaveDatasets([
        dataset
          .take(9)
          .filter(() => true)
          .repeat(),
        dataset.skip(30).repeat(),
      ]),
  ],
  ["batched, and repeated", () => dataset.map(({ id }) => ({ id }), { batched: true, batchSize: 5 }).repeat()],
];

test.each(endless)("rows without end are dealt to all parts, which can be resumed and joined: %s", async (_, make) => {
  const whole = make();
  for (const part of ranks(whole, 3)) {
    const all = idsOf((await readSome(part, 90)).rows);
    expect(all).toHaveLength(90);
    const begun = await readSome(part, 35);
    expect(idsOf((await readSome(part.resume(begun.state), 55)).rows)).toEqual(all.slice(35));
  }
  const begun = await Promise.all(ranks(whole, 3).map(async (part, rank) => await readSome(part, 50 - 25 * rank)));
  const merged = mergeStates(begun.map(({ state }) => state));
  for (const part of [whole.resume(merged), ...ranks(whole.resume(merged), 2)])
    expect((await readSome(part, 60)).rows).toHaveLength(60);
});

test.each(endless)("rows without end are dealt from where a state of the whole stands: %s", async (_, make) => {
  const begun = await readSome(make(), 33);
  for (const part of ranks(make().resume(begun.state), 2)) {
    const again = await readSome(part, 20);
    const all = idsOf((await readSome(part, 40)).rows);
    expect(idsOf(again.rows)).toEqual(all.slice(0, 20));
    expect(idsOf((await readSome(part.resume(again.state), 20)).rows)).toEqual(all.slice(20));
  }
});

test("rows without end are counted, and explained by one pass", async () => {
  const whole = dataset.shuffle().repeat();
  expect(await whole.numRows()).toBe(Infinity);
  expect(await whole.shard({ count: 3, index: 1 }).numRows()).toBe(Infinity);
  expect((await whole.explain()).units).toBe(8);
  expect((await whole.take(96).explain()).units).toBe(16);
  expect((await interleaveDatasets([whole, dataset.take(12)]).explain()).units).toBe(10);
  expect(await dataset.repeat(1_000_000).numRows()).toBe(48_000_000);
});

test("datasets that are joined are explained where they are resumed", async () => {
  const joined = concatenateDatasets([dataset.take(6), dataset]);
  const { state } = await readSome(joined, 3);
  expect((await joined.resume(state).explain()).units).toBe(9);
});

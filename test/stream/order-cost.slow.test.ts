import { afterAll, beforeAll, expect, test } from "vitest";
import { type DatasetState, type IterableDataset, loadDataset } from "../../src/index.ts";
import { hubWithNumbers, type TestHub } from "../helpers/hub-with-numbers.ts";

/** One million rows: 20 files of 50 row groups of 1 000 rows. */
const GROUP = 1000;
let large: TestHub;
/** 64 files of one row group each. */
let wide: TestHub;

beforeAll(async () => {
  large = await hubWithNumbers({ files: 20, rowsPerFile: 50 * GROUP, rowsPerGroup: GROUP });
  wide = await hubWithNumbers({ files: 64, rowsPerFile: 50, rowsPerGroup: 50 });
  await open(large).numRows(); // whoever came first has read the footers
  await open(wide).numRows();
}, 120_000);

afterAll(async () => {
  await large[Symbol.asyncDispose]();
  await wide[Symbol.asyncDispose]();
});

function open(hub: TestHub, options: object = {}): IterableDataset {
  return loadDataset("org/numbers", { ...hub.options, prefetchDepth: 0, decodeThreads: 1, ...options });
}

/** Reads `rows` rows, and tells what the server was asked for meanwhile: units, and files that they are of. */
async function costOf(hub: TestHub, dataset: IterableDataset, rows = Infinity): Promise<Cost> {
  const before = hub.server.log.length;
  const iterator = dataset.rows();
  const ids: number[] = [];
  while (ids.length < rows) {
    const next = await iterator.next();
    if (next.done === true) break;
    ids.push(Number(next.value["id"]));
  }
  const state = iterator.state();
  await iterator.return();
  const asked = hub.server.log.slice(before).filter(({ origin }) => origin === "cdn");
  return { ids, units: asked.length, files: new Set(asked.map(({ file }) => file)).size, state };
}

interface Cost {
  readonly ids: readonly number[];
  readonly units: number;
  readonly files: number;
  readonly state: DatasetState;
}

const WINDOW_UNITS = 10; // of 1 000 rows each, by the default window

test("row 950 000 of a million is reached with one window of units, by skip and by resume, shuffled or not", async () => {
  const shuffled = open(large, { prefetchDepth: 2 }).shuffle({ seed: 7 });
  const run = await costOf(large, shuffled, 950_000);
  const next = await costOf(large, open(large).shuffle({ seed: 7 }).resume(run.state), 1);
  expect(next.units).toBeLessThanOrEqual(WINDOW_UNITS);
  const skipped = await costOf(large, open(large).shuffle({ seed: 7 }).skip(950_000), 1);
  expect(skipped.units).toBeLessThanOrEqual(WINDOW_UNITS);
  expect(skipped.ids).toEqual(next.ids);
  expect(run.ids).not.toContain(next.ids[0]);
  expect(new Set(run.ids).size).toBe(950_000);

  const inOrder = await costOf(large, open(large).skip(949_999), 1);
  const resumed = await costOf(large, open(large).skip(949_999).resume(inOrder.state), 1);
  expect(resumed).toMatchObject({ ids: [950_000], units: 1, files: 1 });
  expect(JSON.stringify(run.state).length).toBeLessThan(4096);
}, 60_000);

test("skip, take and split slices fetch only the units of their rows", async () => {
  expect(await costOf(large, open(large).take(5))).toMatchObject({ ids: [0, 1, 2, 3, 4], units: 1 });
  expect(await costOf(large, open(large).skip(999_998))).toMatchObject({ ids: [999_998, 999_999], units: 1 });
  const sliced = await costOf(large, open(large, { split: "train[500500:502500]" }));
  expect(sliced.ids).toHaveLength(2000);
  expect(sliced.units).toBe(3);
  const percent = await costOf(large, open(large, { split: "train[99%:]" }).take(1500));
  expect(percent.ids[0]).toBe(990_000);
  expect(percent.units).toBe(2);
});

test("of 64 files and 8 ranks each rank opens its own eight, shuffled or not, and one more at a cut", async () => {
  const plain = await Promise.all(
    Array.from({ length: 8 }, (_, rank) => rank).map(
      async (rank) => await open(wide).splitByNode({ worldSize: 8, rank }).explain(),
    ),
  );
  expect(plain.map(({ units }) => units)).toEqual([8, 8, 8, 8, 8, 8, 8, 8]);
  const seen: number[] = [];
  for (let rank = 0; rank < 8; rank += 1) {
    const cost = await costOf(wide, open(wide).shuffle({ seed: 3 }).splitByNode({ worldSize: 8, rank }));
    expect(cost).toMatchObject({ files: 8, units: 8 });
    seen.push(...cost.ids);
  }
  expect(new Set(seen).size).toBe(64 * 50);
  const cuts = await costOf(wide, open(wide).shuffle({ seed: 3 }).splitByNode({ worldSize: 7, rank: 3 }));
  expect(cuts.files).toBeLessThanOrEqual(11); // 457 rows of units of 50: nine or ten whole ones, and two at the cuts
});

test("ranks that start together in an empty cache read each footer once between them", async () => {
  await using hub = await hubWithNumbers({ files: 12, rowsPerFile: 50, rowsPerGroup: 50 });
  const costs = await Promise.all(
    Array.from({ length: 4 }, (_, rank) => rank).map(
      async (rank) => await costOf(hub, open(hub).shuffle({ seed: 3 }).splitByNode({ worldSize: 4, rank })),
    ),
  );
  expect(new Set(costs.flatMap(({ ids }) => ids)).size).toBe(600);
  const asked = hub.server.log.filter(({ origin }) => origin === "cdn");
  expect(asked).toHaveLength(12 + 12);
  expect(hub.requests()).toMatchObject({ info: 1, tree: 1 });
});

import { afterAll, beforeAll, expect, test } from "vitest";
import { type IterableDataset, loadDataset } from "../../src/index.ts";
import { writeNumbers } from "../helpers/numbers-dataset.ts";
import { makeFolder, type TemporaryFolder } from "../helpers/temporary-folder.ts";

/** Rows sorted by `id`, in row groups of so many rows. */
const GROUP_SIZES = [200, 1000, 5000] as const;
const ROWS = 120_000;
const PATCH = 1000;

let folder: TemporaryFolder;

beforeAll(async () => {
  folder = await makeFolder();
  for (const rowsPerGroup of GROUP_SIZES)
    await writeNumbers(`${folder.path}/${rowsPerGroup}`, { files: 4, rowsPerFile: ROWS / 4, rowsPerGroup });
});

afterAll(async () => {
  await folder[Symbol.asyncDispose]();
});

function open(rowsPerGroup: number, options: object = {}): IterableDataset {
  const cacheDir = `${folder.path}/cache`;
  return loadDataset(`${folder.path}/${rowsPerGroup}`, { cacheDir, decodeThreads: 0, columns: ["id"], ...options });
}

async function idsOf(dataset: IterableDataset): Promise<number[]> {
  const ids: number[] = [];
  for await (const row of dataset) ids.push(Number(row["id"]));
  return ids;
}

/** From how many row groups the rows come, for each thousand of them that follow each other. */
function unitsPerPatch(ids: readonly number[], rowsPerGroup: number): number[] {
  const patches = Math.floor(ids.length / PATCH);
  return Array.from({ length: patches }, (_, patch) => {
    const rows = ids.slice(patch * PATCH, (patch + 1) * PATCH);
    return new Set(rows.map((id) => Math.floor(id / rowsPerGroup))).size;
  });
}

test.each(GROUP_SIZES)(
  "of a dataset sorted by a column, in row groups of %i rows, each thousand shuffled rows come from at least eight groups",
  async (rowsPerGroup) => {
    const ids = await idsOf(open(rowsPerGroup).shuffle({ seed: 1, window: 10_000 }));
    expect(new Set(ids).size).toBe(ROWS);
    expect(Math.min(...unitsPerPatch(ids, rowsPerGroup))).toBeGreaterThanOrEqual(8);
  },
);

test("parts mix as well as the whole where they have eight row groups of their own", async () => {
  for (const index of [0, 3]) {
    const ids = await idsOf(open(1000).shuffle({ seed: 2 }).shard({ count: 4, index }));
    expect(ids).toHaveLength(ROWS / 4);
    expect(Math.min(...unitsPerPatch(ids, 1000))).toBeGreaterThanOrEqual(8);
  }
});

test("neighbours do not stay neighbours, and the order of row groups is no pattern", async () => {
  const ids = await idsOf(open(1000).shuffle({ seed: 3 }));
  const together = ids.filter((id, place) => Math.abs(id - (ids[place - 1] ?? -10)) === 1).length;
  expect(together).toBeLessThan(ROWS * 0.001);
  const halves = ids.slice(0, ROWS / 2).filter((id) => id < ROWS / 2).length;
  expect(Math.abs(halves - ROWS / 4)).toBeLessThan(ROWS * 0.1);
});

test("seeds and epochs give other orders of the same rows", async () => {
  const orders = [
    await idsOf(open(5000).shuffle({ seed: 1 })),
    await idsOf(open(5000).shuffle({ seed: 2 })),
    await idsOf(open(5000).shuffle({ seed: 1 }).withEpoch(1)),
  ];
  for (const ids of orders) expect(new Set(ids).size).toBe(ROWS);
  expect(new Set(orders.map((ids) => ids.slice(0, 20).join())).size).toBe(3);
});

test("a budget too small for eight row groups mixes fewer, and gives each row once", async () => {
  const ids = await idsOf(open(5000, { memoryBudget: 1024 * 1024, columns: undefined }).shuffle({ seed: 1 }));
  expect(new Set(ids).size).toBe(ROWS);
  expect(Math.min(...unitsPerPatch(ids, 5000))).toBeLessThan(8);
});

import { afterAll, beforeAll, expect, test } from "vitest";
import { loadDataset } from "../../src/index.ts";
import { type NumberRow, writeNumbers } from "../helpers/numbers-dataset.ts";
import { makeFolder, type TemporaryFolder } from "../helpers/temporary-folder.ts";

const ROWS = 60_000;

let folder: TemporaryFolder;

beforeAll(async () => {
  folder = await makeFolder();
  // Row groups of several slices, each of which is more than the budget.
  await writeNumbers(folder.path, { files: 2, rowsPerFile: ROWS, rowsPerGroup: ROWS, textBytes: 1000 });
});
afterAll(() => folder[Symbol.asyncDispose]());

test.each([0, 1])(
  "Row groups of many slices go through the smallest memory, with %s threads",
  async (decodeThreads) => {
    const dataset = loadDataset<NumberRow>(folder.path, {
      cacheDir: `${folder.path}/cache`,
      decodeThreads,
      memoryBudget: 1024 * 1024,
    });
    let count = 0;
    // Rows that hold nothing of their batch: its memory is given back before the next one is asked for.
    for await (const { id } of dataset) {
      if (id !== count) expect(id).toBe(count);
      count += 1;
    }
    expect(count).toBe(2 * ROWS);
    count = 0;
    for await (const batch of dataset.batches({ batchSize: 5000 })) count += batch.numRows;
    expect(count).toBe(2 * ROWS);
    await using left = dataset.rows();
    for (let row = 0; row < ROWS / 2; row += 1) await left.next();
  },
);

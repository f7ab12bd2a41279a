import path from "node:path";
import { expect, test } from "vitest";
import { concatenateDatasets, DataLoader, type IterableDataset, loadDataset } from "../../src/index.ts";
import { collect, readSome } from "../helpers/collect.ts";
import { hubWithNumbers, type TestHub } from "../helpers/hub-with-numbers.ts";
import { type NumberRow, type NumbersOptions, writeNumbers } from "../helpers/numbers-dataset.ts";

const open = (hub: TestHub, options: object = {}): IterableDataset<NumberRow> =>
  loadDataset<NumberRow>("org/numbers", { ...hub.options, decodeThreads: 0, ...options });

/** Replaces the only commit, so that the one before it is gone. */
async function rewrite(hub: TestHub, numbers: NumbersOptions): Promise<void> {
  await writeNumbers(path.join(hub.root, "org/numbers"), numbers);
}

const BEFORE = { files: 2, rowsPerFile: 30, rowsPerGroup: 10 };
/** Of the same names, but with other contents. */
const AFTER = { ...BEFORE, rowsPerGroup: 15, textBytes: 40 };

test.each([
  ["in order", (numbers: IterableDataset<NumberRow>) => numbers],
  ["mixed, by counts from the cache", (numbers: IterableDataset<NumberRow>) => numbers.shuffle()],
  ["joined", (numbers: IterableDataset<NumberRow>) => concatenateDatasets([numbers, numbers])],
  ["some of them", (numbers: IterableDataset<NumberRow>) => numbers.skip(35)],
])("a commit that is gone since the cache knew it leads to the new one by itself: rows %s", async (_, step) => {
  for (const onBadFile of ["throw", "skip"] as const) {
    await using hub = await hubWithNumbers(BEFORE);
    await collect(step(open(hub)));
    await rewrite(hub, AFTER);
    const rows = await collect(step(open(hub, { onBadFile })));
    expect(rows).toEqual(await collect(step(open(hub, { cacheDir: `${hub.options.cacheDir}-fresh` }))));
    expect(rows[0]?.text.length).toBe(40);
  }
});

test("counts, descriptions and threads of a loader go on at the new commit too", async () => {
  await using hub = await hubWithNumbers(BEFORE);
  const { commit } = await open(hub).info({ scan: true });
  await rewrite(hub, { ...AFTER, rowsPerFile: 45 });
  const info = await open(hub).info();
  // What the cache holds of the old commit still answers, until data of it are asked for.
  expect(info.commit).toBe(commit);
  expect(
    (await collect(new DataLoader(open(hub), { workers: 2, batchSize: 10 }))).flatMap(({ id }) => id),
  ).toHaveLength(90);
  expect(await open(hub).numRows()).toBe(90);
});

test("rows that were given already are not mixed with those of another commit: that is an error", async () => {
  await using hub = await hubWithNumbers({ files: 2, rowsPerFile: 4000, rowsPerGroup: 100, textBytes: 2000 });
  const dataset = open(hub, { prefetchDepth: 0, memoryBudget: 2 ** 20, onBadFile: "skip" });
  const rows = dataset.rows();
  await rows.next();
  await rewrite(hub, { files: 2, rowsPerFile: 40 });
  await expect(collect(rows)).rejects.toMatchObject({ code: "FILE_CHANGED" });
  expect(rows.stats.skipped).toBe(0);
  expect((await collect(dataset)).length).toBe(80);
});

test("a state of a commit that is gone says so", async () => {
  await using hub = await hubWithNumbers(BEFORE);
  const { state } = await readSome(open(hub), 5);
  await rewrite(hub, AFTER);
  await expect(collect(open(hub).resume(state))).rejects.toMatchObject({ code: "STATE_MISMATCH" });
});

test("a file that its storage has lost is skipped where bad files are, since its commit is still there", async () => {
  await using hub = await hubWithNumbers(BEFORE);
  const lose = (): unknown => hub.server.inject({ match: { path: "00001-of" }, status: 404, times: Infinity });
  lose();
  const rows = open(hub, { onBadFile: "skip" }).rows();
  expect(await collect(rows)).toHaveLength(30);
  expect(rows.stats.skippedFiles).toMatchObject([{ path: expect.stringContaining("00001") as string }]);
});

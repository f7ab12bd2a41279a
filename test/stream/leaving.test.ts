import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { concatenateDatasets, interleaveDatasets, type IterableDataset, loadDataset } from "../../src/index.ts";
import { hubWithNumbers } from "../helpers/hub-with-numbers.ts";
import { runNode } from "../helpers/run-node.ts";

/** The Hub here answers after 3 s or more: who is through in less has not waited for it. On a quiet machine it takes some ms. */
const LESS_THAN_AN_ANSWER_MS = 2000;

const LARGE = { files: 4, rowsPerFile: 200, rowsPerGroup: 20, textBytes: 20_000 };

async function elapsed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

test("leaving the loop ends all work within 200 ms, also when the network is slow", async () => {
  await using hub = await hubWithNumbers(LARGE);
  const rows = loadDataset("org/numbers", hub.options).rows();
  await rows.next();
  hub.server.setTraffic({ latencyMs: 5000 });
  expect(await elapsed(() => rows.return())).toBeLessThan(LESS_THAN_AN_ANSWER_MS);
  await new Promise((resolve) => setTimeout(resolve, 100)); // what was on its way to the server arrives
  const asked = hub.server.log.length;
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(hub.server.log.length).toBe(asked);
  expect(await rows.next()).toEqual({ done: true, value: undefined });
});

const PIPELINES: [string, (dataset: IterableDataset) => IterableDataset][] = [
  ["mixed", (dataset) => dataset.shuffle({ window: 100 })],
  ["repeated for ever", (dataset) => dataset.shuffle({ window: 100 }).repeat()],
  [
    "made by a batched map, and repeated",
    (dataset) => dataset.map(() => ({}), { batched: true, batchSize: 3 }).repeat(),
  ],
  ["one after the other", (dataset) => concatenateDatasets([dataset.take(5), dataset, dataset])],
  ["interleaved", (dataset) => interleaveDatasets([dataset, dataset.skip(100), dataset.shuffle()])],
  ["interleaved as they are read", (dataset) => interleaveDatasets([dataset.filter(() => true), dataset.skip(100)])],
];

test.each(PIPELINES)("leaving ends all work, and an abort rejects, when rows are %s", async (_, make) => {
  await using hub = await hubWithNumbers(LARGE);
  const stop = new AbortController();
  const dataset = make(loadDataset("org/numbers", { ...hub.options, signal: stop.signal }));
  const [left, aborted] = [dataset.rows(), dataset.rows()];
  for (let row = 0; row < 7; row += 1) await Promise.all([left.next(), aborted.next()]);
  hub.server.setTraffic({ latencyMs: 5000 });
  expect(await elapsed(() => left.return())).toBeLessThan(LESS_THAN_AN_ANSWER_MS);
  const reason = new Error("enough");
  setTimeout(() => stop.abort(reason), 100);
  const drain = async (): Promise<void> => {
    for await (const row of aborted) if (row === undefined) break;
  };
  expect(await elapsed(() => expect(drain()).rejects.toBe(reason))).toBeLessThan(LESS_THAN_AN_ANSWER_MS);
  await new Promise((resolve) => setTimeout(resolve, 100)); // what was on its way to the server arrives
  const asked = hub.server.log.length;
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(hub.server.log.length).toBe(asked);
});

test("leaving while a row is awaited resolves what waits as done", async () => {
  await using hub = await hubWithNumbers(LARGE, { traffic: { latencyMs: 3000 } });
  const rows = loadDataset("org/numbers", hub.options).rows();
  const waiting = rows.next();
  expect(await elapsed(() => rows.return())).toBeLessThan(LESS_THAN_AN_ANSWER_MS);
  expect(await waiting).toEqual({ done: true, value: undefined });
});

test("an abort rejects with the signal's own reason, at once, before, between and during reads", async () => {
  await using hub = await hubWithNumbers(LARGE);
  const reason = { why: "a reason of my own" };

  const before = new AbortController();
  before.abort(reason);
  await expect(
    loadDataset("org/numbers", { ...hub.options, signal: before.signal })
      .rows()
      .next(),
  ).rejects.toBe(reason);

  const between = new AbortController();
  const rows = loadDataset("org/numbers", { ...hub.options, signal: between.signal }).rows();
  await rows.next();
  between.abort(reason);
  await expect(rows.next()).rejects.toBe(reason);

  hub.server.setTraffic({ latencyMs: 3000 });
  const during = new AbortController();
  const waiting = loadDataset("org/numbers", { ...hub.options, signal: during.signal })
    .rows()
    .next();
  setTimeout(() => during.abort(reason), 100);
  expect(await elapsed(() => expect(waiting).rejects.toBe(reason))).toBeLessThan(LESS_THAN_AN_ANSWER_MS);
});

test("an abort also ends record batches that wait for the dataset to be resolved", async () => {
  await using hub = await hubWithNumbers({ files: 1 }, { traffic: { latencyMs: 3000 } });
  const reason = { why: "a reason of my own" };
  const controller = new AbortController();
  const batches = loadDataset("org/numbers", { ...hub.options, signal: controller.signal }).batches();
  const waiting = batches[Symbol.asyncIterator]().next();
  setTimeout(() => controller.abort(reason), 100);
  expect(await elapsed(() => expect(waiting).rejects.toBe(reason))).toBeLessThan(LESS_THAN_AN_ANSWER_MS);
});

test("a process that breaks out of the loop exits by itself", async () => {
  await using hub = await hubWithNumbers(LARGE);
  const child = fileURLToPath(new URL("../helpers/stream-child.js", import.meta.url));
  const warm = await runNode(child, ["org/numbers", JSON.stringify({ ...hub.options, take: 1 })]);
  expect(warm.stderr).toBe("");
  hub.server.setTraffic({ bytesPerSecond: 50_000 });
  const { code, stdout, ms } = await runNode(child, ["org/numbers", JSON.stringify({ ...hub.options, take: 1 })]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ count: 1 });
  expect(ms).toBeLessThan(10_000); // all of it would take minutes at this rate
});

test("calls of next that do not wait for each other are answered in order", async () => {
  await using hub = await hubWithNumbers({ files: 2, rowsPerFile: 30, rowsPerGroup: 10 });
  const rows = loadDataset("org/numbers", hub.options).rows();
  const answers = await Promise.all(Array.from({ length: 62 }, () => rows.next()));
  expect(answers.slice(0, 60).map(({ value }) => value?.["id"] as number)).toEqual(
    Array.from({ length: 60 }, (_, id) => id),
  );
  expect(answers.slice(60).every(({ done }) => done)).toBe(true);
});

test("a dataset can be iterated several times at once, each from its beginning", async () => {
  await using hub = await hubWithNumbers({ files: 2, rowsPerFile: 30, rowsPerGroup: 10 });
  const dataset = loadDataset("org/numbers", hub.options);
  const sums = await Promise.all(
    [1, 2, 3].map(async () => {
      let sum = 0;
      for await (const row of dataset) sum += row["id"] as number;
      return sum;
    }),
  );
  expect(sums).toEqual([1770, 1770, 1770]);
});

test("an error thrown by the loop's body closes the iteration", async () => {
  await using hub = await hubWithNumbers(LARGE);
  const loop = async (): Promise<void> => {
    for await (const row of loadDataset("org/numbers", hub.options)) throw new Error(`on row ${String(row["id"])}`);
  };
  await expect(loop()).rejects.toThrow("on row 0");
});

test("an abort after the last row changes nothing", async () => {
  await using hub = await hubWithNumbers({ files: 1 });
  const controller = new AbortController();
  const rows = loadDataset("org/numbers", { ...hub.options, signal: controller.signal }).rows();
  for await (const row of rows) if (row === undefined) break;
  controller.abort(new Error("too late"));
  expect(await rows.next()).toEqual({ done: true, value: undefined });
});

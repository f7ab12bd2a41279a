import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DataLoader, type DatasetRow, loadDataset } from "../../src/index.ts";
import { moduleOf } from "../helpers/dataset-module.ts";
import { rejection } from "../helpers/hub-fixture.ts";
import { hubWithNumbers, type TestHub } from "../helpers/hub-with-numbers.ts";
import { runNode } from "../helpers/run-node.ts";

const LARGE = { files: 4, rowsPerFile: 200, rowsPerGroup: 20, textBytes: 20_000 };
const child = fileURLToPath(new URL("../helpers/loader-child.js", import.meta.url));

let hub: TestHub;
beforeAll(async () => {
  hub = await hubWithNumbers(LARGE);
});
afterAll(async () => await hub[Symbol.asyncDispose]());

async function elapsed(work: Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work;
  return performance.now() - started;
}

/** So long leaving may take: 200 ms is the promise, and machines that test are busy. */
const AT_ONCE_MS = 800;

describe("leaving", () => {
  test("ends all work at once, and gives back what others wait for", async () => {
    await using cold = await hubWithNumbers(LARGE, { traffic: { latencyMs: 100 } });
    const loader = new DataLoader(loadDataset("org/numbers", cold.options).shuffle(), { batchSize: 10, workers: 2 });
    for (const ms of [100, 700, 900]) {
      const batches = loader[Symbol.asyncIterator]();
      const waiting = batches.next();
      await delay(ms);
      expect(await elapsed(batches.return())).toBeLessThan(AT_ONCE_MS);
      expect(await waiting).toMatchObject({ value: undefined });
      expect(await batches.next()).toEqual({ done: true, value: undefined });
    }
    await delay(100);
    const asked = cold.server.log.length;
    await delay(200);
    expect(cold.server.log.length).toBe(asked);
    const again = loader[Symbol.asyncIterator]();
    expect(await elapsed(again.next())).toBeLessThan(8000); // a lock that is left alone holds up others for 10 s
    await again.return();
  });

  test("before the first batch starts no thread", async () => {
    const batches = new DataLoader("/there/is/none.mjs", { workers: 2 })[Symbol.asyncIterator]();
    await batches.return();
    expect(await batches.next()).toEqual({ done: true, value: undefined });
  });

  test.each([
    ["that is stuck in a function", "export default () => load().map(() => { for (;;); })", 2],
    ["that waits for a function", "export default () => load().map(() => new Promise(() => {}))", 2],
    ["whose module never answers", "await new Promise(() => setInterval(() => {}, 1000))", 2],
    ["whose dataset is never made", "export default () => new Promise(() => {})", 0],
  ])("does not wait for a worker %s", async (_, code, workers) => {
    const batches = new DataLoader(await moduleOf(hub, code), { workers })[Symbol.asyncIterator]();
    const waiting = batches.next();
    await delay(800);
    expect(await elapsed(batches.return())).toBeLessThan(AT_ONCE_MS);
    expect(await waiting).toEqual({ done: true, value: undefined });
  });

  test("does not wait for a `collate` that never answers", async () => {
    const collate = (): Promise<never> => new Promise(() => {});
    const loader = new DataLoader(loadDataset("org/numbers", hub.options), { collate });
    const batches = loader[Symbol.asyncIterator]();
    const waiting = batches.next();
    await delay(500);
    expect(await elapsed(batches.return())).toBeLessThan(AT_ONCE_MS);
    expect(await waiting).toEqual({ done: true, value: undefined });
  });
});

test.each([
  ["break", "10"],
  ["throw", "the loop's own"],
  ["return", "0"],
  ["drop", "10"],
])("a process that leaves its loop by `%s` exits by itself", async (how, printed) => {
  const source = JSON.stringify({ id: "org/numbers", options: hub.options });
  const { code, stdout, stderr } = await runNode(child, [how, source, "2"]);
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: `${printed}\n`, stderr: "" });
});

test("a process exits by itself though its module goes on", async () => {
  const url = await moduleOf(hub, "setInterval(() => {}, 1000); export default () => load().map((row) => row);");
  const { code, stdout } = await runNode(child, ["break", JSON.stringify({ url: url.href }), "2"]);
  expect({ code, stdout }).toEqual({ code: 0, stdout: "10\n" });
});

describe("an abort rejects with the signal's own reason, at once", () => {
  const reason = { why: "a reason of my own" };

  test.each([0, 2])("with %d workers: before, between and while batches are awaited", async (workers) => {
    const load = (signal: AbortSignal, collate?: () => Promise<never>): AsyncIterator<unknown> => {
      const dataset = loadDataset("org/numbers", { ...hub.options, signal });
      return new DataLoader<DatasetRow, unknown>(dataset, { batchSize: 10, workers, collate })[Symbol.asyncIterator]();
    };
    const before = new AbortController();
    before.abort(reason);
    expect(await rejection(load(before.signal).next())).toBe(reason);

    const between = new AbortController();
    const batches = load(between.signal);
    await batches.next();
    between.abort(reason);
    expect(await elapsed(rejection(batches.next()))).toBeLessThan(AT_ONCE_MS);
    expect(await rejection(batches.next())).toBe(reason);

    const during = new AbortController();
    const waiting = load(during.signal, () => new Promise(() => {})).next();
    setTimeout(() => during.abort(reason), 1500);
    expect(await elapsed(rejection(waiting))).toBeLessThan(1500 + AT_ONCE_MS);
    expect(await rejection(waiting)).toBe(reason);
  });

  test.each([0, 50, 300, 600])("while workers are starting, after %d ms", async (ms) => {
    const stop = new AbortController();
    const dataset = loadDataset("org/numbers", { ...hub.options, signal: stop.signal });
    const waiting = rejection(
      new DataLoader(dataset, { workers: 4, batchSize: 10_000 })[Symbol.asyncIterator]().next(),
    );
    await delay(ms);
    stop.abort(reason);
    expect(await elapsed(waiting)).toBeLessThan(AT_ONCE_MS);
    expect(await waiting).toBe(reason);
  });

  test("but not after the last batch", async () => {
    const stop = new AbortController();
    const dataset = loadDataset("org/numbers", { ...hub.options, signal: stop.signal }).take(5);
    const batches = new DataLoader(dataset, { batchSize: 5, workers: 1 })[Symbol.asyncIterator]();
    for await (const { id } of batches) expect(id).toHaveLength(5);
    stop.abort(reason);
    expect(await batches.next()).toEqual({ done: true, value: undefined });
  });
});

test("workers stop reading while nobody takes what they read, and go on when it is taken", async () => {
  await using own = await hubWithNumbers(LARGE);
  const dataset = loadDataset("org/numbers", { ...own.options, memoryBudget: 2 * 1024 * 1024 });
  const batches = new DataLoader(dataset, { batchSize: 20, workers: 2, prefetchFactor: 1 })[Symbol.asyncIterator]();
  await batches.next();
  let last = 0;
  const unitsRead = async (): Promise<number> => {
    for (;;) {
      await delay(400);
      const { length } = own.server.log.filter(({ origin, range }) => origin === "cdn" && range !== undefined);
      if (length === last) return length;
      last = length;
    }
  };
  const read = await unitsRead();
  expect(read).toBeLessThan(20); // of 40 row groups and 4 footers
  for (let batch = 0; batch < 10; batch += 1) await batches.next();
  expect(await unitsRead()).toBeGreaterThan(read);
  await batches.return();
});

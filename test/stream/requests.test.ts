import { expect, test } from "vitest";
import { loadDataset } from "../../src/index.ts";
import type { RequestRecord } from "../../src/serve/index.ts";
import { hubWithNumbers, type TestHub } from "../helpers/hub-with-numbers.ts";
import { streamInChild } from "../helpers/run-node.ts";
import { writeFile } from "node:fs/promises";
import path from "node:path";

async function drain(rows: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const row of rows) if (row !== undefined) count += 1;
  return count;
}

/** Adds a dataset card to `org/numbers`. */
async function writeReadme({ root }: TestHub): Promise<void> {
  await writeFile(path.join(root, "org/numbers/README.md"), "---\nlicense: mit\n---\n# Numbers\n");
}

/** The longest chain of requests of which each was sent when the one before it was answered. */
function roundTrips(log: readonly RequestRecord[]): number {
  const depths: number[] = [];
  for (const [index, { time }] of log.entries()) {
    const isOver = (other: RequestRecord): boolean => other.time + (other.durationMs ?? Infinity) <= time + 5;
    const before = log.slice(0, index).map((other, at) => (isOver(other) ? (depths[at] ?? 0) : 0));
    depths.push(1 + Math.max(0, ...before));
  }
  return Math.max(0, ...depths);
}

test("the first row comes after four round trips: what there is, where the file is, its footer, its data", async () => {
  await using hub = await hubWithNumbers({ files: 1 });
  await writeReadme(hub);
  await fetch(`${hub.server.url}/api/datasets/org/numbers`); // the server hashes the files
  hub.server.clearLog();
  hub.server.setTraffic({ latencyMs: 100 });
  const options = { ...hub.options, prefetchDepth: 0 }; // nothing but what the first row needs
  const rows = loadDataset("org/numbers", options).rows();
  expect((await rows.next()).value).toMatchObject({ id: 0 });
  expect(roundTrips(hub.server.log)).toBe(4);
  await rows.return();
  hub.server.clearLog();
  const commit = (await loadDataset("org/numbers", hub.options).info()).commit;
  const cacheDir = `${hub.options.cacheDir}-other`;
  const pinned = loadDataset("org/numbers", { ...options, revision: commit, cacheDir }).rows();
  await pinned.next();
  expect(roundTrips(hub.server.log)).toBe(4);
  await pinned.return();
});

test("a cold start asks for the files, the top folder and the README at once, and reads one footer per file", async () => {
  await using hub = await hubWithNumbers({ files: 3, rowsPerFile: 100, rowsPerGroup: 20 });
  await writeReadme(hub);
  expect(await drain(loadDataset("org/numbers", hub.options))).toBe(300);
  const { info, tree, resolve, cdn, ...others } = hub.requests();
  expect({ info, tree }).toEqual({ info: 1, tree: 1 });
  expect(others).toEqual({});
  const readme = hub.server.log.filter(({ file }) => file?.endsWith("README.md"));
  expect(readme).toHaveLength(1);
  expect(resolve).toBe(1 + 3); // the README, and the address of each file
  expect(cdn).toBe(3 + 15); // footers, and row groups of one block each
});

test("a footer is read once per file, though the dataset is iterated several times", async () => {
  await using hub = await hubWithNumbers({ files: 2, rowsPerFile: 40, rowsPerGroup: 20 });
  const dataset = loadDataset("org/numbers", hub.options);
  await drain(dataset);
  const before = hub.server.log.length;
  await drain(dataset);
  await Promise.all([drain(dataset), drain(dataset)]);
  expect(hub.server.log.length - before).toBe(3 * 4); // the row groups alone
});

test("a second process asks the Hub for nothing but the addresses of files and their row groups", async () => {
  await using hub = await hubWithNumbers({ files: 2, rowsPerFile: 40, rowsPerGroup: 20 });
  await streamInChild("org/numbers", hub.options);
  hub.server.clearLog();
  const { count } = await streamInChild("org/numbers", hub.options);
  expect(count).toBe(80);
  expect(hub.requests()).toEqual({ resolve: 2, cdn: 4 });
});

test("a second process asks once whether a branch has moved when it is older than the TTL", async () => {
  await using hub = await hubWithNumbers({ files: 1 });
  await streamInChild("org/numbers", hub.options);
  hub.server.clearLog();
  await streamInChild("org/numbers", { ...hub.options, revisionTtlMs: 0 });
  const { info, tree } = hub.requests();
  expect({ info, tree }).toEqual({ info: 1, tree: undefined });
});

test("sixteen processes that start together cause one resolution", async () => {
  await using hub = await hubWithNumbers({ files: 2, rowsPerFile: 20, rowsPerGroup: 20 });
  await writeReadme(hub);
  hub.server.setTraffic({ latencyMs: 50 });
  const children = Array.from({ length: 16 }, () => streamInChild("org/numbers", hub.options));
  const counts = (await Promise.all(children)).map(({ count }) => count);
  expect(counts).toEqual(Array.from({ length: 16 }, () => 40));
  const { info, tree } = hub.requests();
  const readme = hub.server.log.filter(({ file }) => file?.endsWith("README.md"));
  expect({ info, tree, readme: readme.length }).toEqual({ info: 1, tree: 1, readme: 1 });
  const footers = hub.server.log.filter(({ origin }) => origin === "cdn").length - 16 * 2;
  expect(footers).toBe(2);
}, 60_000);

test("the address of a large file is asked for once, not once per range", async () => {
  await using hub = await hubWithNumbers({ files: 1, rowsPerFile: 4000, rowsPerGroup: 4000 });
  await drain(loadDataset("org/numbers", { ...hub.options, blockSize: 4096 }));
  expect(hub.server.log.filter(({ method }) => method === "HEAD")).toHaveLength(1);
  expect(hub.requests()["cdn"]).toBeGreaterThan(10);
});

test("the token goes to the Hub and never to the store that it redirects to", async () => {
  await using hub = await hubWithNumbers({ files: 1 });
  await drain(loadDataset("org/numbers", { ...hub.options, token: "hf_secret" }));
  expect(
    hub.server.log.filter(({ origin }) => origin === "hub").every(({ hasAuthorization }) => hasAuthorization),
  ).toBe(true);
  expect(hub.server.log.filter(({ origin }) => origin === "cdn").some(({ hasAuthorization }) => hasAuthorization)).toBe(
    false,
  );
});

test("columns that are not selected are not fetched", async () => {
  await using hub = await hubWithNumbers({ files: 1, rowsPerFile: 100, rowsPerGroup: 100, textBytes: 5000 });
  const all = loadDataset("org/numbers", hub.options).rows();
  await drain(all);
  const one = loadDataset("org/numbers", { ...hub.options, columns: ["id"] }).rows();
  await drain(one);
  expect(all.stats.bytesFetched).toBeGreaterThan(10_000);
  expect(one.stats.bytesFetched).toBeLessThan(3000);
});

test("skipping rows reads footers but none of the skipped row groups", async () => {
  await using hub = await hubWithNumbers({ files: 4, rowsPerFile: 100, rowsPerGroup: 20 });
  const found: unknown[] = [];
  for await (const row of loadDataset("org/numbers", hub.options).skip(345).take(2)) found.push(row["id"]);
  expect(found).toEqual([345, 346]);
  expect(hub.requests()["cdn"]).toBe(4 + 1);
});

import { expect, test } from "vitest";
import { loadDataset } from "../../src/index.ts";
import type { RequestRecord } from "../../src/serve/index.ts";
import { hubWithNumbers } from "../helpers/hub-with-numbers.ts";

/** How many row groups were asked for when the first row had come and nothing more was asked of the iterator. */
async function unitsAskedFor(options: {
  readonly prefetchDepth: number;
  readonly memoryBudget?: number;
}): Promise<number> {
  await using hub = await hubWithNumbers({ files: 6, rowsPerFile: 400, rowsPerGroup: 400, textBytes: 200 });
  const rows = loadDataset("org/numbers", { ...hub.options, ...options }).rows();
  await rows.next();
  // A row group begins behind the magic number.
  const count = (): number => hub.server.log.filter(({ range }) => range?.startsWith("bytes=4-") === true).length;
  for (let before = -1; before !== count();) {
    before = count();
    await new Promise((resolve) => setTimeout(resolve, 700));
  }
  await rows.return();
  return count();
}

test("at least `prefetchDepth` row groups are fetched ahead, across file borders, and three times as many at first", async () => {
  expect(await unitsAskedFor({ prefetchDepth: 0 })).toBe(1);
  const few = await unitsAskedFor({ prefetchDepth: 1 });
  expect(few).toBeGreaterThanOrEqual(2);
  expect(few).toBeLessThanOrEqual(4);
  expect(await unitsAskedFor({ prefetchDepth: 4 })).toBeGreaterThanOrEqual(5);
});

test("a row group over the memory budget goes through alone, and none is fetched ahead of it", async () => {
  await using hub = await hubWithNumbers({ files: 3, rowsPerFile: 4000, rowsPerGroup: 4000, textBytes: 1000 });
  const rows = loadDataset("org/numbers", { ...hub.options, memoryBudget: 1024 * 1024 }).rows();
  await rows.next();
  await new Promise((resolve) => setTimeout(resolve, 300));
  const units = hub.server.log.filter(
    ({ origin, range }) => origin === "cdn" && range?.startsWith("bytes=4-") === true,
  );
  expect(units).toHaveLength(1);
  let count = 1;
  for await (const row of rows) if (row !== undefined) count += 1;
  expect(count).toBe(12_000);
});

test("nothing else is asked for before the first slice is there: no other file, no other row group, no more of its own", async () => {
  const isFirst = ({ range }: RequestRecord): boolean => range?.startsWith("bytes=4-") === true;
  for (const [textBytes, mostBytes] of [
    [200, Infinity],
    [5000, 2_000_000],
  ] as const) {
    await using hub = await hubWithNumbers({ files: 3, rowsPerFile: 4000, rowsPerGroup: 2000, textBytes });
    hub.server.inject({ match: isFirst, latencyMs: 500 });
    const rows = loadDataset("org/numbers", hub.options).rows();
    await rows.next();
    const { log } = hub.server;
    const first = log.findIndex(isFirst);
    await expect.poll(() => hub.server.log.length, { timeout: 20_000 }).toBeGreaterThan(first + 1);
    const { time, bytesSent } = log[first] as RequestRecord;
    expect(log.slice(0, first).filter(({ path }) => path.includes("00001-of"))).toEqual([]);
    expect(hub.server.log.slice(first + 1).filter((later) => later.time < time + 495)).toEqual([]);
    expect(bytesSent).toBeLessThan(mostBytes);
    await rows.return();
  }
});

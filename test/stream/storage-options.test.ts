import path from "node:path";
import { expect, test } from "vitest";
import { listCache } from "../../src/cache/inventory.ts";
import { demoRoot, makeDemoDataset } from "../../src/cli/demo-dataset.ts";
import { loadDataset } from "../../src/index.ts";
import { startHubServer } from "../../src/serve/index.ts";
import { hubWithNumbers } from "../helpers/hub-with-numbers.ts";
import { makeFolder } from "../helpers/temporary-folder.ts";

async function ids(rows: AsyncIterable<Record<string, unknown>>): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const row of rows) found.push(row["id"]);
  return found;
}

test("without streaming each file is downloaded once, whole, and then read from the cache", async () => {
  await using hub = await hubWithNumbers({ files: 2, rowsPerFile: 50, rowsPerGroup: 10 });
  const options = { ...hub.options, streaming: false };
  expect(await ids(loadDataset("org/numbers", options))).toEqual(Array.from({ length: 100 }, (_, id) => id));
  expect(hub.requests()).toMatchObject({ cdn: 2, resolve: 1 + 2 }); // the README, which is not there, and the addresses
  hub.server.clearLog();
  expect(await ids(loadDataset("org/numbers", options).skip(95))).toEqual([95, 96, 97, 98, 99]);
  expect(hub.requests()).toEqual({});
  const copies: string[] = [];
  for await (const { file, kind } of listCache(hub.options.cacheDir)) if (kind === "copy") copies.push(file);
  expect(copies).toHaveLength(2);
});

test("without streaming, files that the cache cannot keep are read where they are", async () => {
  await using hub = await hubWithNumbers({ files: 1 });
  await using folder = await makeFolder({ file: "" });
  const cacheDir = path.join(folder.path, "file");
  const found = await ids(loadDataset("org/numbers", { ...hub.options, cacheDir, streaming: false }));
  expect(found).toEqual(Array.from({ length: 100 }, (_, id) => id));
});

test("without streaming `onBadFile: 'skip'` leaves out a file that cannot be downloaded", async () => {
  await using hub = await hubWithNumbers({ files: 2, rowsPerFile: 10 });
  hub.server.inject({ match: { route: "resolve", path: "train-00000" }, status: 404, times: Infinity });
  const rows = loadDataset("org/numbers", { ...hub.options, streaming: false, onBadFile: "skip" }).rows();
  expect(await ids(rows)).toEqual(Array.from({ length: 10 }, (_, id) => id + 10));
  expect(rows.stats.skippedFiles).toMatchObject([{ path: "data/train-00000-of-00002.parquet" }]);
});

test("images are decoded to pixels by sharp where that is asked for", async () => {
  await using folder = await makeFolder();
  await makeDemoDataset(folder.path);
  await using server = await startHubServer({ root: demoRoot(folder.path) });
  const options = { endpoint: server.url, cacheDir: path.join(folder.path, "cache"), decodeMedia: true };
  let seen = 0;
  for await (const row of loadDataset("hfstream/demo-vision", options)
    .select(["images", "rating"])
    .rename({ images: "pictures" })
    .take(3)) {
    for (const picture of row["pictures"] as { data: Uint8Array; width: number; height: number; channels: number }[]) {
      expect(picture).toMatchObject({ width: 96, height: 96, channels: 3 });
      expect(picture.data).toHaveLength(96 * 96 * 3);
      seen += 1;
    }
    expect(typeof row["rating"]).toBe("number");
  }
  expect(seen).toBeGreaterThanOrEqual(3);
});

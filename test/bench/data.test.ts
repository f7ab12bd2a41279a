import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { benchCases } from "../../bench/data/cases.ts";
import { makeDataset } from "../../bench/data/dataset.ts";
import { loadDataset } from "../../src/index.ts";

const folder = await mkdtemp(path.join(tmpdir(), "hfstream-bench-data-"));
afterAll(async () => await rm(folder, { recursive: true, force: true }));

test.each(benchCases(0.002))("$name has the same bytes each time, and all its rows", async (bench) => {
  const first = await makeDataset(path.join(folder, "first"), bench);
  const second = await makeDataset(path.join(folder, "second"), bench);
  const file = path.join("data", `train-00003-of-00004.parquet`);
  expect(await readFile(path.join(first.folder, file))).toEqual(await readFile(path.join(second.folder, file)));
  expect(first).toMatchObject({ id: `bench/${bench.name}`, files: 4, rows: 4 * bench.rowsPerFile });
  const dataset = loadDataset(first.folder, { cacheDir: path.join(folder, "cache"), decodeThreads: 0 });
  let rows = 0;
  for await (const row of dataset) rows += Object.keys(row).length > 1 ? 1 : 0;
  expect(rows).toBe(first.rows);
});

test("a dataset that lies there is used as it is", async () => {
  const [bench] = benchCases(0.002);
  if (bench === undefined) throw new Error("no case");
  const root = path.join(folder, "reused");
  const made = await makeDataset(root, bench);
  const found = await makeDataset(root, { ...bench, makeTable: () => expect.unreachable("made again") });
  expect(found).toEqual(made);
});

test("copies are all like the first file", async () => {
  const [bench] = benchCases(0.002);
  if (bench === undefined) throw new Error("no case");
  const { folder: made } = await makeDataset(path.join(folder, "copies"), { ...bench, copies: true });
  const read = async (file: number): Promise<Buffer> =>
    await readFile(path.join(made, "data", `train-0000${file}-of-00004.parquet`));
  expect(await read(3)).toEqual(await read(0));
});

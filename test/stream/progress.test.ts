import { expect, test } from "vitest";
import { loadDataset, type Progress } from "../../src/index.ts";
import { hubWithNumbers } from "../helpers/hub-with-numbers.ts";

test("reading all footers tells how many files are done of how many", async () => {
  await using hub = await hubWithNumbers({ files: 3 });
  for (const work of ["info", "numRows", "shuffle"] as const) {
    const told: Progress[] = [];
    const onProgress = (progress: Progress): void => void told.push(progress);
    const cacheDir = `${hub.options.cacheDir}-${work}`;
    const dataset = loadDataset("org/numbers", { ...hub.options, cacheDir, onProgress });
    if (work === "info") await dataset.info({ scan: true });
    else if (work === "numRows") expect(await dataset.numRows()).toBe(300);
    else await dataset.shuffle().rows().next();
    expect(told).toEqual([0, 1, 2, 3].map((done) => ({ stage: "footers", done, total: 3, unit: "files" })));
  }
});

test("downloading tells bytes, to the last one, also of what is there already", async () => {
  await using hub = await hubWithNumbers({ files: 2 });
  const told: Progress[] = [];
  const onProgress = (progress: Progress): void => void told.push(progress);
  const options = { ...hub.options, streaming: false, onProgress };
  const { numBytes } = await loadDataset("org/numbers", options).info();
  const done = told.map((progress) => progress.done);
  expect(done[0]).toBe(0);
  expect(done.at(-1)).toBe(numBytes);
  expect(done).toEqual([...done].sort((a, b) => a - b));
  expect(new Set(told.map(({ stage, total, unit }) => `${stage} ${total} ${unit}`))).toEqual(
    new Set([`download ${numBytes} bytes`]),
  );
  told.length = 0;
  await loadDataset("org/numbers", options).info();
  expect(told.at(-1)?.done).toBe(numBytes);
});

test("what the function throws ends the work", async () => {
  await using hub = await hubWithNumbers({ files: 2 });
  const onProgress = (): never => {
    throw new Error("enough");
  };
  await expect(loadDataset("org/numbers", { ...hub.options, onProgress }).info({ scan: true })).rejects.toThrow(
    "enough",
  );
});

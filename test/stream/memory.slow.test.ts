import { randomFillSync } from "node:crypto";
import { link, mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Binary, Table, vectorFromArray } from "apache-arrow";
import { expect, test } from "vitest";
import { writeParquetFile } from "../../src/cli/demo-dataset.ts";
import { startHubServer } from "../../src/serve/index.ts";
import { runNode } from "../helpers/run-node.ts";
import { makeFolder } from "../helpers/temporary-folder.ts";

const MIB = 1024 * 1024;
const ROWS_PER_FILE = 1000;
const IMAGE_BYTES = 128_000;
const FILES = 16;

test("two gigabytes of images stream within the memory budget of 256 MiB and 200 MB for the process", async () => {
  await using folder = await makeFolder();
  const data = path.join(folder.path, "hub/org/images/data");
  await mkdir(data, { recursive: true });
  const images = Array.from({ length: ROWS_PER_FILE }, () => randomFillSync(new Uint8Array(IMAGE_BYTES)));
  const first = path.join(data, "train-00000-of-00016.parquet");
  await writeFile(first, await writeParquetFile(new Table({ image: vectorFromArray(images, new Binary()) }), 250));
  for (let file = 1; file < FILES; file += 1) {
    await link(first, path.join(data, `train-${`${file}`.padStart(5, "0")}-of-00016.parquet`)); // the same bytes, read anew
  }
  await using server = await startHubServer({ root: path.join(folder.path, "hub") });
  const options = { endpoint: server.url, cacheDir: path.join(folder.path, "cache"), memoryBudget: 256 * MIB };
  const child = fileURLToPath(new URL("../helpers/memory-child.js", import.meta.url));
  const { code, stdout, stderr } = await runNode(child, ["org/images", JSON.stringify(options)]);
  expect(stderr).toBe("");
  expect(code).toBe(0);
  const { rows, bytes, peakRssBytes } = JSON.parse(stdout) as { rows: number; bytes: number; peakRssBytes: number };
  expect(rows).toBe(FILES * ROWS_PER_FILE);
  expect(bytes).toBe(FILES * ROWS_PER_FILE * IMAGE_BYTES);
  expect(peakRssBytes).toBeLessThan(256 * MIB + 200e6);
}, 180_000);

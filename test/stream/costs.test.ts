import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Binary, Table, tableFromArrays, vectorFromArray } from "apache-arrow";
import { beforeAll, afterAll, expect, test } from "vitest";
import { randomFrom, writeParquetFile } from "../../src/cli/demo-dataset.ts";
import { type HubServer, startHubServer } from "../../src/serve/index.ts";
import { makeFolder, type TemporaryFolder } from "../helpers/temporary-folder.ts";

const FILES = 2; // of the same bytes: one footer serves both
const GROUPS = 4;
const ROWS = 4000; // of a file
const MANY_ROWS = 100_000;

interface Cost {
  readonly rows: number;
  readonly requests: number;
  readonly bytesFetched: number;
  readonly copiedBytes: number;
  readonly heapBytes: number;
}

let folder: TemporaryFolder;
let server: HubServer;
const sizes = new Map<string, number>();

beforeAll(async () => {
  folder = await makeFolder();
  const random = randomFrom(7);
  const words = Array.from({ length: 500 }, (_, word) => (word * 7919).toString(36));
  const text = Array.from({ length: ROWS }, () =>
    Array.from({ length: 150 }, () => words[Math.floor(random() * words.length)]).join(" "),
  );
  const numbers = (length: number): { id: Int32Array; score: Float64Array } => ({
    id: Int32Array.from({ length }, (_, row) => row),
    score: Float64Array.from({ length }, random),
  });
  const image = Array.from({ length: ROWS }, () => Uint8Array.from({ length: 2000 }, () => Math.floor(random() * 256)));
  await write("text", tableFromArrays({ ...numbers(ROWS), text }));
  await write("numbers", tableFromArrays(numbers(MANY_ROWS)));
  await write("images", new Table({ image: vectorFromArray(image, new Binary()) }));
  server = await startHubServer({ root: path.join(folder.path, "hub") });
});

afterAll(async () => {
  await server.close();
  await folder[Symbol.asyncDispose]();
});

async function write(name: string, table: Table): Promise<void> {
  const data = path.join(folder.path, "hub/org", name, "data");
  await mkdir(data, { recursive: true });
  const file = await writeParquetFile(table, table.numRows / GROUPS, "SNAPPY");
  for (let index = 0; index < FILES; index += 1)
    await writeFile(path.join(data, `train-0000${index}-of-0000${FILES}.parquet`), file);
  sizes.set(name, FILES * file.length);
}

async function costOf(name: string): Promise<Cost & { readonly fileBytes: number }> {
  const cacheDir = path.join(folder.path, "cache", name);
  const options = { endpoint: server.url, token: false, cacheDir, decodeThreads: 0 };
  const child = fileURLToPath(new URL("../helpers/cost-child.js", import.meta.url));
  const flags = ["--expose-gc", "--min-semi-space-size=256", "--max-semi-space-size=256"];
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...flags,
    child,
    `org/${name}`,
    JSON.stringify(options),
  ]);
  return { ...(JSON.parse(stdout) as Cost), fileBytes: sizes.get(name) ?? NaN };
}

// What no machine changes: a number that grows here is a cost that everybody pays.
test.each([
  ["text", { copiesPerByte: 5.5, heapPerRow: 2400 }],
  ["numbers", { copiesPerByte: 5, heapPerRow: 450 }],
  ["images", { copiesPerByte: 4.5, heapPerRow: 1600 }],
])("streaming %s keeps to its requests, bytes, copies and heap", async (name, most) => {
  const { rows, requests, bytesFetched, copiedBytes, heapBytes, fileBytes } = await costOf(name);
  expect(rows).toBe(FILES * (name === "numbers" ? MANY_ROWS : ROWS));
  expect(requests).toBe(3 + 1 + FILES * (1 + GROUPS)); // the dataset, the footer; of each file its address and row groups
  expect(bytesFetched).toBeLessThan(fileBytes * 1.02 + FILES * 140_000);
  expect(copiedBytes / fileBytes).toBeLessThan(most.copiesPerByte);
  expect(heapBytes / rows).toBeLessThan(most.heapPerRow);
});

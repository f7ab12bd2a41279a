import { createHash } from "node:crypto";
import { cp, readFile } from "node:fs/promises";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startHubServer, type HubServer } from "../../src/serve/index.ts";
import type { LoadDatasetOptions } from "../../src/stream/options.ts";
import { loadDataset } from "../../src/stream/load-dataset.ts";
import { RowDecoder } from "../../src/stream/arrow/row-decoder.ts";
import { makeFolder, type TemporaryFolder } from "../helpers/temporary-folder.ts";
import {
  collect,
  type Fixture,
  fixtureFolder,
  fixtureNames,
  parsedJson,
  pick,
  readFixture,
  type Row,
} from "./fixture.ts";

/** Values as they are in the file. */
const exact = { int64: "bigint", temporal: "bigint" } as const;
const fixtures = fixtureNames.map(readFixture);

let folder: TemporaryFolder;
let server: HubServer;

beforeAll(async () => {
  folder = await makeFolder();
  await cp(fixtureFolder, path.join(folder.path, "repos/org/fixtures"), { recursive: true });
  server = await startHubServer({ root: path.join(folder.path, "repos") });
});

afterAll(async () => {
  await server.close();
  await folder[Symbol.asyncDispose]();
});

function local(name: string, options: LoadDatasetOptions = {}) {
  return loadDataset<Row>(fixtureFolder, { ...common(), dataFiles: `${name}.parquet`, ...options });
}

/** The file by its whole path, which lists no folder. */
function single(name: string, options: LoadDatasetOptions = {}) {
  return loadDataset<Row>("parquet", {
    ...common(),
    dataFiles: path.join(fixtureFolder, `${name}.parquet`),
    ...options,
  });
}

function common(): LoadDatasetOptions {
  return { cacheDir: path.join(folder.path, "cache"), decodeThreads: 0, ...exact };
}

function remote(name: string, options: LoadDatasetOptions = {}) {
  return loadDataset<Row>("org/fixtures", {
    ...common(),
    dataFiles: `${name}.parquet`,
    endpoint: server.url,
    token: false,
    ...options,
  });
}

/** Compares exactly: -0 is not 0, and values are of the same class. */
function expectRows(rows: readonly unknown[], expected: readonly unknown[]): void {
  if (!isDeepStrictEqual(rows, expected)) expect(rows).toStrictEqual(expected);
}

test.each([".", "filters"])("The files of fixtures/%s are those whose checksums the script noted", async (part) => {
  const lines = (await readFile(path.join(fixtureFolder, part, "checksums.txt"), "utf8")).trimEnd().split("\n");
  for (const line of lines) {
    const [sum, name] = line.split("  ") as [string, string];
    const hash = createHash("sha256").update(await readFile(path.join(fixtureFolder, part, name)));
    expect(hash.digest("hex"), name).toBe(sum);
  }
});

describe.each(fixtures)("$name", ({ name, columns, rows: stored }: Fixture) => {
  const rows = parsedJson(name, stored);

  test("gives the rows that Python reads, from a folder", async () => {
    const found = await collect(local(name));
    expectRows(found, rows);
    for (const row of found) expect(Object.keys(row).sort()).toEqual([...columns].sort());
  });

  test("gives the same rows from the Hub, by threads and in small requests", async () => {
    expectRows(await collect(remote(name, { decodeThreads: 2, blockSize: 4096 })), rows);
  });

  test("gives the same values when one column is read alone", async () => {
    for (const column of columns) {
      const found = await collect(single(name, { columns: [column] }));
      expectRows(
        found,
        rows.map((row) => pick(row, [column])),
      );
    }
  });

  test.each([1, 3, 7, 1000, undefined])("gives the same values in batches of %s rows", async (batchSize) => {
    const decoder = new RowDecoder(
      columns.map((column) => ({ name: column, source: column })),
      exact,
    );
    const batches = await collect(single(name).batches({ batchSize }));
    const sizes = batches.map(({ numRows }) => numRows);
    if (batchSize !== undefined) {
      expect(sizes.slice(0, -1).every((size) => size === batchSize)).toBe(true);
      expect(sizes.length).toBe(Math.ceil(rows.length / batchSize));
    }
    const found = batches.flatMap((batch) =>
      Array.from({ length: batch.numRows }, (_, row) => decoder.reader(batch)(row)),
    );
    expectRows(found, stored);
  });

  test("gives any slice of the rows", async () => {
    const { length } = rows;
    for (const [start, end] of [
      [0, 1],
      [1, 2],
      [length >> 1, length],
      [length - 1, length],
      [length >> 2, length >> 1],
    ]) {
      expectRows(
        await collect(single(name).slice(Math.max(0, start as number), end)),
        rows.slice(Math.max(0, start as number), end),
      );
    }
  });
});

test.each(["row-groups", "row-groups-200", "empty-row-groups", "bloom", "paged-v2"])(
  "%s gives the same rows whatever is fetched ahead",
  async (name) => {
    const { rows } = readFixture(name);
    for (const prefetchDepth of [0, 1, 5]) expectRows(await collect(remote(name, { prefetchDepth })), rows);
  },
);

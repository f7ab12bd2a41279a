import { mkdir, rename, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { tableFromArrays } from "apache-arrow";
import { describe, expect, test } from "vitest";
import { writeParquetFile } from "../../src/cli/demo-dataset.ts";
import {
  getDatasetConfigNames,
  getDatasetSplitNames,
  type HfStreamError,
  loadDataset,
  type LoadDatasetOptions,
} from "../../src/index.ts";
import { hubWithNumbers } from "../helpers/hub-with-numbers.ts";
import { writeNumbers } from "../helpers/numbers-dataset.ts";

async function failure(work: () => unknown): Promise<HfStreamError> {
  try {
    const result = await work();
    if (typeof result === "object" && result !== null && Symbol.asyncIterator in result) {
      for await (const row of result as AsyncIterable<unknown>) void row;
    }
  } catch (error) {
    return error as HfStreamError;
  }
  throw new Error("nothing failed");
}

describe("a dataset that cannot be had", () => {
  test.each([
    ["a name that is not on the Hub", "org/absent", {}, "DATASET_NOT_FOUND", /org\/absent.*HF_TOKEN/],
    ["a revision that is not there", "org/numbers", { revision: "v9" }, "REVISION_NOT_FOUND", /v9/],
    ["a config that is not there", "org/numbers", { config: "xx" }, "CONFIG_NOT_FOUND", /xx.*default/],
    ["a split that is not there", "org/numbers", { split: "test" }, "SPLIT_NOT_FOUND", /test.*train/],
    [
      "a column that is not there",
      "org/numbers",
      { columns: ["id", "idd"] },
      "COLUMN_NOT_FOUND",
      /'idd'.*id, text, half/,
    ],
    [
      "a filter on a column that is not there",
      "org/numbers",
      { filters: [["no", "==", 1]] },
      "COLUMN_NOT_FOUND",
      /'no'/,
    ],
    ["a filter of another type", "org/numbers", { filters: [["id", "==", "one"]] }, "INVALID_OPTION", /id.*number/],
    ["a data file that is not there", "org/numbers", { dataFiles: "data/x.parquet" }, "ENTRY_NOT_FOUND", /x\.parquet/],
    ["a pattern that finds nothing", "org/numbers", { dataFiles: "no*.parquet" }, "NO_DATA_FILES", /no\*/],
    ["a name that can be none", "a/b/c", {}, "INVALID_OPTION", /a\/b\/c.*org\/name/],
    ["a local folder that is not there", "./no-such-folder", {}, "DATASET_NOT_FOUND", /no-such-folder/],
  ] as [string, string, LoadDatasetOptions, string, RegExp][])("%s says so", async (_, id, options, code, message) => {
    await using hub = await hubWithNumbers({ files: 1 });
    const error = await failure(() => loadDataset(id, { ...hub.options, ...options }));
    expect(error).toMatchObject({ name: "HfStreamError", code });
    expect(error.message).toMatch(message);
  });

  test("a gated dataset says where to ask for access, with a token and without", async () => {
    await using hub = await hubWithNumbers({}, { access: { "org/numbers": { gated: "manual" } }, tokens: ["hf_mine"] });
    for (const token of [false, "hf_mine"] as const) {
      const error = await failure(() => loadDataset("org/numbers", { ...hub.options, token }));
      expect(error.code).toBe("GATED_DATASET");
      expect(error.message).toMatch(/gated.*access/);
      expect(error.message).not.toContain("hf_mine");
    }
  });

  test("several configs without a default are named", async () => {
    await using hub = await hubWithNumbers({ files: 1 });
    const card = ["a", "b"].map((name) => `- config_name: ${name}\n  data_files: data/train-*`).join("\n");
    await writeFile(path.join(hub.root, "org/numbers/README.md"), `---\nconfigs:\n${card}\n---\n`);
    const error = await failure(() => loadDataset("org/numbers", hub.options));
    expect(error).toMatchObject({ code: "CONFIG_REQUIRED", message: expect.stringMatching(/'a'.*'b'/) as string });
    expect(await getDatasetConfigNames("org/numbers", hub.options)).toEqual(["a", "b"]);
  });

  test("several splits without train are named", async () => {
    await using hub = await hubWithNumbers({ files: 1 });
    await rename(path.join(hub.root, "org/numbers"), path.join(hub.root, "org/gone"));
    await writeNumbers(path.join(hub.root, "org/two"), { files: 1, split: "test" });
    await writeNumbers(path.join(hub.root, "org/two"), { files: 1, split: "dev" });
    const error = await failure(() => loadDataset("org/two", hub.options));
    expect(error).toMatchObject({ code: "SPLIT_REQUIRED", message: expect.stringMatching(/'test'.*'dev'/) as string });
  });

  test("what cannot be read is refused, and the Hub's conversion named only where there is one", async () => {
    await using hub = await hubWithNumbers({ files: 1 });
    const numbers = path.join(hub.root, "org/numbers");
    await writeFile(path.join(numbers, "numbers.py"), "# a loading script\n");
    await mkdir(path.join(hub.root, "org/table"));
    await writeFile(path.join(hub.root, "org/table/a.csv"), "a\n1\n");
    const unread = async (id: string, options: object = hub.options): Promise<string> => {
      const error = await failure(() => loadDataset(id, options));
      expect(error.code).toBe("UNSUPPORTED_FORMAT");
      return error.message;
    };
    expect(await unread("org/numbers")).toMatch(/made by a script.*found numbers\.py\.$/);
    expect(await unread("org/table")).toMatch(/'csv', which cannot be read yet; Parquet can\.$/);
    expect(await unread(numbers, {})).toMatch(/found numbers\.py\.$/);

    for (const id of ["numbers", "table"])
      await writeNumbers(path.join(hub.root, `org/${id}@refs%2Fconvert%2Fparquet`), { files: 1 });
    const advice = /The Hub's conversion can be read: `revision: 'refs\/convert\/parquet'`\.$/;
    expect(await unread("org/numbers")).toMatch(advice);
    expect(await unread("org/table")).toMatch(advice);
    for (const names of [getDatasetConfigNames, getDatasetSplitNames])
      await expect(names("org/numbers", hub.options)).rejects.toThrow(advice);
    expect(await getDatasetSplitNames("org/numbers", { ...hub.options, revision: "refs/convert/parquet" })).toEqual([
      "train",
    ]);
  });

  test("a repo without data files is not an empty dataset", async () => {
    await using hub = await hubWithNumbers({ files: 1 });
    await mkdir(path.join(hub.root, "org/bare"));
    await writeFile(path.join(hub.root, "org/bare/README.md"), "# nothing\n");
    expect(await failure(() => loadDataset("org/bare", hub.options))).toMatchObject({ code: "NO_DATA_FILES" });
  });
});

describe("wrong options", () => {
  test.each([
    ["an unknown option", { colums: ["id"] }, /colums/],
    ["a negative prefetch", { prefetchDepth: -1 }, /prefetchDepth.*at least 0.*-1/],
    ["a block size as text", { blockSize: "8MB" }, /blockSize.*'8MB'/],
    ["a split that cannot be read", { split: "train[10%" }, /split/],
    ["an operator that is none", { filters: [["id", "~", 1]] }, /operator/],
    ["an endpoint without http", { endpoint: "localhost:1" }, /endpoint.*http/],
    ["columns as text", { columns: "id" }, /columns.*list/],
  ] as [string, LoadDatasetOptions, RegExp][])(
    "%s fails at the call, saying what was expected",
    (_, options, message) => {
      expect(() => loadDataset("org/numbers", options)).toThrow(
        expect.objectContaining({ code: "INVALID_OPTION" }) as Error,
      );
      expect(() => loadDataset("org/numbers", options)).toThrow(message);
    },
  );

  test("a method's argument fails at the call too", () => {
    const dataset = loadDataset("org/numbers");
    for (const call of [
      () => dataset.take(-1),
      () => dataset.slice(1.5),
      () => dataset.select([]),
      () => dataset.batch(0),
      () => dataset.batches({ batchSize: 0 }),
      () => dataset.map("x" as never),
      () => dataset.map(() => ({}), { concurency: 2 } as never),
      () => dataset.filter("x" as never),
    ]) {
      expect(call).toThrow(expect.objectContaining({ code: "INVALID_OPTION" }) as Error);
    }
  });
});

describe("files that are not as they should be", () => {
  test("a file that is cut short is named, or skipped and counted", async () => {
    await using hub = await hubWithNumbers({ files: 3, rowsPerFile: 40, rowsPerGroup: 20 });
    await truncate(path.join(hub.root, "org/numbers/data/train-00001-of-00003.parquet"), 500);
    const error = await failure(() => loadDataset("org/numbers", hub.options));
    expect(error).toMatchObject({
      code: "CORRUPT_FILE",
      message: expect.stringContaining("train-00001-of-00003") as string,
    });
    const rows = loadDataset("org/numbers", { ...hub.options, onBadFile: "skip" }).rows();
    const found: unknown[] = [];
    for await (const row of rows) found.push(row["id"]);
    expect(found).toEqual([
      ...Array.from({ length: 40 }, (_, id) => id),
      ...Array.from({ length: 40 }, (_, id) => 80 + id),
    ]);
    expect(rows.stats.skipped).toBe(1);
    expect(rows.stats.skippedFiles[0]?.path).toContain("train-00001-of-00003");
    const shuffled = loadDataset("org/numbers", { ...hub.options, onBadFile: "skip" }).shuffle();
    for (const iterator of [shuffled.rows(), shuffled.rows()]) {
      let count = 0;
      for await (const row of iterator) count += Object.keys(row).length > 0 ? 1 : 0;
      expect([count, iterator.stats.skipped]).toEqual([80, 1]);
    }
  });

  test("a file that is sound, but cannot be read here, is no bad file", async () => {
    await using hub = await hubWithNumbers({ files: 2, rowsPerFile: 40 });
    const encrypted = Buffer.concat([Buffer.from("PARE"), Buffer.alloc(60), Buffer.from("PARE")]);
    await writeFile(path.join(hub.root, "org/numbers/data/train-00001-of-00002.parquet"), encrypted);
    const error = await failure(() => loadDataset("org/numbers", { ...hub.options, onBadFile: "skip" }));
    expect(error).toMatchObject({ code: "UNSUPPORTED_FORMAT", path: expect.stringContaining("train-00001") as string });
  });

  test("a file that changes while it is read is an error, not a mixture", async () => {
    await using hub = await hubWithNumbers({ files: 1, rowsPerFile: 400, rowsPerGroup: 20, textBytes: 500 });
    const rows = loadDataset("org/numbers", { ...hub.options, prefetchDepth: 0 }).rows();
    await rows.next();
    await writeNumbers(path.join(hub.root, "org/numbers"), {
      files: 1,
      rowsPerFile: 300,
      rowsPerGroup: 20,
      textBytes: 400,
    });
    const error = await failure(() => rows);
    expect(error).toMatchObject({
      code: "FILE_CHANGED",
      message: expect.stringContaining("train-00000-of-00001") as string,
    });
  });

  test("another ETag for the same address is an error after one more look", async () => {
    await using hub = await hubWithNumbers({ files: 1, rowsPerFile: 400, rowsPerGroup: 20 });
    const rows = loadDataset("org/numbers", { ...hub.options, prefetchDepth: 0 }).rows();
    await rows.next();
    hub.server.inject({ match: { origin: "cdn" }, changeEtag: true, times: 50 });
    expect(await failure(() => rows)).toMatchObject({ code: "FILE_CHANGED" });
  });

  test("columns that a later file lacks are null; one more, or of another kind, is told with file and column", async () => {
    await using hub = await hubWithNumbers({ files: 1 });
    const data = path.join(hub.root, "org/drift/data");
    await mkdir(data, { recursive: true });
    const files = [
      { a: Int32Array.from([1]), b: ["x"] },
      { a: Float64Array.from([2]) },
      { a: Int32Array.from([3]), b: ["y"], c: ["more"] },
    ];
    for (const [index, columns] of files.entries()) {
      await writeFile(
        path.join(data, `train-0000${index}-of-00003.parquet`),
        await writeParquetFile(tableFromArrays(columns), 10),
      );
    }
    const first = loadDataset("org/drift", hub.options).rows();
    expect((await first.next()).value).toEqual({ a: 1, b: "x" });
    expect((await first.next()).value).toEqual({ a: 2, b: null });
    expect(await failure(() => first)).toMatchObject({
      code: "SCHEMA_MISMATCH",
      message: expect.stringMatching(/00002.*'c'/) as string,
    });
    const chosen: unknown[] = [];
    for await (const row of loadDataset("org/drift", { ...hub.options, columns: ["b"] })) chosen.push(row["b"]);
    expect(chosen).toEqual(["x", null, "y"]);
  });

  test("the Hub failing for longer than `maxOutageMs` ends the wait, telling how long it tried", async () => {
    await using hub = await hubWithNumbers({ files: 1 });
    hub.server.inject({ match: { route: "tree" }, status: 503, times: 1000 });
    const error = await failure(() => loadDataset("org/numbers", { ...hub.options, maxOutageMs: 300 }));
    expect(error).toMatchObject({
      code: "HUB_UNAVAILABLE",
      status: 503,
      message: expect.stringMatching(/gave up after \d+ tr/) as string,
    });
  });

  test("offline, what the cache lacks is told, and what it has is used", async () => {
    await using hub = await hubWithNumbers({ files: 1 });
    expect(await failure(() => loadDataset("org/numbers", { ...hub.options, offline: true }))).toMatchObject({
      code: "OFFLINE",
    });
    await loadDataset("org/numbers", hub.options).info();
    expect(await loadDataset("org/numbers", { ...hub.options, offline: true }).numRows()).toBe(100);
  });
});

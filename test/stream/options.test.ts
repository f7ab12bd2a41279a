import { afterEach, expect, test, vi } from "vitest";
import { loadDataset } from "../../src/index.ts";
import { hubWithNumbers } from "../helpers/hub-with-numbers.ts";

const dataset = loadDataset("org/numbers", { token: false });

afterEach(() => vi.unstubAllEnvs());

test.each<[string, () => unknown, RegExp]>([
  [
    "a name that is none",
    () => loadDataset("a/b", { colums: ["id"] } as object),
    /^loadDataset\(id, \{ colums \}\): there is no option `colums`: did you mean columns\?/,
  ],
  [
    "a text for a list",
    () => loadDataset("a/b", { columns: "id" as never }),
    /^loadDataset\(id, \{ columns \}\): expected a list.*got 'id'/,
  ],
  ["no columns", () => loadDataset("a/b", { columns: [] }), /at least one column name/],
  [
    "an unknown option of map",
    () => dataset.map(() => ({}), { batchsize: 5 } as object),
    /^map\(fn, \{ batchsize \}\): .*did you mean batchSize/,
  ],
  [
    "map without an object",
    () => dataset.map(() => ({}), null as never),
    /^map\(fn, options\): expected an object, got null/,
  ],
  ["a number for batches", () => dataset.batches(32 as never), /^batches\(options\): expected an object, got 'number'/],
  [
    "an unknown option of batch",
    () => dataset.batch(2, { droplast: true } as object),
    /^batch\(n, \{ droplast \}\): .*did you mean dropLast/,
  ],
  ["a Map for rename", () => dataset.rename(new Map([["a", "b"]]) as never), /^rename\(names\): expected an object/],
  ["a format without files", () => loadDataset("parquet"), /'parquet' is a format: say by `dataFiles`/],
])("%s fails at the call, saying what is wrong", (_, call, message) => {
  expect(call).toThrow(expect.objectContaining({ code: "INVALID_OPTION", message: expect.stringMatching(message) }));
});

test("a token in the wrong place is not in the message", () => {
  for (const options of ["hf_secret", ["hf_secret"], { token: { value: "hf_secret" } }]) {
    expect(() => loadDataset("a/b", options as object)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining("hf_secret") }),
    );
  }
});

test("an endpoint of the environment that is no address is told at the call", () => {
  vi.stubEnv("HF_ENDPOINT", "localhost:8000");
  expect(() => loadDataset("a/b")).toThrow(/Expected HF_ENDPOINT to be an http or https address, got 'localhost:8000'/);
});

test("what is done to options after the call changes nothing", async () => {
  await using hub = await hubWithNumbers();
  const columns = ["id"];
  const options = { ...hub.options, columns, revision: "main" };
  const mapOptions = { columns: ["id"], batched: false as const };
  const numbers = loadDataset("org/numbers", options).map((row) => ({ names: Object.keys(row) }), mapOptions);
  options.revision = "nowhere";
  columns[0] = "half";
  mapOptions.columns[0] = "text";
  const rows = numbers.rows();
  expect((await rows.next()).value).toEqual({ id: 0, names: ["id"] });
  await rows.return();
});

test("map names a column that a row lacks", async () => {
  await using hub = await hubWithNumbers();
  const rows = loadDataset("org/numbers", hub.options).map(() => ({}), { columns: ["idd"] });
  await expect(rows.rows().next()).rejects.toMatchObject({
    code: "COLUMN_NOT_FOUND",
    message: expect.stringMatching(/'idd'.*id, text/),
  });
});

test("rename after map does not lose a column", async () => {
  await using hub = await hubWithNumbers();
  const rows = loadDataset("org/numbers", hub.options)
    .map(() => ({}))
    .rename({ id: "text" });
  await expect(rows.rows().next()).rejects.toThrow(/two columns the name 'text'/);
});

test("info tells the rows of a dataset of one file, whose footer was read anyway", async () => {
  await using hub = await hubWithNumbers({ files: 1 });
  expect(await loadDataset("org/numbers", hub.options).info()).toMatchObject({ numRows: 100 });
  expect(await loadDataset("org/numbers", { ...hub.options, split: "train[:10%]" }).info()).toMatchObject({
    numRows: 10,
  });
});

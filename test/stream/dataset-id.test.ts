import { mkdir, copyFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadDataset } from "../../src/index.ts";
import { nameOf, parseDatasetId } from "../../src/stream/dataset-id.ts";
import { collect } from "../helpers/collect.ts";
import { hubWithNumbers, type TestHub } from "../helpers/hub-with-numbers.ts";

const MIRROR = "http://127.0.0.1:9999/hub";
const hub = (id: string, rest: object = {}): object => ({ kind: "hub", id, revision: undefined, path: "", ...rest });
const PAGE = "https://huggingface.co/datasets/org/name";

test.each([
  ["org/name", hub("org/name")],
  ["squad", hub("squad")],
  [" org/name\n", hub("org/name")],
  ["datasets/org/name", hub("org/name")],
  ["datasets/squad", hub("squad")],
  ["datasets/org/name@v1/data", hub("org/name", { revision: "v1", path: "data" })],
  ["datasets/org/name/data/x.parquet", hub("org/name", { path: "data/x.parquet" })],
  ["hf://datasets/org/name@v1", hub("org/name", { revision: "v1" })],
  ["hf://datasets/org/name/a b/x.parquet", hub("org/name", { path: "a b/x.parquet" })],
  [PAGE, hub("org/name")],
  [`${PAGE}/`, hub("org/name")],
  [`${PAGE}?library=datasets#dataset-card`, hub("org/name")],
  ["http://127.0.0.1:9999/hub/datasets/org/name/tree/main/data", hub("org/name", { revision: "main", path: "data" })],
  ["huggingface.co/datasets/org/name", hub("org/name")],
  ["hf.co/datasets/org/name", hub("org/name")],
  ["https://hf.co/datasets/org/name/tree/main", hub("org/name", { revision: "main" })],
  ["https://huggingface.co/datasets/squad", hub("squad")],
  ["https://huggingface.co/datasets/squad/viewer", hub("squad")],
  ["https://huggingface.co/datasets/squad/tree/main/data", hub("squad", { revision: "main", path: "data" })],
  [`${PAGE}/tree/refs%2Fconvert%2Fparquet`, hub("org/name", { revision: "refs/convert/parquet" })],
  [`${PAGE}/tree/refs/convert/parquet/en`, hub("org/name", { revision: "refs/convert/parquet", path: "en" })],
  [`${PAGE}/tree/refs/pr/12`, hub("org/name", { revision: "refs/pr/12" })],
  [`${PAGE}/blob/main/data/x%20y.parquet`, hub("org/name", { revision: "main", path: "data/x y.parquet" })],
  [`${PAGE}/resolve/main/x.parquet?download=true`, hub("org/name", { revision: "main", path: "x.parquet" })],
  [`${PAGE}/viewer/en/test?row=3`, hub("org/name", { config: "en", split: "test" })],
  [`${PAGE}/embed/viewer/en`, hub("org/name", { config: "en" })],
  [`${PAGE}/discussions/3`, hub("org/name")],
  [`${PAGE}/sql-console/abc`, hub("org/name")],
  [`${PAGE}/duplicate`, hub("org/name")],
  [`${PAGE}/blob/main/README.md`, hub("org/name", { revision: "main" })],
  [`${PAGE}.git`, hub("org/name")],
  ["http://huggingface.co/datasets/org/name", hub("org/name")],
  [pathToFileURL("/data/ä 1%/x.parquet").href, { kind: "local", path: "/data/ä 1%/x.parquet" }],
  [`${PAGE}/commits/main`, hub("org/name", { revision: "main" })],
  ["https://host.example/a/x.parquet?key=1", { kind: "web", url: "https://host.example/a/x.parquet?key=1" }],
  ["./data/x.parquet", { kind: "local", path: path.resolve("data/x.parquet") }],
])("what users paste is understood: %s", (text, wanted) => {
  expect(parseDatasetId(text, {}, MIRROR)).toEqual(wanted);
});

test.each([
  ["https://huggingface.co/org/model", "…/datasets/org/name"],
  ["https://huggingface.co/spaces/org/app", "…/datasets/org/name"],
  ["https://example.org/page.html", "neither a page of a dataset"],
  ["hf://org/model", "is a model"],
  ["org/name@v1", "hf://datasets/org/name@v1"],
  ["file://host/x.parquet", "not the address of a local file"],
  ["org/name/", "is not a dataset's name"],
  [`${PAGE}/tree/%E0%A4%A/x`, "not well encoded"],
  ["", "got ''"],
])("what is no dataset is told: %s", (text, told) => {
  expect(() => parseDatasetId(text, {}, MIRROR)).toThrow(told);
});

test("a name is the shortest that means the same, and holds no query of a web address", () => {
  const name = (id: string): string => nameOf(parseDatasetId(id, {}, MIRROR), id);
  expect(name(`${PAGE}?token=secret`)).toBe("org/name");
  expect(name(`${PAGE}/tree/v1/data`)).toBe("hf://datasets/org/name@v1/data");
  expect(name("https://host.example/x.parquet?sig=secret")).not.toContain("secret");
});

let server: TestHub;
const FILE = "data/train-00001-of-00003.parquet";

beforeAll(async () => {
  server = await hubWithNumbers();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

test("one file is read alone, wherever it is", async () => {
  const { endpoint } = server.options;
  const local = path.join(server.root, "org/numbers", FILE);
  const odd = path.join(server.root, "..", "odd [1]*", "x.parquet");
  await mkdir(path.dirname(odd), { recursive: true });
  await copyFile(local, odd);
  const ids = [
    `hf://datasets/org/numbers/${FILE}`,
    `datasets/org/numbers/${FILE}`,
    `${endpoint}/datasets/org/numbers/blob/main/${FILE}`,
    `${endpoint}/datasets/org/numbers/resolve/main/${FILE}?download=true`,
    local,
    path.relative(process.cwd(), local).replace(/^(?!\.)/, "./"),
    odd,
  ];
  for (const id of ids) {
    const rows = await collect(loadDataset<{ id: number }>(id, server.options));
    expect(
      rows.map((row) => row.id),
      id,
    ).toEqual(Array.from({ length: 100 }, (_, index) => 100 + index));
    expect(await loadDataset(id, server.options).info()).toMatchObject({ split: "train", numRows: 100 });
  }
});

test("a folder of a dataset, a page of the viewer, and all of it are what they say", async () => {
  const { endpoint } = server.options;
  for (const id of [
    "org/numbers",
    "datasets/org/numbers/data",
    `${endpoint}/datasets/org/numbers/viewer/default/train`,
  ])
    expect(await loadDataset(id, server.options).numRows()).toBe(300);
});

test("a file leaves nothing for `dataFiles` to say", async () => {
  const dataset = loadDataset(`datasets/org/numbers/${FILE}`, { ...server.options, dataFiles: "*.parquet" });
  await expect(dataset.info()).rejects.toMatchObject({ code: "INVALID_OPTION" });
});

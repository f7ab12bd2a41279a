import { inspect } from "node:util";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { concatenateDatasets, DataLoader, HfFileSystem, interleaveDatasets, loadDataset } from "../../src/index.ts";
import { hubWithNumbers, type TestHub } from "../helpers/hub-with-numbers.ts";

const TOKEN = "hf_averysecrettoken";
const SIGNATURE = "averysecretsignature";

let hub: TestHub;
let storage: Server;
let signed: string;

beforeAll(async () => {
  hub = await hubWithNumbers({ files: 1, rowsPerFile: 10 });
  const bytes = await readFile(path.join(hub.root, "org/numbers/data/train-00000-of-00001.parquet"));
  storage = createServer((request, response) => {
    const [, from, to] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? "") ?? [];
    if (!request.url?.startsWith("/good")) return void response.writeHead(403).end(`<Error>${request.url}</Error>`);
    if (from === undefined)
      return void response.writeHead(200, { "content-length": bytes.length, etag: '"a"' }).end(bytes);
    const part = bytes.subarray(Number(from), Number(to) + 1);
    const range = `bytes ${from}-${Number(from) + part.length - 1}/${bytes.length}`;
    response.writeHead(206, { "content-range": range, "content-length": part.length, etag: '"a"' }).end(part);
  });
  await new Promise<void>((resolve) => storage.listen(0, "127.0.0.1", resolve));
  signed = `http://127.0.0.1:${(storage.address() as { port: number }).port}`;
});
afterAll(async () => {
  storage.closeAllConnections();
  await new Promise((resolve) => storage.close(resolve));
  await hub[Symbol.asyncDispose]();
});

/** Everything that can be seen of a value. */
function seen(value: unknown): string {
  const options = {
    depth: Infinity,
    showHidden: true,
    maxArrayLength: Infinity,
    maxStringLength: Infinity,
    getters: true,
  };
  return [
    inspect(value, options),
    inspect(value, { customInspect: false, ...options }),
    JSON.stringify(value),
    String(value),
  ].join("\n");
}

test("no token is seen in datasets, their iterators, loaders, states, plans and descriptions", async () => {
  const dataset = loadDataset<{ id: number }>("org/numbers", { ...hub.options, token: TOKEN });
  const derived = dataset
    .shuffle()
    .filter([["id", ">", 2]])
    .map(({ id }) => ({ id }))
    .shard({ count: 2, index: 0 });
  const rows = dataset.rows();
  await rows.next();
  const loader = new DataLoader(dataset, { workers: 1 });
  const batches = loader[Symbol.asyncIterator]();
  await batches.next();
  for (const value of [
    dataset,
    derived,
    dataset.batches(),
    concatenateDatasets([dataset, dataset]),
    interleaveDatasets([dataset, dataset]).repeat(),
    rows,
    rows.state(),
    rows.stats,
    loader,
    batches,
    loader.state(),
    await dataset.info(),
    await dataset.explain(),
    new HfFileSystem({ ...hub.options, token: TOKEN }),
    await new HfFileSystem({ ...hub.options, token: TOKEN }).open(
      "datasets/org/numbers/data/train-00000-of-00001.parquet",
    ),
  ])
    expect(seen(value)).not.toContain(TOKEN);
  await rows.return();
  await batches.return();
});

test("a dataset is shown in three lines that say what it is", async () => {
  const dataset = loadDataset("org/numbers", { token: TOKEN, split: "train[:10%]" });
  expect(inspect(dataset)).toBe(
    "IterableDataset org/numbers (split train[:10%])\n  columns: not read yet (await info() tells)\n  steps: none",
  );
  expect(inspect(dataset.shuffle({ seed: 1 }).take(3).shard({ count: 4, index: 1 }))).toMatch(
    /\n {2}steps: shuffle\(seed 1.*\) \| slice\(0, 3\) \| part 1 of 4$/,
  );
  expect(inspect({ dataset }, { depth: 0 })).toContain("org/numbers");
  expect(inspect(concatenateDatasets([dataset, dataset]))).toContain("concatenate(");
  const opened = loadDataset("org/numbers", hub.options);
  await opened.info();
  expect(inspect(opened.take(2))).toBe("IterableDataset org/numbers\n  columns: id, text, half\n  steps: slice(0, 2)");
});

test("no token is seen in errors of any kind of request, nor what a server makes of it", async () => {
  const echo = createServer((request, response) => {
    const headers = {
      "x-request-id": `${request.headers.authorization}`,
      "x-error-message": `bad ${request.headers.authorization}`,
    };
    response.writeHead(400, headers).end(JSON.stringify({ error: `you sent ${request.headers.authorization}` }));
  });
  await new Promise<void>((resolve) => echo.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(echo.address() as { port: number }).port}`;
  const options = { ...hub.options, endpoint, token: TOKEN, maxOutageMs: 500 };
  const error: unknown = await loadDataset("org/numbers", options)
    .info()
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: "HfStreamError" });
  expect(seen(error)).not.toContain(TOKEN);
  echo.closeAllConnections();
  echo.close();
});

test("no signed query is seen in errors, states, statistics and descriptions of files that were given by address", async () => {
  const load = (file: string, options = {}) =>
    loadDataset("parquet", {
      ...hub.options,
      dataFiles: `${signed}/${file}.parquet?X-Amz-Signature=${SIGNATURE}`,
      maxOutageMs: 500,
      ...options,
    });
  const rows = load("good").rows();
  expect((await rows.next()).value).toMatchObject({ id: 0 });
  for (const value of [load("good"), rows.state(), rows.stats, rows, await load("good").explain()])
    expect(seen(value)).not.toContain(SIGNATURE);
  await rows.return();
  for (const options of [{}, { streaming: false }, { onBadFile: "skip" as const }]) {
    const error: unknown = await load("bad", options)
      .info()
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "HfStreamError" });
    expect(seen(error)).not.toContain(SIGNATURE);
  }
  const failing = load("good").map(() => {
    throw new Error("no");
  });
  let origin: unknown;
  const skipping = failing.onError((_, where) => {
    origin = where;
    return "skip";
  });
  for await (const _ of skipping) throw new Error("there is none");
  expect(origin).toMatchObject({ index: 9 });
  expect(seen(origin)).not.toContain(SIGNATURE);
});

test("no password of an address is seen in states, descriptions and errors", async () => {
  const address = `${signed.replace("//", `//user:${SIGNATURE}@`)}/good.parquet`;
  const dataset = loadDataset("parquet", { dataFiles: address, cacheDir: hub.options.cacheDir, decodeThreads: 0 });
  const rows = dataset.rows();
  await rows.next();
  const all = [dataset, concatenateDatasets([dataset, dataset]), rows, rows.state(), await dataset.info()];
  await rows.return?.();
  const bad = (): unknown => loadDataset("org/numbers", { endpoint: `ftp://user:${SIGNATURE}@example.org` });
  expect(all.map(seen).join("\n")).not.toContain(SIGNATURE);
  expect(bad).not.toThrow(SIGNATURE);
});

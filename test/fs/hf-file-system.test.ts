import { describe, expect, test } from "vitest";
import { HfFileSystem } from "../../src/fs/hf-file-system.ts";
import { describeFileSystem } from "../contracts/file-system.ts";
import { makeBytes, rejection, serveHub } from "../helpers/hub-fixture.ts";

describeFileSystem("HfFileSystem", async (files) => {
  const named = Object.entries(files).map(([name, content]) => [`datasets/org/data/${name}`, content] as const);
  const hub = await serveHub(Object.fromEntries(named));
  return { fs: hub.open(), root: "datasets/org/data", [Symbol.asyncDispose]: () => hub[Symbol.asyncDispose]() };
});

const FILES = { "datasets/org/data/a.txt": "a", "datasets/org/data/d/b.parquet": makeBytes(100) };

describe("HfFileSystem", () => {
  test("answers everything but reads from one listing, which the next process finds in the cache", async () => {
    await using hub = await serveHub(FILES);
    const fs = hub.open();
    const root = "hf://datasets/org/data";
    await fs.ls(root);
    await fs.find(root);
    await fs.glob(`${root}/**/*.parquet`);
    await fs.info(`${root}/d/b.parquet`);
    expect(await fs.exists(`${root}/nothing`)).toBe(false);
    expect(hub.takeLog().map(({ route }) => route)).toEqual(["info", "tree"]);
    expect(await hub.open().find(root)).toHaveLength(2);
    expect(hub.takeLog()).toEqual([]);
  });

  test("names files as they were asked for, and describes large ones", async () => {
    await using hub = await serveHub({
      ...FILES,
      "datasets/org/data@refs%2Fpr%2F1/z.txt": "z",
      "models/org/model/config.json": "{}",
      "spaces/org/app/app.py": "",
    });
    const fs = hub.open();
    const names = async (path: string): Promise<string[]> => (await fs.find(path)).map((info) => info.path);
    expect(await names("hf://datasets/org/data@main/d")).toEqual(["datasets/org/data@main/d/b.parquet"]);
    expect(await names("datasets/org/data@refs/pr/1")).toEqual(["datasets/org/data@refs/pr/1/z.txt"]);
    expect(await names("datasets/org/data@refs%2Fpr%2F1")).toEqual(["datasets/org/data@refs%2Fpr%2F1/z.txt"]);
    expect(await names("org/model")).toEqual(["org/model/config.json"]);
    expect(await names("spaces/org/app")).toEqual(["spaces/org/app/app.py"]);
    expect(await names(`${hub.server.url}/datasets/org/data/tree/main/d`)).toEqual([
      "datasets/org/data@main/d/b.parquet",
    ]);
    expect(await fs.info("datasets/org/data/d/b.parquet")).toEqual({
      path: "datasets/org/data/d/b.parquet",
      type: "file",
      size: 100,
      oid: expect.stringMatching(/^[0-9a-f]{40}$/),
      lfs: { oid: expect.stringMatching(/^[0-9a-f]{64}$/), size: 100 },
    });
  });

  test("tells a missing repo from a missing revision; neither exists, and a bad path is an error", async () => {
    await using hub = await serveHub(FILES);
    const fs = hub.open();
    expect(await rejection(fs.ls("datasets/org/none"))).toMatchObject({ code: "DATASET_NOT_FOUND" });
    expect(await rejection(fs.glob("datasets/org/data@none/*"))).toMatchObject({ code: "REVISION_NOT_FOUND" });
    expect(await fs.exists("datasets/org/none/a.txt")).toBe(false);
    expect(await fs.isFile("datasets/org/data@none/a.txt")).toBe(false);
    expect(await rejection(fs.exists("datasets/org"))).toMatchObject({ code: "INVALID_PATH" });
    expect(await rejection(fs.glob("datasets/org/da*/x"))).toMatchObject({ code: "INVALID_PATH" });
  });

  test("an error that says nothing about the path is thrown by exists", async () => {
    await using hub = await serveHub(FILES, { access: { "org/data": { disabled: true } } });
    expect(await rejection(hub.open().exists("datasets/org/data/a.txt"))).toMatchObject({ code: "DISABLED_DATASET" });
  });

  test("reads a commit as it was and sees a moved branch after revisionTtlMs", async () => {
    await using hub = await serveHub(FILES);
    const patient = hub.open();
    const eager = hub.open({ revisionTtlMs: 0 });
    expect(await patient.find("datasets/org/data")).toHaveLength(2);
    await hub.write({ "datasets/org/data/new.txt": "n" });
    expect(await patient.find("datasets/org/data")).toHaveLength(2);
    expect(await eager.find("datasets/org/data")).toHaveLength(3);
  });

  test("small sequential reads are served from what was read ahead", async () => {
    await using hub = await serveHub({ "datasets/org/data/a.txt": makeBytes(50_000) });
    await using file = await hub.open().open("datasets/org/data/a.txt");
    hub.takeLog();
    for (let index = 0; index < 500; index += 1) await file.read(100);
    expect(hub.takeLog()).toHaveLength(1);
  });

  test("finds a misplaced file by its name", async () => {
    await using hub = await serveHub(FILES);
    expect(await rejection(hub.open().cat("datasets/org/data/b.parquet"))).toMatchObject({
      code: "ENTRY_NOT_FOUND",
      message: expect.stringContaining("datasets/org/data/d/b.parquet"),
    });
  });

  test.each([
    [{ endpoint: "ftp://x" }, /endpoint.*http/],
    [{ token: 5 }, /token.*got 'number'/],
    [{ offline: "yes" }, /offline.*boolean/],
    [{ maxConnections: 0 }, /maxConnections/],
    [{ dispatcher: {} }, /dispatcher/],
    [{ endPoint: "http://x" }, /no option `endPoint`.*endpoint/],
  ])("refuses the options %j", (options, message) => {
    expect(() => new HfFileSystem(options as object)).toThrow(expect.objectContaining({ code: "INVALID_OPTION" }));
    expect(() => new HfFileSystem(options as object)).toThrow(message);
  });
});

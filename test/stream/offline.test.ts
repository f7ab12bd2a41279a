import { readFile, readdir, rm } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { HfFileSystem, type HfStreamError, type IterableDataset, loadDataset } from "../../src/index.ts";
import { hubWithNumbers, type TestHub } from "../helpers/hub-with-numbers.ts";
import { writeNumbers } from "../helpers/numbers-dataset.ts";
import { type PythonRepo, writePythonRepo } from "../helpers/python-cache.ts";
import { makeFolder, type TemporaryFolder } from "../helpers/temporary-folder.ts";

const COMMIT = "c".repeat(40);
const NAMES = [0, 1, 2].map((file) => `data/train-0000${file}-of-00003.parquet`);

let told: string[] = [];

beforeEach(() => {
  told = [];
  vi.spyOn(process, "emitWarning").mockImplementation((warning) => void told.push(`${warning}`));
});

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

async function ids(dataset: IterableDataset): Promise<number[]> {
  const seen: number[] = [];
  for await (const row of dataset) seen.push(row["id"] as number);
  return seen;
}

async function failure(work: Promise<unknown>): Promise<HfStreamError> {
  return await work.then(
    () => Promise.reject(new Error("nothing failed")),
    (error: unknown) => error as HfStreamError,
  );
}

const upTo = (end: number): number[] => Array.from({ length: end }, (_, id) => id);

describe("what streaming left in the cache", () => {
  test("tells about a dataset offline; its rows are missing, file and cure are told", async () => {
    await using hub = await hubWithNumbers();
    await loadDataset("org/numbers", hub.options).numRows();
    const before = hub.server.log.length;
    const offline = loadDataset("org/numbers", { ...hub.options, offline: true });
    expect(await offline.numRows()).toBe(300);
    expect(await offline.info({ scan: true })).toMatchObject({ id: "org/numbers", numRows: 300 });
    expect(String(await offline.explain())).toContain("org/numbers");
    const error = await failure(ids(offline));
    expect(error).toMatchObject({ code: "OFFLINE", path: `datasets/org/numbers/${NAMES[0]}` });
    expect(error.message).toMatch(/^The data of datasets\/org\/numbers\/data\/train-00000-of-00003\.parquet is not on/);
    expect(error.message).toContain("`loadDataset('org/numbers', { streaming: false })`");
    const fs = new HfFileSystem({ ...hub.options, offline: true });
    expect(await fs.glob("datasets/org/numbers/**/*.parquet")).toHaveLength(3);
    expect(hub.server.log).toHaveLength(before);
  });

  test("a footer that nobody read is told to be missing", async () => {
    await using hub = await hubWithNumbers();
    await loadDataset("org/numbers", hub.options).info(); // opens the first file alone
    const error = await failure(loadDataset("org/numbers", { ...hub.options, offline: true }).numRows());
    expect(error.code).toBe("OFFLINE");
    expect(error.message).toMatch(
      /^The footer of datasets\/org\/numbers\/data\/train-00001-of-00003.* is not in the cache/,
    );
  });

  test("files that `streaming: false` copied are read offline, streaming or not, and by HfFileSystem", async () => {
    await using hub = await hubWithNumbers();
    expect(await ids(loadDataset("org/numbers", { ...hub.options, streaming: false }))).toEqual(upTo(300));
    const before = hub.server.log.length;
    for (const streaming of [true, false]) {
      const offline = loadDataset("org/numbers", { ...hub.options, offline: true, streaming });
      expect(await ids(offline)).toEqual(upTo(300));
      expect((await ids(offline.shuffle({ seed: 1 }))).sort((a, b) => a - b)).toEqual(upTo(300));
    }
    const fs = new HfFileSystem({ ...hub.options, offline: true });
    const name = `org/numbers/${NAMES[1]}`;
    expect(Buffer.from(await fs.cat(`datasets/${name}`))).toEqual(await readFile(path.join(hub.root, name)));
    expect(hub.server.log).toHaveLength(before);
  });

  test("`streaming: false` says at once which file is missing", async () => {
    await using hub = await hubWithNumbers();
    await loadDataset("org/numbers", hub.options).numRows();
    const error = await failure(loadDataset("org/numbers", { ...hub.options, offline: true, streaming: false }).info());
    expect(error).toMatchObject({ code: "OFFLINE", path: `datasets/org/numbers/${NAMES[0]}` });
  });
});

describe("Python's cache", () => {
  /** The files of a dataset of numbers, as Python downloaded them. */
  async function withPython(options: Partial<PythonRepo>, names = NAMES): Promise<Opened> {
    const folder = await makeFolder();
    const home = path.join(folder.path, "numbers");
    await writeNumbers(home);
    const files: Record<string, Uint8Array> = {};
    for (const name of NAMES) files[name] = await readFile(path.join(home, name));
    const chosen = Object.fromEntries(names.map((name) => [name, files[name] as Uint8Array]));
    const listed = options.listed === undefined ? undefined : { ...files, ...options.listed };
    const python = path.join(folder.path, "hub");
    await writePythonRepo(python, {
      folder: "datasets--org--numbers",
      commit: COMMIT,
      files: chosen,
      ...options,
      listed,
    });
    vi.stubEnv("HF_HOME", folder.path);
    vi.stubEnv("HF_HUB_CACHE", "");
    vi.stubEnv("HF_HUB_OFFLINE", "1");
    return { folder, files, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
  }

  interface Opened extends AsyncDisposable {
    readonly folder: TemporaryFolder;
    readonly files: Readonly<Record<string, Uint8Array>>;
  }

  test.each([
    ["by links to blobs", {}],
    ["in the store of all repos", { as: "shared", listed: {} }],
    ["without links", { as: "copies" }],
  ] as [string, Partial<PythonRepo>][])("is a dataset, %s", async (_, layout) => {
    await using opened = await withPython(layout);
    const dataset = loadDataset("org/numbers");
    expect(await dataset.numRows()).toBe(300);
    expect(await ids(dataset)).toEqual(upTo(300));
    expect(await ids(loadDataset("org/numbers", { streaming: false, filters: [["id", "<", 5]] }))).toEqual(upTo(5));
    expect((await dataset.info()).commit).toBe(COMMIT);
    expect(await ids(loadDataset(`hf://datasets/org/numbers@${COMMIT}/${NAMES[2]}`))).toEqual(upTo(300).slice(200));
    expect(await readdir(opened.folder.path)).toEqual(["hub", "numbers"]); // nothing was written
  });

  test("stops and resumes at the same commit", async () => {
    await using opened = await withPython({ listed: {} });
    void opened;
    const rows = loadDataset("org/numbers").shuffle({ seed: 3 }).rows();
    const first: number[] = [];
    for (let count = 0; count < 130; count += 1) first.push((await rows.next()).value?.["id"] as number);
    const rest = await ids(loadDataset("org/numbers").shuffle({ seed: 3 }).resume(rows.state()));
    expect([...first, ...rest]).toEqual(await ids(loadDataset("org/numbers").shuffle({ seed: 3 })));
    expect(new Set([...first, ...rest]).size).toBe(300);
  });

  test("a part of a commit is the dataset where Python kept no list, with a warning", async () => {
    await using opened = await withPython({}, NAMES.slice(0, 2));
    void opened;
    expect(await loadDataset("org/numbers").numRows()).toBe(200);
    expect(told).toEqual([expect.stringMatching(/^Offline, dataset org\/numbers.*there may be more/)]);
  });

  test("where Python kept the list, rows are given up to the first file that is missing, and it is named", async () => {
    await using opened = await withPython({ listed: {} }, NAMES.slice(0, 2));
    void opened;
    const seen: number[] = [];
    const iterating = async (): Promise<void> => {
      for await (const row of loadDataset("org/numbers")) seen.push(row["id"] as number);
    };
    expect(await failure(iterating())).toMatchObject({ code: "OFFLINE", path: `datasets/org/numbers/${NAMES[2]}` });
    expect(seen).toEqual(upTo(200));
    expect(await ids(loadDataset("org/numbers", { dataFiles: "data/train-0000[01]*" }))).toEqual(upTo(200));
  });

  test("a card that is listed and was not downloaded is done without, with a warning", async () => {
    const card = Buffer.from("---\nconfigs:\n- config_name: a\n  data_files: data/train-00000*\n---\n");
    await using opened = await withPython({ listed: { "README.md": card } });
    expect(await ids(loadDataset("org/numbers"))).toEqual(upTo(300));
    expect(told).toEqual([expect.stringMatching(/^Offline, dataset org\/numbers.*README\.md/)]);
    const files = { ...opened.files, "README.md": card };
    await writePythonRepo(path.join(opened.folder.path, "hub"), { folder: "datasets--org--b", commit: COMMIT, files });
    expect(await ids(loadDataset("org/b", { config: "a" }))).toEqual(upTo(100));
  });

  test("nothing at all says how to get it, and which folders were looked in", async () => {
    await using opened = await withPython({});
    const error = await failure(loadDataset("org/absent").info());
    expect(error.code).toBe("OFFLINE");
    for (const part of [
      "org/absent",
      "hf download --repo-type dataset org/absent`",
      path.join(opened.folder.path, "hub"),
    ]) {
      expect(error.message).toContain(part);
    }
  });

  test("has the data of files that this cache lists, by their hash", async () => {
    await using hub = await hubWithNumbers();
    await loadDataset("org/numbers", hub.options).numRows();
    await using opened = await withPython({ as: "shared" });
    void opened;
    const offline = loadDataset("org/numbers", hub.options);
    expect(await ids(offline)).toEqual(upTo(300));
    expect((await offline.info()).commit).not.toBe(COMMIT);
  });

  test("is not looked at online, and not written to", async () => {
    await using opened = await withPython({});
    vi.stubEnv("HF_HUB_OFFLINE", "");
    await using hub: TestHub = await hubWithNumbers({ files: 1 });
    await rm(path.join(hub.root, "org", "numbers", "data"), { recursive: true });
    await writeNumbers(path.join(hub.root, "org", "numbers"), { files: 1, rowsPerFile: 7 });
    expect(await ids(loadDataset("org/numbers", hub.options))).toEqual(upTo(7));
    expect(await readdir(path.join(opened.folder.path, "hub"))).toEqual(["datasets--org--numbers"]);
  });
});

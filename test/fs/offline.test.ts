import { createHash } from "node:crypto";
import { chmod, readdir, rm, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { HfFileSystem } from "../../src/fs/hf-file-system.ts";
import { makeBytes, rejection, serveHub } from "../helpers/hub-fixture.ts";
import { type PythonRepo, writePythonRepo } from "../helpers/python-cache.ts";
import { makeFolder } from "../helpers/temporary-folder.ts";

const COMMIT = "a".repeat(40);
const OTHER = "b".repeat(40);
const BIG = makeBytes(5000);
const SMALL = makeBytes(300);
const FILES = { "data/deep/big.bin": BIG, "data/small.txt": SMALL };
const REPO: PythonRepo = { folder: "datasets--org--name", commit: COMMIT, files: FILES };

/** A cache of Python with these repos, and a file system that has nothing else. */
async function offlineWith(...repos: readonly PythonRepo[]): Promise<Opened> {
  const python = await makeFolder();
  const own = await makeFolder();
  for (const repo of repos) await writePythonRepo(python.path, repo);
  vi.stubEnv("HF_HUB_CACHE", python.path);
  const fs = new HfFileSystem({ endpoint: "http://localhost:1", token: false, cacheDir: own.path, offline: true });
  return {
    fs,
    python: python.path,
    own: own.path,
    async [Symbol.asyncDispose]() {
      await own[Symbol.asyncDispose]();
      await python[Symbol.asyncDispose]();
    },
  };
}

interface Opened extends AsyncDisposable {
  readonly fs: HfFileSystem;
  readonly python: string;
  readonly own: string;
}

function warnings(): string[] {
  const told: string[] = [];
  vi.spyOn(process, "emitWarning").mockImplementation((warning) => void told.push(`${warning}`));
  return told;
}

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

describe("Python's cache, offline", () => {
  test.each([
    ["links to blobs", {}],
    ["links into the store of all repos", { as: "shared" }],
    ["copies, where there are no links", { as: "copies" }],
    ["a list of all files", { listed: {} }],
    ["copies and a list", { as: "copies", listed: {} }],
  ] as [string, Partial<PythonRepo>][])("is listed and read: %s", async (_, layout) => {
    warnings();
    await using opened = await offlineWith({ ...REPO, ...layout });
    const { fs, own } = opened;
    const listed = await fs.ls("datasets/org/name", { recursive: true });
    expect(listed.map(({ path: name, type, size }) => [name.slice("datasets/org/name/".length), type, size])).toEqual([
      ["data", "directory", 0],
      ["data/deep", "directory", 0],
      ["data/deep/big.bin", "file", 5000],
      ["data/small.txt", "file", 300],
    ]);
    expect(await fs.cat("datasets/org/name/data/deep/big.bin")).toEqual(BIG);
    expect(
      await fs.readRanges("datasets/org/name/data/deep/big.bin", [
        { offset: 4990, length: 10 },
        { offset: 0, length: 3 },
      ]),
    ).toEqual([BIG.subarray(4990), BIG.subarray(0, 3)]);
    await using file = await fs.open(`datasets/org/name@${COMMIT}/data/small.txt`);
    expect(await file.read()).toEqual(SMALL);
    expect(await readdir(own)).toEqual([]);
  });

  test("tells hashes as Python named the blobs: without a list, that of a large file's pointer is not known", async () => {
    warnings();
    await using opened = await offlineWith(REPO);
    expect(await opened.fs.info("datasets/org/name/data/deep/big.bin")).toMatchObject({
      oid: "",
      lfs: { oid: createHash("sha256").update(BIG).digest("hex"), size: 5000 },
    });
    const { oid } = await opened.fs.info("datasets/org/name/data/small.txt");
    expect(oid).toBe(createHash("sha1").update("blob 300\0").update(SMALL).digest("hex"));
  });

  test.each([
    ["models", "models--org--name", "org/name"],
    ["spaces", "spaces--org--name", "spaces/org/name"],
  ])("has %s", async (_, folder, root) => {
    warnings();
    await using opened = await offlineWith({ ...REPO, folder });
    expect(await opened.fs.cat(`${root}/data/small.txt`)).toEqual(SMALL);
  });

  test("a revision is the commit that its file in refs/ names, and commits are themselves", async () => {
    warnings();
    const newer = { "data/small.txt": makeBytes(7) };
    await using opened = await offlineWith(
      { ...REPO, refs: ["v1", "refs/convert/parquet", "feature/x"] },
      { ...REPO, commit: OTHER, files: newer },
    );
    const sizeAt = async (revision: string): Promise<number> =>
      (await opened.fs.info(`datasets/org/name${revision}/data/small.txt`)).size;
    expect(await sizeAt("")).toBe(7);
    for (const revision of ["@v1", "@refs/convert/parquet", "@feature%2Fx", `@${COMMIT}`]) {
      expect(await sizeAt(revision), revision).toBe(300);
    }
    expect(await sizeAt(`@${OTHER}`)).toBe(7);
  });

  test("a revision that Python never saw is told, with those that there are and how to get it", async () => {
    await using opened = await offlineWith({ ...REPO, refs: ["v1"] }, { ...REPO, commit: OTHER, refs: [] });
    const { python, own } = opened;
    const error = await rejection(opened.fs.ls("datasets/org/name@v2"));
    expect(error).toMatchObject({ code: "OFFLINE", path: "datasets/org/name" });
    expect((error as Error).message).toBe(
      `There is no list of the files of dataset org/name at revision v2 on this machine (looked in ${own} and ${python}), ` +
        "and HF_HUB_OFFLINE or `offline` is set. To get it, with network access: read it once (by " +
        "`loadDataset('org/name', { streaming: false })`, to keep its data), or run " +
        `\`hf download --repo-type dataset org/name --revision v2\`. What Python's cache has of it: v1, ${OTHER}.`,
    );
  });

  test.each([["../../../etc"], ["..%2F..%2Fx"]])("a revision that leads out of refs/ is none: %s", async (revision) => {
    await using opened = await offlineWith(REPO);
    await writeFile(path.join(opened.python, "x"), COMMIT);
    const error = await rejection(
      opened.fs.ls(`datasets/org/name@${encodeURIComponent(decodeURIComponent(revision))}`),
    );
    expect(error).toMatchObject({ code: "OFFLINE" });
  });

  test("without a list the commit is what its folder holds, which is said once", async () => {
    const told = warnings();
    await using opened = await offlineWith(REPO);
    await opened.fs.ls("datasets/org/name");
    await opened.fs.ls("datasets/org/name");
    expect(told).toEqual([expect.stringMatching(/^Offline, dataset org\/name.*snapshots.*there may be more/)]);
  });

  test("with a list, a file that was not downloaded is listed, and its data is told to be missing", async () => {
    const told = warnings();
    await using opened = await offlineWith({ ...REPO, listed: { "data/it's more.bin": makeBytes(2000) } });
    expect((await opened.fs.info("datasets/org/name/data/it's more.bin")).size).toBe(2000);
    const error = await rejection(opened.fs.cat("datasets/org/name/data/it's more.bin"));
    expect(error).toMatchObject({ code: "OFFLINE", path: "datasets/org/name/data/it's more.bin" });
    expect((error as Error).message).toContain(
      `\`hf download --repo-type dataset org/name 'data/it'\\''s more.bin' --revision ${COMMIT}\``,
    );
    expect(told).toEqual([]);
  });

  test.each([
    ["is damaged", "{"],
    ["is of a version to come", JSON.stringify({ format_version: 2, files: {} })],
    ["names what is outside", JSON.stringify({ format_version: 1, files: { "../x": { size: 1, blob_id: OTHER } } })],
    ["lacks sizes", JSON.stringify({ format_version: 1, files: { x: { blob_id: OTHER } } })],
  ])("a list that %s is none", async (_, text) => {
    warnings();
    await using opened = await offlineWith({ ...REPO, listed: {} });
    await writeFile(path.join(opened.python, REPO.folder, "trees", `${COMMIT}.json`), text);
    expect((await opened.fs.find("datasets/org/name")).map(({ size }) => size)).toEqual([5000, 300]);
  });

  test("links that lead nowhere and blobs that are cut short are missing", async () => {
    warnings();
    await using opened = await offlineWith({ ...REPO, listed: {} }, { ...REPO, folder: "datasets--org--loose" });
    const { fs, python } = opened;
    const big = (await fs.info("datasets/org/name/data/deep/big.bin")).lfs?.oid ?? "";
    await truncate(path.join(python, REPO.folder, "blobs", big), 4000);
    expect(await rejection(fs.cat("datasets/org/name/data/deep/big.bin"))).toMatchObject({ code: "OFFLINE" });
    await rm(path.join(python, "datasets--org--loose", "blobs", big));
    expect((await fs.find("datasets/org/loose")).map(({ path: name }) => name)).toEqual([
      "datasets/org/loose/data/small.txt",
    ]);
    await rm(path.join(python, "datasets--org--loose", "blobs"), { recursive: true });
    const again = new HfFileSystem({ cacheDir: opened.own, offline: true });
    expect(await rejection(again.ls("datasets/org/loose"))).toMatchObject({ code: "OFFLINE" });
  });

  test("a download that comes while it is missing is found", async () => {
    warnings();
    const more = makeBytes(2000);
    await using opened = await offlineWith({ ...REPO, listed: { "more.bin": more } });
    await using file = await opened.fs.open("datasets/org/name/more.bin");
    expect(await rejection(file.read())).toMatchObject({ code: "OFFLINE" });
    await writePythonRepo(opened.python, { ...REPO, files: { "more.bin": more } });
    expect(await file.read()).toEqual(more);
  });

  test("is read where nothing can be written", async () => {
    warnings();
    await using opened = await offlineWith({ ...REPO, listed: {} });
    for (const folder of [opened.own, path.join(opened.python, REPO.folder), opened.python]) await chmod(folder, 0o555);
    try {
      expect(await opened.fs.cat("datasets/org/name/data/deep/big.bin")).toEqual(BIG);
    } finally {
      for (const folder of [opened.python, path.join(opened.python, REPO.folder), opened.own])
        await chmod(folder, 0o755);
    }
  });
});

describe("this cache, offline", () => {
  const served = { "datasets/org/name/data/deep/big.bin": BIG, "datasets/org/name/data/small.txt": SMALL };

  test("comes before Python's, and its listing finds the data there by its hash", async () => {
    const told = warnings();
    await using hub = await serveHub(served, { lfsThreshold: 1000 });
    await hub.open().ls("datasets/org/name");
    await using python = await makeFolder();
    // Python saw another commit, whose file of the same content has another name.
    await writePythonRepo(python.path, { ...REPO, commit: OTHER, files: { "moved.bin": BIG } });
    vi.stubEnv("HF_HUB_CACHE", python.path);
    const fs = hub.open({ offline: true });
    hub.takeLog();
    expect((await fs.find("datasets/org/name")).map(({ size }) => size)).toEqual([5000, 300]);
    expect(await fs.cat("datasets/org/name/data/deep/big.bin")).toEqual(BIG);
    expect(await rejection(fs.cat("datasets/org/name/data/small.txt"))).toMatchObject({
      code: "OFFLINE",
      message: expect.stringContaining("What Python's cache has of it at other commits: main.") as string,
    });
    expect(hub.takeLog()).toEqual([]);
    expect(told).toEqual([]);
  });

  test("what was seen offline is not taken for the whole online", async () => {
    warnings();
    await using hub = await serveHub(served);
    await using python = await makeFolder();
    vi.stubEnv("HF_HUB_CACHE", python.path);
    const { sha } = (await (await fetch(`${hub.server.url}/api/datasets/org/name`)).json()) as { readonly sha: string };
    await writePythonRepo(python.path, { ...REPO, commit: sha, files: { "data/small.txt": SMALL } });
    expect(await hub.open({ offline: true }).find("datasets/org/name")).toHaveLength(1);
    expect(await hub.open().find("datasets/org/name")).toHaveLength(2);
  });
});

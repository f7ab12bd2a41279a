import { readdir, readFile, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { isCommitGone } from "../../src/fs/byte-source.ts";
import { download } from "../../src/fs/download.ts";
import { HubStore } from "../../src/fs/hub-store.ts";
import type { DataFile } from "../../src/fs/types.ts";
import { isSame, makeBytes, rejection, serveHub } from "../helpers/hub-fixture.ts";
import { makeFolder } from "../helpers/temporary-folder.ts";

const BYTES = makeBytes(400_000);
const README = "---\nlicense: mit\n---\n# Data\n";
const FILES = {
  "datasets/org/data/README.md": README,
  "datasets/org/data/small.txt": "some text",
  "datasets/org/data/big.bin": BYTES,
};
const REPO = { type: "dataset", id: "org/data", revision: "main" } as const;

type Hub = Awaited<ReturnType<typeof serveHub>>;

function storeOf(hub: Hub, more: ConstructorParameters<typeof HubStore>[0] = {}): HubStore {
  return new HubStore({ endpoint: hub.server.url, token: false, cacheDir: hub.cacheDir, maxOutageMs: 20_000, ...more });
}

describe("a small file", () => {
  test.each([
    ["an error page", { status: 200, body: "<!DOCTYPE html><html></html>" }],
    ["nothing", { status: 200, body: "" }],
    ["other text", { status: 200, body: "---\nconfigs: []\n---\n" }],
    ["a flipped byte", { corruptByteAt: 8 }],
    ["a shorter text", { shorterByBytes: 3 }],
    ["packed garbage", { headers: { "Content-Encoding": "gzip" } }],
  ])("that comes as %s is asked for again, and never kept", async (_, fault) => {
    await using hub = await serveHub(FILES);
    hub.server.inject({ match: { path: "README.md" }, times: 2, ...fault });
    const store = storeOf(hub);
    const { commit } = await store.listRevision(REPO, { alongside: "README.md" });
    expect(await store.readText({ ...REPO, revision: commit }, "README.md")).toBe(README);
    expect(await storeOf(hub, { offline: true }).readText({ ...REPO, revision: commit }, "README.md")).toBe(README);
  });

  test("that never comes as it is listed is CORRUPT_FILE", async () => {
    await using hub = await serveHub(FILES);
    const store = storeOf(hub, { maxOutageMs: 500 });
    const { commit } = await store.listRevision(REPO);
    hub.server.inject({ match: { path: "README.md" }, times: Infinity, status: 200, body: "<html>" });
    const error = await rejection(store.readText({ ...REPO, revision: commit }, "README.md"));
    expect(error).toMatchObject({ code: "CORRUPT_FILE", path: "datasets/org/data/README.md" });
  });
});

test("what one Hub says is not what another one, or the same by another way, is believed to say", async () => {
  await using hub = await serveHub(FILES);
  const store = storeOf(hub);
  const ways = [
    "https://a.example",
    "http://a.example",
    "https://b.example",
    "https://a.example/hub",
    "https://a.example:8443",
  ];
  const keys = ways.map((endpoint) => storeOf(hub, { endpoint }).contentKey("footers", "oid").join("/"));
  expect(new Set([...keys, store.contentKey("footers", "oid").join("/")]).size).toBe(ways.length + 1);
});

describe("a download", () => {
  const start = async (hub: Hub): Promise<{ store: HubStore; big: DataFile; small: DataFile; at: typeof REPO }> => {
    const store = storeOf(hub);
    const { commit, files } = await store.listRevision(REPO);
    const byName = (name: string): DataFile => files.find((file) => file.path === name) as DataFile;
    return { store, big: byName("big.bin"), small: byName("small.txt"), at: { ...REPO, revision: commit as "main" } };
  };

  test.each(["big", "small"] as const)(
    "of a %s file with a flipped byte is CORRUPT_FILE, and not kept",
    async (name) => {
      await using hub = await serveHub(FILES);
      await using folder = await makeFolder();
      const { store, at, ...files } = await start(hub);
      const target = path.join(folder.path, "copy");
      hub.server.inject({ match: ({ range }) => range !== undefined, corruptByteAt: 5 });
      const error = await rejection(download(store.open(at, files[name]), target));
      expect(error).toMatchObject({ code: "CORRUPT_FILE" });
      expect(await readdir(folder.path)).toEqual([]);
      await download(store.open(at, files[name]), target);
      expect((await readFile(target)).length).toBe(files[name].size);
    },
  );

  test("that was damaged on the disk since is fetched again; one that was only touched is not", async () => {
    await using hub = await serveHub(FILES);
    await using folder = await makeFolder();
    const { store, at, big } = await start(hub);
    const target = path.join(folder.path, "copy");
    const source = store.open(at, big);
    await download(source, target);
    hub.takeLog();
    await utimes(target, new Date(), new Date());
    await download(source, target);
    expect(hub.takeLog()).toEqual([]);
    await writeFile(target, Buffer.from(BYTES).fill(0, 1000, 1001));
    const copy = await download(source, target);
    expect(isSame(await copy.read({ offset: 0, length: big.size }), BYTES)).toBe(true);
    expect(hub.takeLog("cdn").length).toBeGreaterThan(0);
  });
});

describe("a commit that history rewriting removed", () => {
  const gone = (hub: Hub, commit: string): (() => void) =>
    hub.server.inject({
      match: ({ path: asked }) => asked.includes(commit),
      times: Infinity,
      status: 404,
      headers: { "X-Error-Code": "RevisionNotFound" },
    });

  test("is not believed to be there, though the cache still leads to it: its files are listed anew", async () => {
    await using hub = await serveHub(FILES);
    const old = await storeOf(hub).resolveRevision(REPO); // but not listed
    await hub.write({ "datasets/org/data/small.txt": "other text" });
    gone(hub, old.commit);
    const found = await storeOf(hub).listRevision(REPO);
    expect(old.isRemembered).toBe(false);
    expect(found.commit).not.toBe(old.commit);
    const indexed = await hub.open().find("datasets/org/data");
    expect(indexed).toHaveLength(3);
  });

  test("is told by a read, which forgets what led to it", async () => {
    await using hub = await serveHub(FILES);
    const first = await storeOf(hub).listRevision(REPO);
    const store = storeOf(hub);
    const { commit, files, isRemembered } = await store.listRevision(REPO);
    expect([first.isRemembered, isRemembered]).toEqual([false, true]);
    await hub.write({ "datasets/org/data/small.txt": "other text" });
    gone(hub, commit);
    const at = { ...REPO, revision: commit };
    const small = files.find((file) => file.path === "small.txt") as DataFile;
    const error = await rejection(store.open(at, small).read({ offset: 0, length: 4 }));
    expect(error).toMatchObject({ code: "FILE_CHANGED" });
    expect(isCommitGone(error)).toBe(true);
    const again = await store.listRevision(REPO);
    expect([again.commit === commit, again.isRemembered]).toEqual([false, false]);
  });
});

test("names that no address can hold are an error of their file alone", async () => {
  await using hub = await serveHub(FILES);
  const store = storeOf(hub);
  const file = { size: 1, oid: "a".repeat(40) };
  for (const name of ["\ud800.parquet", "a\0b", "../x"])
    expect(() => store.open(REPO, { ...file, path: name })).toThrow(expect.objectContaining({ code: "INVALID_PATH" }));
});

import { describe, expect, test } from "vitest";
import { HubStore } from "../../src/fs/hub-store.ts";
import { type HubFixture, rejection, serveHub } from "../helpers/hub-fixture.ts";

const REPO = { type: "dataset", id: "org/data", revision: "main" } as const;
const README = "datasets/org/data/README.md";
const FILES = { "datasets/org/data/d/a.txt": "a", "datasets/org/data/d/e/b.parquet": "b", [README]: "# first" };

const storeOf = (hub: HubFixture, options: object = {}): HubStore =>
  new HubStore({ endpoint: hub.server.url, token: false, cacheDir: hub.cacheDir, maxOutageMs: 10_000, ...options });

/** The requests since the last call, as `info ?blobs=true 200`. */
const takeRequests = (hub: HubFixture): string[] =>
  hub
    .takeLog()
    .map(({ route, query, status }) => [route, query, status].filter((part) => part !== "").join(" "))
    .sort(); // what is sent at once comes in in any order

const pathsOf = (files: readonly { readonly path: string }[]): string[] => files.map(({ path }) => path).sort();

describe("listRevision", () => {
  test("lists 2500 files by one request, and asks for nothing when the cache knows them", async () => {
    const names = Array.from({ length: 2500 }, (_, index) => `d${index % 3}/${index}.txt`);
    await using hub = await serveHub(Object.fromEntries(names.map((name) => [`datasets/org/data/${name}`, name])));
    const { files } = await storeOf(hub).listRevision(REPO);
    expect(pathsOf(files)).toEqual(names.sort());
    const top = "tree ?recursive=false&expand=false 200"; // whose three oids tell that the list is whole
    expect(takeRequests(hub)).toEqual(["info ?blobs=true 200", top]);
    expect((await storeOf(hub).listRevision(REPO)).files).toEqual(files);
    expect(takeRequests(hub)).toEqual([]);
  });

  test("tells sizes and contents as the tree does", async () => {
    await using hub = await serveHub(FILES);
    const { files } = await storeOf(hub).listRevision(REPO);
    const listed = (await hub.open().find("datasets/org/data")).map(({ path, size, oid, lfs }) => ({
      path: path.slice("datasets/org/data/".length),
      size,
      oid: lfs?.oid ?? oid,
    }));
    expect(listed.some(({ oid }) => oid.length === 64)).toBe(true);
    expect([...files].sort((a, b) => (a.path < b.path ? -1 : 1))).toEqual(listed);
  });

  test.each([
    ["is cut short", (siblings: object[]) => siblings.slice(0, -1)],
    ["is empty", () => []],
    ["has no sizes, as a mirror's", (siblings: object[]) => siblings.map((file) => ({ ...file, size: undefined }))],
    ["has no hashes", (siblings: object[]) => siblings.map((file) => ({ ...file, blobId: undefined }))],
    ["is left out", () => undefined],
  ])("lists the tree where the Hub's list %s", async (_, spoil) => {
    await using hub = await serveHub(FILES);
    const info = (await (await fetch(`${hub.server.url}/api/datasets/org/data?blobs=true`)).json()) as {
      siblings: object[];
    };
    const body = JSON.stringify({ ...info, siblings: spoil(info.siblings) });
    hub.takeLog();
    hub.server.inject({ match: { route: "info" }, status: 200, body });
    const { files } = await storeOf(hub).listRevision(REPO);
    expect(pathsOf(files)).toEqual(["README.md", "d/a.txt", "d/e/b.parquet"]);
    expect(takeRequests(hub)).toContain("tree ?recursive=true&expand=false 200");
  });

  test("a file alongside is kept for readText, which then asks for nothing", async () => {
    await using hub = await serveHub(FILES);
    const store = storeOf(hub);
    const { commit } = await store.listRevision(REPO, { alongside: "README.md" });
    expect(takeRequests(hub)).toHaveLength(3);
    expect(await store.readText({ ...REPO, revision: commit }, "README.md")).toBe("# first");
    expect(await storeOf(hub).readText({ ...REPO, revision: commit }, "README.md")).toBe("# first");
    expect(takeRequests(hub)).toEqual([]);
  });

  test.each([
    ["of another commit", { status: 200, body: "# second" }],
    ["missing", { status: 404, headers: { "X-Error-Code": "EntryNotFound" } }],
  ])("a file alongside that is %s is asked for again at the commit that is listed", async (_, fault) => {
    await using hub = await serveHub(FILES);
    const store = storeOf(hub);
    hub.server.inject({ match: { path: "README.md" }, ...fault });
    const { commit } = await store.listRevision(REPO, { alongside: "README.md" });
    hub.takeLog();
    expect(await store.readText({ ...REPO, revision: commit }, "README.md")).toBe("# first");
    expect(hub.takeLog().map(({ path }) => path)).toEqual([`/datasets/org/data/resolve/${commit}/README.md`]);
  });

  test("a file alongside that the repo does not have is nobody's loss, and is not waited for", async () => {
    await using hub = await serveHub({ "datasets/org/data/a.txt": "a" });
    hub.server.inject({ match: { path: "README.md" }, latencyMs: 20_000 });
    const { files } = await storeOf(hub).listRevision(REPO, { alongside: "README.md" });
    expect(pathsOf(files)).toEqual(["a.txt"]);
    await expect.poll(() => hub.server.log.every(({ durationMs }) => durationMs !== undefined)).toBe(true);
  });

  test("a file alongside that cannot be had is an error, as it is when it is read by itself", async () => {
    await using hub = await serveHub(FILES);
    hub.server.inject({ match: { path: "README.md" }, status: 403, times: 10 });
    const error = await rejection(storeOf(hub).listRevision(REPO, { alongside: "README.md" }));
    expect(error).toMatchObject({ status: 403 });
  });

  test("a branch that moved is asked for its commit, and the new commit for its files", async () => {
    await using hub = await serveHub(FILES);
    const eager = { revisionTtlMs: 0 };
    await storeOf(hub, eager).listRevision(REPO, { alongside: "README.md" });
    takeRequests(hub);
    await storeOf(hub, eager).listRevision(REPO, { alongside: "README.md" });
    expect(takeRequests(hub)).toEqual(["info 200"]);
    await hub.write({ "datasets/org/data/new.txt": "n" });
    const { files } = await storeOf(hub, eager).listRevision(REPO, { alongside: "README.md" });
    expect(files).toHaveLength(4);
    expect(takeRequests(hub).slice(0, 2)).toEqual(["info 200", "info ?blobs=true 200"]);
    expect(takeRequests(hub)).toEqual([]);
  });

  test("an abort ends all of its requests at once", async () => {
    await using hub = await serveHub(FILES);
    hub.server.setTraffic({ latencyMs: 5000 });
    const stop = new AbortController();
    const running = rejection(storeOf(hub).listRevision(REPO, { alongside: "README.md", signal: stop.signal }));
    await expect.poll(() => hub.server.log.length).toBe(3);
    const reason = new Error("stop");
    stop.abort(reason);
    expect(await running).toBe(reason);
    await expect.poll(() => hub.server.log.every(({ durationMs }) => durationMs !== undefined)).toBe(true);
  });

  test("works where the cache cannot be written", async () => {
    await using hub = await serveHub(FILES);
    const store = storeOf(hub, { cacheDir: "/proc/none" });
    expect((await store.listRevision(REPO, { alongside: "README.md" })).files).toHaveLength(3);
    expect(takeRequests(hub)).toHaveLength(3);
  });
});

import { once } from "node:events";
import { mkdir, readdir, rename, rm, symlink, utimes } from "node:fs/promises";
import { connect } from "node:net";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { startHubServer } from "../../src/serve/index.ts";
import { bytesOf, getRaw, locationOf, makeBytes, serveFiles, type ServedFolder } from "./served-folder.ts";

const FILES = { "org/name/f.txt": "0123456789", "org/name/big.bin": makeBytes(2_000_000) };
const FILE_URL = "/datasets/org/name/resolve/main/f.txt";
const BIG_URL = "/datasets/org/name/resolve/main/big.bin";

async function shaOf(hub: ServedFolder, repo = "org/name"): Promise<string> {
  const { sha } = await hub.getJson<{ sha: string }>(`/api/datasets/${repo}`);
  return sha;
}

describe("the log", () => {
  test("tells every request to both servers, without tokens and signatures", async () => {
    await using hub = await serveFiles(FILES);
    const headers = { Authorization: "Bearer hf_secret", Range: "bytes=0-9", "User-Agent": "test" };
    const location = await locationOf(hub.get(`${BIG_URL}?download=true`, { headers }));
    await hub.get(location, { headers: { Range: "bytes=0-9" } });
    expect(hub.server.log).toMatchObject([
      {
        origin: "hub",
        method: "GET",
        route: "resolve",
        path: BIG_URL,
        query: "?download=true",
        file: "org/name/big.bin",
        range: "bytes=0-9",
        hasAuthorization: true,
        userAgent: "test",
        status: 302,
      },
      { origin: "cdn", route: "cdn", query: "", file: "org/name/big.bin", status: 206, bytesSent: 10 },
    ]);
    expect(JSON.stringify(hub.server.log)).not.toMatch(/hf_secret|Signature|Policy/);
    expect(hub.server.log[0]!.time).toBeGreaterThan(Date.now() - 60_000);
  });

  test("can be read and cleared over HTTP, which is not logged", async () => {
    await using hub = await serveFiles(FILES);
    await hub.get(FILE_URL);
    expect(await hub.getJson("/_log")).toMatchObject([{ route: "resolve", status: 200, bytesSent: 10 }]);
    expect((await hub.get("/_log", { method: "DELETE" })).status).toBe(204);
    expect(hub.server.log).toEqual([]);
    await hub.get(FILE_URL);
    hub.server.clearLog();
    expect(await hub.getJson("/_log")).toEqual([]);
  });

  test("keeps no more than it may", async () => {
    await using hub = await serveFiles(FILES, { logLimit: 3 });
    for (let count = 0; count < 8; count += 1) await hub.get(`${FILE_URL}?n=${count}`);
    expect(hub.server.log.map(({ query }) => query)).toEqual(["?n=5", "?n=6", "?n=7"]);
  });

  test("shows what is under way", async () => {
    await using hub = await serveFiles(FILES);
    hub.server.inject({ stallAfterBytes: 4 });
    const response = await hub.get(FILE_URL);
    expect(hub.server.log[0]).toMatchObject({ status: 200, durationMs: undefined });
    await response.body?.cancel();
    await expect.poll(() => hub.server.log[0]?.durationMs).toBeGreaterThan(0);
  });
});

describe("rate limits", () => {
  test("are told in every answer", async () => {
    await using hub = await serveFiles(FILES, { quotas: { resolvers: 5, windowMs: 60_000 } });
    const first = await hub.get(FILE_URL);
    expect(first.headers.get("ratelimit")).toMatch(/^"resolvers";r=4;t=\d+$/);
    expect(first.headers.get("ratelimit-policy")).toBe('"fixed window";"resolvers";q=5;w=60');
    expect((await hub.get("/api/datasets/org/x")).headers.get("ratelimit")).toMatch(/^"api";r=\d+;t=\d+$/);
    expect((await hub.get("/")).headers.get("ratelimit")).toMatch(/^"pages";/);
  });

  test("refuse with a page for people and no Retry-After, each client for itself", async () => {
    await using hub = await serveFiles(FILES, { quotas: { resolvers: 2, windowMs: 400 } });
    const statusOf = async (token: string): Promise<number> => {
      return (await hub.get(FILE_URL, { headers: { Authorization: `Bearer ${token}` } })).status;
    };
    expect([await statusOf("a"), await statusOf("a"), await statusOf("b")]).toEqual([200, 200, 200]);
    const refused = await hub.get(FILE_URL, { headers: { Authorization: "Bearer a" } });
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, null]);
    expect(refused.headers.get("content-type")).toContain("text/html");
    expect(refused.headers.get("ratelimit")).toMatch(/^"resolvers";r=0;t=1$/);
    await expect.poll(() => statusOf("a"), { interval: 200 }).toBe(200);
  });
});

describe("traffic", () => {
  test("is as late as it is told to be", async () => {
    await using hub = await serveFiles(FILES, { traffic: { latencyMs: 80 } });
    const time = async (): Promise<number> => {
      const begun = performance.now();
      await (await hub.get(FILE_URL)).text();
      return performance.now() - begun;
    };
    expect(await time()).toBeGreaterThan(75);
    hub.server.setTraffic({});
    expect(await time()).toBeLessThan(75);
  });

  test("is as slow as it is told to be", async () => {
    await using hub = await serveFiles(FILES, { traffic: { bytesPerSecond: 4_000_000 } });
    const begun = performance.now();
    const body = await bytesOf(hub.get(await locationOf(hub.get(BIG_URL))));
    const ms = performance.now() - begun;
    expect(Buffer.compare(body, FILES["org/name/big.bin"])).toBe(0);
    expect(ms).toBeGreaterThan(450);
    expect(ms).toBeLessThan(1500);
  });
});

describe("a folder that changes", () => {
  test("gets another commit, and the old one is gone", async () => {
    await using hub = await serveFiles(FILES);
    const before = await shaOf(hub);
    expect(await shaOf(hub)).toBe(before);
    await hub.write({ "org/name/f.txt": "9876543210" });
    const after = await shaOf(hub);
    expect(after).not.toBe(before);
    const old = await hub.get(`/datasets/org/name/resolve/${before}/f.txt`);
    expect([old.status, old.headers.get("x-error-code")]).toEqual([404, "RevisionNotFound"]);
    expect(await (await hub.get(`/datasets/org/name/resolve/${after}/f.txt`)).text()).toBe("9876543210");
    await hub.write({ "org/name/f.txt": "0123456789" });
    expect(await shaOf(hub)).toBe(before);
  });

  test("is noticed by a client that only reads files of the old commit", async () => {
    await using hub = await serveFiles(FILES);
    const sha = await shaOf(hub);
    const url = `/datasets/org/name/resolve/${sha}/f.txt`;
    expect((await hub.get(url)).status).toBe(200);
    await hub.write({ "org/name/f.txt": "changed" });
    expect((await hub.get(url)).headers.get("x-error-code")).toBe("RevisionNotFound");
    await rm(path.join(hub.root, "org/name/f.txt"));
    expect((await hub.get(FILE_URL)).headers.get("x-error-code")).toBe("EntryNotFound");
  });

  test("keeps its commit wherever and whenever it was written", async () => {
    await using one = await serveFiles(FILES);
    await using other = await serveFiles(FILES);
    await utimes(path.join(other.root, "org/name/f.txt"), 0, 0);
    expect(await shaOf(one)).toBe(await shaOf(other));
  });

  test("may appear, get revisions and vanish", async () => {
    await using hub = await serveFiles(FILES);
    expect((await hub.get("/api/datasets/org/new")).status).toBe(401);
    await hub.write({ "org/new/f.txt": "" });
    const sha = await shaOf(hub, "org/new");
    expect((await hub.get("/api/datasets/org/new/revision/v1")).status).toBe(404);
    await hub.write({ "org/new@v1/f.txt": "one" });
    expect((await hub.get("/api/datasets/org/new/revision/v1")).status).toBe(200);
    expect(await shaOf(hub, "org/new")).toBe(sha);
    await rename(path.join(hub.root, "org/new"), path.join(hub.root, "org/newer"));
    expect((await hub.get("/api/datasets/org/new")).headers.get("x-error-code")).toBe("RevisionNotFound");
    await rm(path.join(hub.root, "org/new@v1"), { recursive: true });
    expect((await hub.get("/api/datasets/org/new")).status).toBe(401);
  });
});

describe("which folders are repos", () => {
  test("org/name, datasets/org/name and one word with a file in it", async () => {
    await using hub = await serveFiles({
      ...FILES,
      "datasets/org/typed/f": "",
      "oneword/f": "",
      "datasets/word/f": "",
    });
    for (const id of ["org/name", "org/typed", "oneword", "word"]) {
      expect(await hub.getJson(`/api/datasets/${id}`)).toMatchObject({ id });
    }
    for (const id of ["org", "datasets", "datasets/org", "oneword/f"]) {
      expect((await hub.get(`/api/datasets/${id}`)).status).toBe(401);
    }
  });

  test("what a clone or a download leaves behind is not served", async () => {
    await using hub = await serveFiles({
      "org/name/.git/HEAD": "",
      "org/name/.gitattributes": "",
      "org/name/.cache/huggingface/download/f.metadata": "",
    });
    expect(await hub.getJson("/api/datasets/org/name")).toMatchObject({ siblings: [{ rfilename: ".gitattributes" }] });
  });
});

describe("nothing outside the root is served", () => {
  test.each([
    "/api/datasets/../secret",
    "/api/datasets/org/..",
    "/api/datasets/%2e%2e/secret",
    "/api/datasets/..%2fsecret",
    "/api/datasets/org%2f../name",
    "/datasets/org/../resolve/main/secret.txt",
    "/datasets/../secret/resolve/main/f.txt",
    "/datasets/org/name/resolve/main/../../../secret/f.txt",
    "/datasets/org/name/resolve/main/..%2f..%2f..%2fsecret/f.txt",
    "/datasets/org/name/resolve/..%2f..%2f..%2fsecret/f.txt",
    "/datasets/org/name/resolve/main/%2fetc%2fpasswd",
  ])("by %s", async (target) => {
    await using outer = await serveFiles({ "root/org/name/f.txt": "", "secret/f.txt": "secret" });
    const server = await startHubServer({ root: path.join(outer.root, "root") });
    await using _ = server;
    expect(await getRaw(server, target)).toBeGreaterThanOrEqual(400);
  });

  test("by links, which work within it", async () => {
    await using outer = await serveFiles({
      "root/org/name/f.txt": "f",
      "root/blobs/b": "blob",
      "secret/f.txt": "secret",
    });
    const repo = path.join(outer.root, "root/org/name");
    await symlink("../../blobs/b", path.join(repo, "inside.txt"));
    await symlink("../../blobs", path.join(repo, "folder"));
    await symlink("../../../secret/f.txt", path.join(repo, "outside.txt"));
    await symlink(path.join(outer.root, "secret"), path.join(repo, "outside"));
    await symlink("nowhere", path.join(repo, "broken"));
    await symlink(".", path.join(repo, "loop"));
    await symlink(path.join(outer.root, "secret"), path.join(outer.root, "root/org/linked"));
    const server = await startHubServer({ root: path.join(outer.root, "root") });
    await using _ = server;
    const info = await (await fetch(`${server.url}/api/datasets/org/name`)).json();
    expect(info).toMatchObject({
      siblings: [{ rfilename: "f.txt" }, { rfilename: "folder/b" }, { rfilename: "inside.txt" }],
    });
    const url = `${server.url}/datasets/org/name/resolve/main/`;
    expect(await (await fetch(`${url}inside.txt`)).text()).toBe("blob");
    expect((await fetch(`${url}outside.txt`)).status).toBe(404);
    expect((await fetch(`${server.url}/api/datasets/org/linked`)).status).toBe(401);
  });
});

describe("the server", () => {
  test.each([
    [400, "/datasets/org/name/resolve/main/%zz"],
    [400, "/api/datasets/%ff%fe"],
    [404, "//"],
    [404, "/datasets/org/name/resolve"],
    [404, "/api/datasets/org/name/resolve/main/f.txt"],
  ])("answers %i to %s", async (status, target) => {
    await using hub = await serveFiles(FILES);
    expect(await getRaw(hub.server, target)).toBe(status);
  });

  test("names every request", async () => {
    await using hub = await serveFiles(FILES);
    const ids = [await hub.get("/"), await hub.get(FILE_URL), await hub.get("/", { method: "PUT" })];
    const names = new Set(ids.map((response) => response.headers.get("x-request-id")));
    expect(names.size).toBe(3);
    expect(names).not.toContain(null);
  });

  test("does not take other methods", async () => {
    await using hub = await serveFiles(FILES);
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
      expect((await hub.get(FILE_URL, { method })).status).toBe(405);
    }
    expect((await hub.get("/api/datasets/org/name/paths-info/main")).status).toBe(405);
  });

  test("survives clients that go away, and keeps none of their files open", async () => {
    const errors: unknown[] = [];
    await using hub = await serveFiles(FILES, {
      largeFiles: "direct",
      traffic: { bytesPerSecond: 100_000 },
      onError: (error) => errors.push(error),
    });
    const openFiles = async (): Promise<number> => (await readdir("/proc/self/fd").catch(() => [])).length;
    await (await hub.get(FILE_URL)).text();
    const before = await openFiles();
    for (let count = 0; count < 20; count += 1) {
      const { hostname, port } = new URL(hub.server.url);
      const socket = connect(Number(port), hostname);
      socket.write(`GET ${BIG_URL} HTTP/1.1\r\nHost: x\r\n\r\n`);
      await once(socket, "data");
      socket.resetAndDestroy();
    }
    await expect.poll(openFiles).toBeLessThanOrEqual(before + 1);
    expect((await hub.get(FILE_URL)).status).toBe(200);
    expect(errors).toEqual([]);
  });

  test("breaks everything off when it is closed, at once and only once", async () => {
    await using hub = await serveFiles(FILES, { traffic: { latencyMs: 60_000 } });
    const pending = hub.get(FILE_URL).then(
      () => "answered",
      () => "broken off",
    );
    await expect.poll(() => hub.server.log.length).toBe(1);
    const begun = performance.now();
    await Promise.all([hub.server.close(), hub.server.close()]);
    expect(await pending).toBe("broken off");
    expect(performance.now() - begun).toBeLessThan(1000);
    await hub.server.close();
    await expect(fetch(hub.server.url)).rejects.toThrow("fetch failed");
  });

  test("rejects options that make no sense, and folders that are none", async () => {
    await using hub = await serveFiles(FILES);
    const { root } = hub;
    const start = async (options: object): Promise<unknown> => await startHubServer({ root, ...options });
    await expect(start({ prot: 1 })).rejects.toThrow("Unknown option `prot`");
    await expect(start({ root: "" })).rejects.toThrow("Expected `root`");
    await expect(start({ port: -1 })).rejects.toThrow("Expected `port`");
    await expect(start({ pageSizes: { plain: 0 } })).rejects.toThrow("Expected `pageSizes.plain`");
    await expect(start({ root: path.join(root, "nothing") })).rejects.toThrow("ENOENT");
    await expect(start({ root: path.join(root, "org/name/f.txt") })).rejects.toThrow("to be a folder");
    const { port } = new URL(hub.server.url);
    await expect(start({ port: Number(port) })).rejects.toThrow("EADDRINUSE");
  });

  test("serves many repos and clients at once", async () => {
    const files = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`org/r${index}/f.txt`, `${index}`]));
    await using hub = await serveFiles(files);
    await mkdir(path.join(hub.root, "empty"));
    const asked = Array.from({ length: 300 }, async (_, index) => {
      const response = await hub.get(`/datasets/org/r${index % 30}/resolve/main/f.txt`);
      return Number(await response.text()) === index % 30;
    });
    expect(await Promise.all(asked)).not.toContain(false);
  });
});

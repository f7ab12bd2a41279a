import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { bytesOf, locationOf, makeBytes, serveFiles } from "./served-folder.ts";

const BIG = makeBytes(3_000_000);
const BIG_SHA = createHash("sha256").update(BIG).digest("hex");
const SMALL = "0123456789";
const SMALL_OID = createHash("sha1").update(`blob 10\0${SMALL}`).digest("hex");
const FILES = { "org/name/small.txt": SMALL, "org/name/big.bin": BIG };
const SMALL_URL = "/datasets/org/name/resolve/main/small.txt";
const BIG_URL = "/datasets/org/name/resolve/main/big.bin";

const withRange = (range: string): RequestInit => ({ headers: { Range: range } });

describe("a small file", () => {
  test("comes with commit, git hash and length", async () => {
    await using hub = await serveFiles(FILES);
    const { sha } = await hub.getJson<{ sha: string }>("/api/datasets/org/name");
    for (const method of ["GET", "HEAD"]) {
      const response = await hub.get(SMALL_URL, { method });
      expect(response.status).toBe(200);
      expect(Object.fromEntries(response.headers)).toMatchObject({
        "x-repo-commit": sha,
        etag: `"${SMALL_OID}"`,
        "content-length": "10",
        "accept-ranges": "bytes",
      });
      expect(await response.text()).toBe(method === "GET" ? SMALL : "");
    }
  });

  test.each([
    ["bytes=2-4", 206, "234", "bytes 2-4/10"],
    ["bytes=-3", 206, "789", "bytes 7-9/10"],
    ["bytes=7-", 206, "789", "bytes 7-9/10"],
    ["bytes=5-99", 206, "56789", "bytes 5-9/10"],
    ["bytes=10-", 416, "", "bytes */10"],
    ["bytes=0-1,4-5", 200, SMALL, null],
  ])("asked for %s gives status %i and %j", async (range, status, body, contentRange) => {
    await using hub = await serveFiles(FILES);
    const response = await hub.get(SMALL_URL, withRange(range));
    expect([response.status, await response.text()]).toEqual([status, body]);
    expect(response.headers.get("content-range")).toBe(contentRange);
  });

  test("is not sent again to a client that has it", async () => {
    await using hub = await serveFiles(FILES);
    const ask = async (etag: string): Promise<number> => {
      return (await hub.get(SMALL_URL, { headers: { "If-None-Match": etag } })).status;
    };
    expect(await ask(`"${SMALL_OID}"`)).toBe(304);
    expect(await ask(`"x", W/"${SMALL_OID}"`)).toBe(304);
    expect(await ask('"x"')).toBe(200);
    const range = { Range: "bytes=0-1", "If-Range": '"x"' };
    expect((await hub.get(SMALL_URL, { headers: range })).status).toBe(200);
  });

  test("goes by way of a relative redirect if that is wanted", async () => {
    await using hub = await serveFiles(FILES, { resolveCache: true });
    const first = await hub.get(SMALL_URL);
    const location = await locationOf(first);
    expect(first.status).toBe(307);
    expect(location).toMatch(/^\/api\/resolve-cache\/datasets\/org\/name\/[0-9a-f]{40}\/small\.txt\?.*&etag=%22/);
    // Python's client drops the query.
    const second = await hub.get(location.split("?")[0]!, withRange("bytes=1-2"));
    expect([second.status, await second.text()]).toEqual([206, "12"]);
    expect(second.headers.get("x-repo-commit")).toBe(first.headers.get("x-repo-commit"));
  });

  test.each(["a b#?.txt", "ünï.txt", "100%.txt", "deep/er/[x].txt", "+&=.txt"])("may be called %s", async (name) => {
    await using hub = await serveFiles({ [`org/name/${name}`]: "found" });
    for (const path of [encodeURIComponent(name), name.split("/").map(encodeURIComponent).join("/")]) {
      const response = await hub.get(`/datasets/org/name/resolve/main/${path}`);
      expect(await response.text()).toBe("found");
    }
  });

  test("may be empty", async () => {
    await using hub = await serveFiles({ "org/name/empty.txt": "" });
    const response = await hub.get("/datasets/org/name/resolve/main/empty.txt");
    expect([response.status, await response.text(), response.headers.get("content-length")]).toEqual([200, "", "0"]);
  });
});

describe("a large file", () => {
  test("is redirected to the store, with all that clients read of it", async () => {
    await using hub = await serveFiles(FILES);
    const response = await hub.get(BIG_URL);
    expect(response.status).toBe(302);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "x-linked-size": String(BIG.length),
      "x-linked-etag": `"${BIG_SHA}"`,
      "accept-ranges": "bytes",
    });
    expect(response.headers.get("x-repo-commit")).toMatch(/^[0-9a-f]{40}$/);
    const location = await locationOf(response);
    expect(location.startsWith(`${hub.server.cdnUrl}/`)).toBe(true);
    expect(new URL(location).hostname).not.toBe(new URL(hub.server.url).hostname);
    expect(Buffer.compare(await bytesOf(hub.get(location)), BIG)).toBe(0);
  });

  test("is one by its size or by its extension", async () => {
    const files = { "org/name/a.txt": "12345", "org/name/b.txt": "1234", "org/name/c.XYZ": "" };
    await using hub = await serveFiles(files, { lfsThreshold: 5, lfsExtensions: [".xyz"] });
    const statusOf = async (file: string): Promise<number> => {
      return (await hub.get(`/datasets/org/name/resolve/main/${file}`, { method: "HEAD" })).status;
    };
    expect([await statusOf("a.txt"), await statusOf("b.txt"), await statusOf("c.XYZ")]).toEqual([302, 200, 302]);
  });

  test("is a pointer when asked for raw", async () => {
    await using hub = await serveFiles(FILES);
    const pointer = await (await hub.get("/datasets/org/name/raw/main/big.bin")).text();
    expect(pointer).toBe(`version https://git-lfs.github.com/spec/v1\noid sha256:${BIG_SHA}\nsize ${BIG.length}\n`);
    expect(await (await hub.get("/datasets/org/name/raw/main/small.txt")).text()).toBe(SMALL);
  });

  test("is sent by the Hub itself if that is wanted, or if the store would have no name", async () => {
    await using direct = await serveFiles(FILES, { largeFiles: "direct" });
    const response = await direct.get(BIG_URL, withRange("bytes=-2"));
    expect([response.status, await bytesOf(response)]).toEqual([206, BIG.slice(-2)]);
    expect(response.headers.get("x-linked-etag")).toBe(`"${BIG_SHA}"`);
    expect(response.headers.get("etag")).toBe(`"${BIG_SHA}"`);
  });

  test("is not sent again to a client that has it", async () => {
    await using hub = await serveFiles(FILES);
    const init = { headers: { "If-None-Match": `"${BIG_SHA}"` } };
    expect((await hub.get(BIG_URL, init)).status).toBe(304);
  });
});

test.each(["nothing.txt", "..%2Fother%2Fsecret.txt", "%2e%2e/other/secret.txt", ""])(
  "a missing file, like %s, is told with the commit that lacks it",
  async (path) => {
    await using hub = await serveFiles({ ...FILES, "org/other/secret.txt": "" });
    const response = await hub.get(`/datasets/org/name/resolve/main/x%2F..%2F${path}`);
    expect([response.status, response.headers.get("x-error-code")]).toEqual([404, "EntryNotFound"]);
    expect(response.headers.get("x-repo-commit")).toMatch(/^[0-9a-f]{40}$/);
    expect(response.headers.get("x-error-message")).toBe("Entry not found");
    expect(await response.json()).toEqual({ error: "Entry not found" });
  },
);

test("a missing revision is told as such", async () => {
  await using hub = await serveFiles(FILES);
  for (const revision of ["nowhere", "0".repeat(40), "refs%2Fpr%2F1"]) {
    const response = await hub.get(`/datasets/org/name/resolve/${revision}/small.txt`);
    expect([response.status, response.headers.get("x-error-code")]).toEqual([404, "RevisionNotFound"]);
  }
});

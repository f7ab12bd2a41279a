import { expect, test } from "vitest";
import { bytesOf, locationOf, makeBytes, serveFiles, type ServedFolder } from "./served-folder.ts";

const BYTES = makeBytes(10_000);
const URL_OF_FILE = "/datasets/org/name/resolve/main/a.parquet";

async function serveOne(options: Parameters<typeof serveFiles>[1] = {}): Promise<ServedFolder> {
  return await serveFiles({ "org/name/a.parquet": BYTES }, options);
}

test("an address got without a range serves any range", async () => {
  await using hub = await serveOne();
  const location = await locationOf(hub.get(URL_OF_FILE));
  for (const [start, end] of [
    [0, 1],
    [500, 2000],
    [9_999, 10_000],
  ] as const) {
    const response = await hub.get(location, { headers: { Range: `bytes=${start}-${end - 1}` } });
    expect(response.status).toBe(206);
    expect(response.headers.get("content-range")).toBe(`bytes ${start}-${end - 1}/10000`);
    expect(await bytesOf(response)).toEqual(BYTES.slice(start, end));
  }
  expect(await bytesOf(hub.get(location))).toEqual(BYTES);
  expect((await hub.get(location, { method: "HEAD" })).headers.get("content-length")).toBe("10000");
});

test("an address got with a range serves that one only", async () => {
  await using hub = await serveOne();
  const location = await locationOf(hub.get(URL_OF_FILE, { headers: { Range: "bytes=0-9" } }));
  const statusOf = async (headers: Record<string, string>): Promise<number> => {
    return (await hub.get(location, { headers })).status;
  };
  expect(await statusOf({ Range: "bytes=0-9" })).toBe(206);
  expect(await statusOf({ Range: "bytes=0-10" })).toBe(403);
  expect(await statusOf({})).toBe(403);
});

test("a token sent to the store is refused", async () => {
  await using hub = await serveOne();
  const location = await locationOf(hub.get(URL_OF_FILE));
  const response = await hub.get(location, { headers: { Authorization: "Bearer hf_secret" } });
  expect(response.status).toBe(400);
  expect(hub.server.log.at(-1)).toMatchObject({ origin: "cdn", hasAuthorization: true });
});

test("an address expires", async () => {
  await using hub = await serveOne({ signedUrlTtlSeconds: 0 });
  expect((await hub.get(await locationOf(hub.get(URL_OF_FILE)))).status).toBe(403);
});

test("an address cannot be forged", async () => {
  await using hub = await serveOne();
  const location = new URL(await locationOf(hub.get(URL_OF_FILE)));
  const changed = (change: (url: URL) => void): URL => {
    const url = new URL(location);
    change(url);
    return url;
  };
  const policy = JSON.stringify({ expires: 9_999_999_999, file: "org/name/a.parquet" });
  const forged = [
    changed((url) => url.searchParams.set("Policy", Buffer.from(policy).toString("base64url"))),
    changed((url) => url.searchParams.set("Signature", "AAAA")),
    changed((url) => url.searchParams.delete("Signature")),
    changed((url) => (url.pathname = url.pathname.replace(/.$/, (digit) => (digit === "0" ? "1" : "0")))),
    changed((url) => (url.search = "")),
  ];
  for (const url of forged) expect((await hub.get(url.href)).status).toBe(403);
  expect((await hub.get(`${hub.server.cdnUrl}/etc/passwd`)).status).toBe(404);
});

test("the store names contents by a hash of its own", async () => {
  await using hub = await serveOne();
  const first = await hub.get(URL_OF_FILE);
  const linked = first.headers.get("x-linked-etag");
  const etag = (await hub.get(await locationOf(first))).headers.get("etag")!;
  expect(etag).toMatch(/^"[0-9a-f]{64}"$/);
  expect(etag).not.toBe(linked);
  const again = await hub.get(await locationOf(first), { headers: { "If-None-Match": etag } });
  expect(again.status).toBe(304);
});

test("an address does not serve a file that has changed", async () => {
  await using hub = await serveOne();
  const location = await locationOf(hub.get(URL_OF_FILE));
  await hub.write({ "org/name/a.parquet": makeBytes(5_000) });
  expect((await hub.get(location)).status).toBe(404);
  expect(await bytesOf(hub.get(await locationOf(hub.get(URL_OF_FILE))))).toEqual(makeBytes(5_000));
});

test.each([
  ["127.0.0.1", "localhost"],
  ["localhost", "127.0.0.1"],
  ["hub.localhost", "127.0.0.1"],
])("a client that calls the Hub %s finds the store at %s", async (host, store) => {
  await using hub = await serveOne();
  const { port } = new URL(hub.server.url);
  const { default: http } = await import("node:http");
  const location = await new Promise<string | undefined>((resolve, reject) => {
    const headers = { Host: `${host}:${port}` };
    http
      .get(new URL(URL_OF_FILE, hub.server.url), { headers, agent: false }, (response) => {
        response.resume();
        resolve(response.headers.location);
      })
      .once("error", reject);
  });
  expect(new URL(location!).host).toBe(`${store}:${new URL(hub.server.cdnUrl).port}`);
});

import { describe, expect, test } from "vitest";
import type { Fault } from "../../src/serve/index.ts";
import { bytesOf, locationOf, makeBytes, serveFiles, type ServedFolder } from "./served-folder.ts";

const BYTES = makeBytes(10_000);
const SMALL_URL = "/datasets/org/name/resolve/main/small.txt";
const BIG_URL = "/datasets/org/name/resolve/main/big.bin";
const RANGE = { headers: { Range: "bytes=100-199" } };

async function serve(): Promise<ServedFolder> {
  return await serveFiles({ "org/name/small.txt": "0123456789", "org/name/big.bin": BYTES });
}

/** A server with one fault in its store, and the address of a file there. */
async function serveWithFault(fault: Fault): Promise<{ hub: ServedFolder; location: string }> {
  const hub = await serve();
  const location = await locationOf(hub.get(BIG_URL));
  hub.server.inject({ match: { origin: "cdn" }, ...fault });
  return { hub, location };
}

describe("a fault strikes", () => {
  test("once if nothing else is said, and then no more", async () => {
    await using hub = await serve();
    hub.server.inject({ status: 503 });
    const statuses = [(await hub.get(SMALL_URL)).status, (await hub.get(SMALL_URL)).status];
    expect(statuses).toEqual([503, 200]);
  });

  test("after some requests, a number of times", async () => {
    await using hub = await serve();
    hub.server.inject({ status: 503, skip: 1, times: 2 });
    const statuses: number[] = [];
    for (let tries = 0; tries < 5; tries += 1) statuses.push((await hub.get(SMALL_URL)).status);
    expect(statuses).toEqual([200, 503, 503, 200, 200]);
  });

  test("until it is taken back", async () => {
    await using hub = await serve();
    const remove = hub.server.inject({ status: 503, times: Infinity });
    expect([(await hub.get(SMALL_URL)).status, (await hub.get(SMALL_URL)).status]).toEqual([503, 503]);
    remove();
    remove();
    expect((await hub.get(SMALL_URL)).status).toBe(200);
  });

  test.each<[string, Fault["match"], boolean]>([
    ["a route", { route: "resolve" }, true],
    ["one of several routes", { route: ["tree", "resolve"] }, true],
    ["another route", { route: "tree" }, false],
    ["an origin", { origin: "cdn" }, false],
    ["a method", { method: "get" }, true],
    ["another method", { method: "HEAD" }, false],
    ["a part of the path", { path: "main/small" }, true],
    ["a part of the file's name", { path: "org/name/small.txt" }, true],
    ["a pattern", { path: /small\.txt$/g }, true],
    ["another pattern", { path: /big/ }, false],
    ["a function", (request) => request.file === "org/name/small.txt", true],
  ])("only what agrees with %s", async (_, match, struck) => {
    await using hub = await serve();
    hub.server.inject({ match, status: 500 });
    expect((await hub.get(SMALL_URL)).status).toBe(struck ? 500 : 200);
  });
});

describe("instead of an answer there may be", () => {
  test("a status with headers and a body", async () => {
    await using hub = await serve();
    hub.server.inject({ status: 429, retryAfter: 3, headers: { "X-Extra": "1" }, body: "slow down" });
    const response = await hub.get(SMALL_URL);
    expect([response.status, await response.text()]).toEqual([429, "slow down"]);
    expect(response.headers.get("retry-after")).toBe("3");
    expect(response.headers.get("x-extra")).toBe("1");
    expect(hub.server.log[0]).toMatchObject({ status: 429, bytesSent: 9 });
  });

  test("a broken connection", async () => {
    await using hub = await serve();
    hub.server.inject({ reset: true });
    await expect(hub.get(SMALL_URL)).rejects.toThrow("fetch failed");
    expect(hub.server.log[0]).toMatchObject({ status: 0, bytesSent: 0 });
  });

  test("a pause", async () => {
    await using hub = await serve();
    hub.server.inject({ latencyMs: 100 });
    const begun = performance.now();
    expect((await hub.get(SMALL_URL)).status).toBe(200);
    expect(performance.now() - begun).toBeGreaterThan(95);
  });
});

describe("a body may", () => {
  test.each([0, 40])("break off after %i bytes", async (bytes) => {
    const { hub, location } = await serveWithFault({ cutAfterBytes: bytes });
    await using _ = hub;
    const response = await hub.get(location, RANGE);
    expect([response.status, response.headers.get("content-length")]).toEqual([206, "100"]);
    await expect(bytesOf(response)).rejects.toThrow("terminated");
    expect(hub.server.log.at(-1)).toMatchObject({ bytesSent: bytes });
  });

  test("arrive up to where it breaks off", async () => {
    const { hub, location } = await serveWithFault({ cutAfterBytes: 40 });
    await using _ = hub;
    const reader = (await hub.get(location, RANGE)).body!.getReader();
    const { value } = await reader.read();
    expect(value).toEqual(BYTES.slice(100, 140));
    await expect(reader.read()).rejects.toThrow("terminated");
  });

  test("stop in the middle while the connection stays open", async () => {
    const { hub, location } = await serveWithFault({ stallAfterBytes: 40 });
    await using _ = hub;
    const response = await hub.get(location, { ...RANGE, signal: AbortSignal.timeout(300) });
    await expect(bytesOf(response)).rejects.toThrow("timeout");
  });

  test("be shorter than the range", async () => {
    const { hub, location } = await serveWithFault({ shortBodyBytes: 10 });
    await using _ = hub;
    const response = await hub.get(location, RANGE);
    expect([response.status, response.headers.get("content-length")]).toEqual([206, null]);
    expect(response.headers.get("content-range")).toBe("bytes 100-199/10000");
    expect(await bytesOf(response)).toEqual(BYTES.slice(100, 190));
  });

  test("be the whole file", async () => {
    const { hub, location } = await serveWithFault({ ignoreRange: true });
    await using _ = hub;
    const response = await hub.get(location, RANGE);
    expect(response.status).toBe(200);
    expect(await bytesOf(response)).toEqual(BYTES);
  });

  test.each([
    ["bytes=100-199", "bytes 101-200/10000", 101],
    ["bytes=9900-9999", "bytes 9899-9998/10000", 9899],
  ])("be that of a neighbour of %s", async (range, contentRange, start) => {
    const { hub, location } = await serveWithFault({ wrongRange: true });
    await using _ = hub;
    const response = await hub.get(location, { headers: { Range: range } });
    expect([response.status, response.headers.get("content-range")]).toEqual([206, contentRange]);
    expect(await bytesOf(response)).toEqual(BYTES.slice(start, start + 100));
  });

  test("have one wrong byte", async () => {
    const { hub, location } = await serveWithFault({ corruptByteAt: 3 });
    await using _ = hub;
    const body = await bytesOf(hub.get(location, RANGE));
    const expected = BYTES.slice(100, 200);
    expected[3] = ~expected[3]! & 0xff;
    expect(body).toEqual(expected);
  });

  test("have another ETag", async () => {
    const { hub, location } = await serveWithFault({ changeEtag: true });
    await using _ = hub;
    const [changed, right] = [await hub.get(location), await hub.get(location)];
    expect(changed.headers.get("etag")).toMatch(/^"[0-9a-f]{64}"$/);
    expect(changed.headers.get("etag")).not.toBe(right.headers.get("etag"));
  });
});

test("what is not a file may break off as well", async () => {
  await using hub = await serve();
  hub.server.inject({ match: { route: "tree" }, cutAfterBytes: 10 });
  const response = await hub.get("/api/datasets/org/name/tree/main");
  await expect(response.text()).rejects.toThrow("terminated");
});

test("a match that throws breaks its own request off, and nothing else", async () => {
  const errors: unknown[] = [];
  await using hub = await serveFiles({ "org/name/small.txt": "" }, { onError: (error) => errors.push(error) });
  const failure = new Error("bad match");
  const remove = hub.server.inject({
    match: () => {
      throw failure;
    },
  });
  await expect(hub.get(SMALL_URL)).rejects.toThrow("fetch failed");
  remove();
  expect((await hub.get(SMALL_URL)).status).toBe(200);
  expect(errors).toEqual([failure]);
});

import { once } from "node:events";
import { describe, expect, test } from "vitest";
import type { RequestRecord } from "../../src/serve/index.ts";
import { isSame, makeBytes, rejection, serveHub } from "../helpers/hub-fixture.ts";

const BYTES = makeBytes(400_000);
const TEXT = makeBytes(3000);
const FILES = { "datasets/org/data/big.bin": BYTES, "datasets/org/data/small.txt": TEXT };
const BIG = "datasets/org/data/big.bin";
const SMALL = "datasets/org/data/small.txt";
const ranges = (log: readonly RequestRecord[]): (string | undefined)[] => log.map(({ range }) => range);

test("a redirect to what is no address is an error of the Hub", async () => {
  await using hub = await serveHub(FILES);
  for (const route of ["resolve", "info"] as const) {
    hub.server.inject({ match: { route }, status: 307, headers: { location: "http://[" } });
    expect(await rejection(hub.open({ revisionTtlMs: 0 }).cat(BIG))).toMatchObject({
      code: "HUB_UNAVAILABLE",
      message: expect.stringContaining("no address"),
    });
  }
});

describe("a read that breaks", () => {
  test("goes on from the received byte", async () => {
    await using hub = await serveHub(FILES);
    hub.server.inject({ match: { origin: "cdn" }, cutAfterBytes: 100_000 });
    expect(isSame(await hub.open().cat(BIG), BYTES)).toBe(true);
    const [first, second] = ranges(hub.takeLog("cdn"));
    expect(first).toBe("bytes=0-399999");
    const [, resumed] = /^bytes=(\d+)-399999$/.exec(second ?? "") ?? [];
    expect(Number(resumed)).toBe(100_000);
  });

  test.each([
    ["a reset connection", { reset: true, times: 2 }],
    ["a 500", { status: 500, times: 2 }],
    ["a 503 with Retry-After", { status: 503, retryAfter: 0 }],
    ["a 200 for a range", { ignoreRange: true }],
    ["another range than was asked", { wrongRange: true }],
    ["a short body", { shortBodyBytes: 10 }],
    ["another ETag, once", { changeEtag: true, skip: 1 }],
  ])("gives the right bytes after %s", async (_, fault) => {
    await using hub = await serveHub(FILES);
    const fs = hub.open();
    const answers = { match: ({ origin, range }: RequestRecord) => range !== undefined && origin === "cdn", ...fault };
    hub.server.inject(answers);
    for (const start of [1000, 2000, 3000]) {
      expect(isSame(await fs.cat(BIG, { start, end: start + 500 }), BYTES.subarray(start, start + 500))).toBe(true);
    }
    hub.server.inject({ ...answers, match: { path: "small.txt", route: "resolve" } });
    for (const start of [10, 20, 30]) {
      expect(await fs.cat(SMALL, { start, end: start + 50 })).toEqual(TEXT.subarray(start, start + 50));
    }
  });

  test.each([
    ["a 200 for every range", { ignoreRange: true }, "HUB_UNAVAILABLE"],
    ["a refused address for ever", { status: 403 }, "UNAUTHORIZED"],
    ["an error page instead of the range", { status: 200, body: "<html>" }, "HUB_UNAVAILABLE"],
    ["wrong ranges for ever", { wrongRange: true }, "HUB_UNAVAILABLE"],
    ["short bodies for ever", { shortBodyBytes: 600 }, "HUB_UNAVAILABLE"],
    ["another ETag from now on", { changeEtag: true, skip: 1 }, "FILE_CHANGED"],
  ])("is an error after %s, never wrong bytes, and works again when the server does", async (_, fault, code) => {
    await using hub = await serveHub(FILES);
    const fs = hub.open({ maxOutageMs: 3000 });
    const mend = hub.server.inject({ match: { origin: "cdn" }, times: Infinity, ...fault });
    const reads = async (): Promise<Uint8Array> => {
      await fs.cat(BIG, { start: 1000, end: 1500 });
      return await fs.cat(BIG, { start: 2000, end: 2500 });
    };
    expect(await rejection(reads())).toMatchObject({ code, path: BIG });
    mend();
    expect(isSame(await reads(), BYTES.subarray(2000, 2500))).toBe(true);
  });

  test("gives up after maxOutageMs and says how long it tried", async () => {
    await using hub = await serveHub(FILES);
    const fs = hub.open({ maxOutageMs: 400 });
    await fs.info(BIG);
    hub.server.inject({ match: { origin: "cdn" }, times: 1000, status: 502 });
    expect(await rejection(fs.cat(BIG))).toMatchObject({
      code: "HUB_UNAVAILABLE",
      status: 502,
      message: expect.stringMatching(/gave up after \d+ (try|tries) in 0\.\d s/),
    });
  });

  test("asks anew once where the signed address is refused, and then says so", async () => {
    await using hub = await serveHub(FILES);
    const fs = hub.open();
    await fs.cat(BIG, { end: 10 });
    hub.takeLog();
    hub.server.inject({ match: { origin: "cdn" }, status: 403 });
    expect(await fs.cat(BIG, { start: 10, end: 20 })).toEqual(BYTES.subarray(10, 20));
    expect(hub.takeLog().map(({ origin, status }) => [origin, status])).toEqual([
      ["cdn", 403],
      ["hub", 302],
      ["cdn", 206],
    ]);
    hub.server.inject({ match: { origin: "cdn" }, status: 403, times: Infinity });
    const error = await rejection(fs.cat(BIG, { end: 10 }));
    expect(error).toMatchObject({ code: "UNAUTHORIZED", status: 403 });
    expect(hub.takeLog("cdn").length).toBeLessThan(20);
    expect(JSON.stringify(error) + String(error)).not.toMatch(/Signature|Policy/);
  });

  test("resolves a file anew when the signed address ran out", async () => {
    await using hub = await serveHub(FILES, { signedUrlTtlSeconds: 1 });
    const fs = hub.open();
    await fs.cat(BIG, { end: 10 });
    await new Promise((resolve) => setTimeout(resolve, 1100));
    hub.takeLog();
    expect(await fs.cat(BIG, { start: 10, end: 20 })).toEqual(BYTES.subarray(10, 20));
    expect(hub.takeLog().map(({ status }) => status)).toEqual([302, 206]);
  });
});

describe("limits of the Hub", () => {
  test("a 429 is waited out as RateLimit says", async () => {
    await using hub = await serveHub(FILES);
    const fs = hub.open();
    hub.server.inject({ match: { route: "tree" }, status: 429, headers: { RateLimit: '"api";r=0;t=1' } });
    const start = performance.now();
    await fs.info(BIG);
    expect(performance.now() - start).toBeGreaterThan(1000);
    expect(hub.takeLog().map(({ route, status }) => [route, status])).toEqual([
      ["info", 200],
      ["tree", 429],
      ["tree", 200],
    ]);
  });

  test("a wait longer than maxOutageMs is RATE_LIMITED at once", async () => {
    await using hub = await serveHub(FILES);
    const fs = hub.open({ maxOutageMs: 5000 });
    hub.server.inject({ match: { route: "tree" }, status: 429, headers: { RateLimit: '"api";r=0;t=60' }, times: 10 });
    const start = performance.now();
    const expected = { code: "RATE_LIMITED", status: 429, retryAfterMs: expect.any(Number) };
    expect(await rejection(fs.info(BIG))).toMatchObject(expected);
    expect(await rejection(fs.info("datasets/org/other"))).toMatchObject(expected);
    expect(performance.now() - start).toBeLessThan(1000);
    expect(hub.takeLog()).toHaveLength(2);
  });
});

describe("requests", () => {
  test("carry the token to the Hub's own origin only", async () => {
    await using hub = await serveHub(FILES, { tokens: ["hf_secret"] });
    const fs = hub.open({ token: "hf_secret" });
    await fs.cat(BIG);
    await fs.cat(SMALL);
    const log = hub.takeLog();
    expect(new Set(log.map(({ origin, hasAuthorization }) => `${origin} ${hasAuthorization}`))).toEqual(
      new Set(["hub true", "cdn false"]),
    );
  });

  test("follow the redirect of a renamed repo, with names as they were asked for", async () => {
    await using hub = await serveHub(FILES, { renames: { "old/name": "org/data" } });
    const fs = hub.open({ token: "hf_any" });
    expect((await fs.find("datasets/old/name")).map(({ path }) => path)).toEqual([
      "datasets/old/name/big.bin",
      "datasets/old/name/small.txt",
    ]);
    expect(await fs.cat("datasets/old/name/small.txt")).toEqual(TEXT);
    expect(isSame(await fs.cat("datasets/old/name/big.bin"), BYTES)).toBe(true);
    expect(hub.takeLog("hub").every(({ hasAuthorization }) => hasAuthorization)).toBe(true);
  });

  test("resolve a large file once for many ranges, and merge those that are near", async () => {
    await using hub = await serveHub(FILES);
    const fs = hub.open();
    const wanted = Array.from({ length: 20 }, (_, index) => ({ offset: index * 20_000, length: 100 }));
    const far = [0, 150_000, 300_000].map((offset) => ({ offset, length: 10 }));
    await fs.readRanges(BIG, wanted);
    expect(hub.takeLog("cdn")).toHaveLength(1);
    await Promise.all([fs.readRanges(BIG, far), fs.readRanges(BIG, far)]);
    const log = hub.takeLog();
    expect(log.map(({ origin }) => origin)).toEqual(["cdn", "cdn", "cdn", "cdn", "cdn", "cdn"]);
    expect(log.reduce((sum, { bytesSent }) => sum + bytesSent, 0)).toBe(60);
  });
});

describe("aborts", () => {
  const stalled = async (
    work: (fs: ReturnType<Awaited<ReturnType<typeof serveHub>>["open"]>, signal: AbortSignal) => Promise<unknown>,
  ): Promise<void> => {
    await using hub = await serveHub(FILES);
    const fs = hub.open();
    await fs.info(BIG);
    hub.server.inject({ match: { origin: "cdn" }, stallAfterBytes: 1000, times: 10 });
    const stop = new AbortController();
    const running = rejection(work(fs, stop.signal));
    await expect
      .poll(() => hub.server.log.some(({ origin, bytesSent }) => origin === "cdn" && bytesSent > 0))
      .toBe(true);
    const reason = { why: "any value" };
    const start = performance.now();
    stop.abort(reason);
    expect(await running).toBe(reason);
    expect(performance.now() - start).toBeLessThan(200);
    await expect.poll(() => hub.server.log.every(({ durationMs }) => durationMs !== undefined)).toBe(true);
  };

  test("end a stalled cat at once and break off its request", async () => {
    await stalled((fs, signal) => fs.cat(BIG, { signal }));
  });

  test("end many ranges at once", async () => {
    const wanted = [0, 150_000, 300_000].map((offset) => ({ offset, length: 50_000 }));
    await stalled((fs, signal) => fs.readRanges(BIG, wanted, { signal }));
  });

  test("end the lines of a file at once", async () => {
    await stalled(async (fs, signal) => {
      await using file = await fs.open(BIG);
      await file.lines({ signal }).next();
    });
  });

  test("end a listing that waits for the Hub", async () => {
    await using hub = await serveHub(FILES);
    hub.server.inject({ match: { route: "tree" }, latencyMs: 5000 });
    const stop = new AbortController();
    const running = rejection(hub.open().ls("datasets/org/data", { signal: stop.signal }));
    await expect.poll(() => hub.server.log.some(({ route }) => route === "tree")).toBe(true);
    const start = performance.now();
    const reason = new Error("stop");
    stop.abort(reason);
    expect(await running).toBe(reason);
    expect(performance.now() - start).toBeLessThan(200);
  });

  test("and destroyed streams break off their requests", async () => {
    await using hub = await serveHub({ "datasets/org/data/big.bin": makeBytes(2_000_000) });
    hub.server.setTraffic({ bytesPerSecond: 300_000 });
    const stream = hub.open().createReadStream(BIG);
    await once(stream, "readable");
    expect(stream.destroy().destroyed).toBe(true);
    await once(stream, "close");
    await expect.poll(() => hub.server.log.every(({ durationMs }) => durationMs !== undefined)).toBe(true);
    const sent = hub.server.log.reduce((sum, { bytesSent }) => sum + bytesSent, 0);
    expect(sent).toBeLessThan(1_500_000);
  });
});

describe("streams", () => {
  test("take no more than they are read: back-pressure reaches the requests", async () => {
    const size = 30_000_000;
    await using hub = await serveHub({ "datasets/org/data/big.bin": new Uint8Array(size) });
    const stream = hub.open().createReadStream(BIG);
    await once(stream, "readable");
    stream.read(1);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const sent = hub.takeLog("cdn").reduce((sum, { bytesSent }) => sum + bytesSent, 0);
    expect(sent).toBeLessThan(16_000_000);
    let received = 1;
    for await (const chunk of stream) received += (chunk as Uint8Array).length;
    expect(received).toBe(size);
  });
});

describe("offline", () => {
  test("listings come from the cache however old, reads and what was never listed are OFFLINE", async () => {
    await using hub = await serveHub(FILES);
    await hub.open().info(BIG);
    hub.takeLog();
    const fs = hub.open({ offline: true, revisionTtlMs: 0 });
    expect((await fs.info(BIG)).size).toBe(BYTES.length);
    expect(await rejection(fs.cat(BIG))).toMatchObject({ code: "OFFLINE" });
    expect(await rejection(fs.exists("datasets/org/other/x"))).toMatchObject({ code: "OFFLINE" });
    expect(hub.takeLog()).toEqual([]);
  });
});

import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { inspect } from "node:util";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { RequestEvent, RetryEvent } from "../../src/diagnostics.ts";
import { getFile, getRepoContents, getRepoInfo, listTree } from "../../src/hub/api.ts";
import { rejection } from "../helpers/hub-fixture.ts";
import { clientOf, sendJson, serveRaw, TOKEN } from "./raw-hub.ts";

const REPO = { type: "dataset", id: "org/data", revision: "main" } as const;
const COMMIT = "c".repeat(40);
const OID = "a".repeat(40);
const file = (path: unknown, size: unknown = 1): object => ({ type: "file", path, size, oid: OID });
const BOMB = gzipSync(Buffer.alloc(64 * 1024 * 1024));
const refused = { code: "HUB_UNAVAILABLE" };

describe.concurrent("a listing", () => {
  test.each([
    ["leads out of the repo", [file("../x.parquet")]],
    ["is absolute", [file("/etc/passwd")]],
    ["is another address", [file("hf://datasets/a/b/x"), file("http://x/y")]],
    ["is a drive", [file("C:\\x")]],
    ["goes up in between", [file("a/../../b")]],
    ["has an empty part", [file("a//b")]],
    ["is no text", [file(7)]],
    ["is endless", [file("x".repeat(5000))]],
    ["has a negative size", [file("a", -1)]],
    ["has a broken size", [file("a", 0.5)]],
    ["has a size that no file can have", [file("a", 2 ** 53)]],
    ["has a size in words", [file("a", "12")]],
    ["has no size", [{ type: "file", path: "a", oid: OID }]],
    ["has a hash that is none", [{ type: "file", path: "a", size: 1, oid: "../.." }]],
  ])("whose name %s is refused", async (_, entries) => {
    await using hub = await serveRaw((__, response) => sendJson(response, entries));
    expect(await rejection(listTree(hub.client({ maxOutageMs: 300 }), REPO))).toMatchObject(refused);
  });

  test.each([
    ["to itself", () => "/api/datasets/org/data/tree/main?recursive=true&expand=false"],
    ["on and on", (count: number) => `/api/datasets/org/data/tree/main?cursor=${count}`],
    ["to no address", () => "http://["],
    ["to another kind of address", () => "file:///etc/passwd"],
    ["to what is no listing", () => "/login"],
  ])("whose pages lead %s ends with an error at once", async (_, next) => {
    let count = 0;
    await using hub = await serveRaw((__, response) => {
      count += 1;
      sendJson(response, [file("same.txt")], { link: `<${next(count)}>; rel="next"` });
    });
    expect(await rejection(listTree(hub.client({ maxOutageMs: 600_000 }), REPO))).toMatchObject(refused);
    expect(hub.asked.length).toBeLessThan(4);
  });

  test("that asks for another server is asked of this one, without a word to the other", async () => {
    await using other = await serveRaw((_, response) => sendJson(response, []));
    await using hub = await serveRaw(({ url = "" }, response) => {
      const link = { link: `<${other.url}/api/datasets/org/data/tree/main?cursor=1>; rel="next"` };
      sendJson(response, [file(url.includes("cursor") ? "b" : "a")], url.includes("cursor") ? {} : link);
    });
    expect((await listTree(hub.client(), REPO)).map(({ path }) => path)).toEqual(["a", "b"]);
    expect(other.asked).toEqual([]);
  });

  test("that is packed is unpacked; a bomb is refused", async () => {
    const listing = JSON.stringify([file("a")]);
    const packed: Record<string, Uint8Array> = { gzip: gzipSync(listing), br: brotliCompressSync(listing) };
    await using hub = await serveRaw(({ url = "" }, response) => {
      const encoding = url.includes("/br") ? "br" : "gzip";
      const body = url.includes("/bomb") ? BOMB : packed[encoding];
      response.writeHead(200, { "content-encoding": encoding }).end(body);
    });
    for (const revision of ["gzip", "br"]) expect(await listTree(hub.client(), { ...REPO, revision })).toHaveLength(1);
    const error = await rejection(listTree(hub.client(), { ...REPO, revision: "bomb" }));
    expect(error).toMatchObject({ ...refused, message: expect.stringContaining("MiB") as string });
  });
});

describe.concurrent("what a Hub says of a repo", () => {
  test.each(["../../api", "a/b/c", "a?b", 7, "x".repeat(300), "a/..", "http://evil"])(
    "is not believed: id %j",
    async (id) => {
      await using hub = await serveRaw((_, response) => sendJson(response, { id, sha: COMMIT, siblings: [] }));
      expect(await getRepoContents(hub.client(), REPO)).toMatchObject({ id: "org/data", commit: COMMIT });
    },
  );

  test.each([undefined, 7, "main", "C".repeat(40), "../x"])("is refused: commit %j", async (sha) => {
    await using hub = await serveRaw((_, response) => sendJson(response, { id: "org/data", sha }));
    expect(await rejection(getRepoInfo(hub.client({ maxOutageMs: 300 }), REPO))).toMatchObject(refused);
  });
});

describe.concurrent("a path", () => {
  test.each([
    ["..", "x"],
    [".", "x"],
    ["main", "a/../b"],
    ["main", "a\0b"],
    ["main", "\ud800.parquet"],
    ["\udfff", "x"],
  ])("that an address cannot hold is refused before anything is sent: %j %j", async (revision, path) => {
    await using hub = await serveRaw((_, response) => sendJson(response, {}));
    const error = await rejection(getFile(hub.client(), { ...REPO, revision }, path));
    expect(error).toMatchObject({ code: "INVALID_PATH" });
    expect(hub.asked).toEqual([]);
  });
});

describe.concurrent("redirects", () => {
  test("in a circle, and to what is no web address, are errors at once", async () => {
    for (const location of ["/again", "file:///etc/passwd", "javascript:1", "http://["]) {
      await using hub = await serveRaw((_, response) => void response.writeHead(302, { location }).end());
      expect(await rejection(getFile(hub.client({ maxOutageMs: 600_000 }), REPO, "x"))).toMatchObject(refused);
      expect(hub.asked.length).toBeLessThan(15);
    }
  });

  test("take no token along to another origin", async () => {
    const seen: (string | undefined)[] = [];
    await using other = await serveRaw(({ headers }, response) => {
      seen.push(headers.authorization);
      response.end("text");
    });
    await using hub = await serveRaw(
      (_, response) => void response.writeHead(302, { location: `${other.url}/x` }).end(),
    );
    expect(Buffer.from(await getFile(hub.client(), REPO, "x")).toString()).toBe("text");
    expect(seen).toEqual([undefined]);
  });
});

describe.concurrent("time", () => {
  test("a name that does not exist is told after one more question", async () => {
    const missing = { "x-error-code": "RepoNotFound" };
    await using hub = await serveRaw((_, response) => void response.writeHead(404, missing).end("{}"));
    expect(await rejection(getRepoInfo(hub.client({ maxOutageMs: 600_000 }), REPO))).toMatchObject({
      code: "DATASET_NOT_FOUND",
    });
    expect(hub.asked).toHaveLength(2);
  });

  test("a bare 404 is asked again twice", async () => {
    await using hub = await serveRaw((_, response) => void response.writeHead(404).end("<html>"));
    expect(await rejection(getRepoInfo(hub.client({ maxOutageMs: 600_000 }), REPO))).toMatchObject({
      code: "ENTRY_NOT_FOUND",
    });
    expect(hub.asked).toHaveLength(3);
  });

  test("a Hub that is not there is an error within 15 seconds that says so", async () => {
    for (const endpoint of ["http://127.0.0.1:1", "http://no-such-host.invalid"]) {
      const begun = performance.now();
      const error = await rejection(getRepoInfo(clientOf(endpoint, { maxOutageMs: 600_000 }), REPO));
      expect(error).toMatchObject({ ...refused, message: expect.stringContaining("Cannot reach") as string });
      expect(performance.now() - begun).toBeLessThan(15_000);
    }
  }, 40_000);

  test("a server that sends byte after byte is given up on", async () => {
    const timers = new Set<NodeJS.Timeout>();
    await using hub = await serveRaw((_, response) => {
      response.writeHead(200, { "content-length": 1_000_000 });
      timers.add(setInterval(() => response.write("["), 50));
    });
    const begun = performance.now();
    expect(await rejection(getRepoInfo(hub.client({ maxOutageMs: 2000 }), REPO))).toMatchObject(refused);
    expect(performance.now() - begun).toBeLessThan(12_000);
    for (const timer of timers) clearInterval(timer);
  });

  test("nobody waits for longer than the time of an outage, whatever a server asks for", async () => {
    for (const headers of [{ "retry-after": "99999999" }, { ratelimit: '"api";r=0;t=99999999999' }]) {
      await using hub = await serveRaw((_, response) => void response.writeHead(429, headers).end());
      expect(await rejection(getRepoInfo(hub.client(), REPO))).toMatchObject({ code: "RATE_LIMITED" });
      expect(hub.asked).toHaveLength(1);
    }
  });
});

describe("secrets", () => {
  test("that a server repeats are in no part of an error", async () => {
    const echo = `no ${TOKEN} at https://cdn.example/x?X-Amz-Signature=abcdef&Policy=ghi`;
    const headers = { "x-error-message": echo, "x-request-id": TOKEN, "x-error-code": "EntryNotFound" };
    await using hub = await serveRaw(
      (_, response) => void response.writeHead(404, headers).end(JSON.stringify({ error: echo })),
    );
    const client = hub.client();
    const error = await rejection(getFile(client, REPO, "x"));
    expect(error).toMatchObject({ code: "ENTRY_NOT_FOUND", requestId: undefined });
    expect(inspect([error, client], { depth: 9, showHidden: true })).not.toMatch(/secretsecret|abcdef|Policy/);
  });

  test("are in no cause: not in what a parser failed of", async () => {
    await using hub = await serveRaw((_, response) => response.socket?.end(`HTTP/1.1 999999 ${TOKEN}\r\n\r\n`));
    const error = await rejection(getFile(hub.client({ maxOutageMs: 200 }), REPO, "x"));
    expect(error).toMatchObject(refused);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(TOKEN);
  });
});

test("requests and retries are told on their channels, without secrets", async () => {
  const requests: RequestEvent[] = [];
  const retries: RetryEvent[] = [];
  const onRequest = (event: unknown): void => void requests.push(event as RequestEvent);
  const onRetry = (event: unknown): void => void retries.push(event as RetryEvent);
  subscribe("hfstream:request", onRequest);
  subscribe("hfstream:retry", onRetry);
  try {
    let asked = 0;
    await using hub = await serveRaw((_, response) => {
      asked += 1;
      if (asked === 1) response.writeHead(503, { "x-request-id": "r1" }).end();
      else sendJson(response, { id: "org/data", sha: COMMIT });
    });
    await getRepoContents(hub.client(), REPO);
    const url = `${hub.url}/api/datasets/org/data/revision/main`;
    expect(requests).toMatchObject([
      { method: "GET", url, kind: "info", status: 503, attempt: 1, requestId: "r1", bytes: 0 },
      { method: "GET", url, kind: "info", status: 200, attempt: 2, requestId: undefined },
    ]);
    expect(retries).toMatchObject([{ url, attempt: 1, reason: expect.stringContaining("503") as string }]);
    expect(JSON.stringify([requests, retries])).not.toContain(TOKEN);
  } finally {
    unsubscribe("hfstream:request", onRequest);
    unsubscribe("hfstream:retry", onRetry);
  }
});

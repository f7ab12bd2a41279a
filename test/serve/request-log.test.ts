import { request } from "node:http";
import { expect, test } from "vitest";
import { type OpenRecord, RequestLog } from "../../src/serve/request-log.ts";
import { serveFiles } from "./served-folder.ts";

const RECORD: OpenRecord = {
  time: 0,
  origin: "hub",
  method: "GET",
  route: "unknown",
  path: "/",
  query: "",
  file: undefined,
  range: undefined,
  hasAuthorization: false,
  userAgent: undefined,
  status: 200,
  bytesSent: 0,
  durationMs: 0,
};

test("the log holds so many bytes, whatever is asked for, and drops the oldest", () => {
  const log = new RequestLog(1_000_000);
  for (let time = 0; time < 10_000; time += 1) log.add({ ...RECORD, time, path: `/${"x".repeat(16_000)}` });
  expect(log.records.length).toBeGreaterThan(1000);
  expect(log.records.length).toBeLessThan(2200);
  expect(log.records.at(-1)?.time).toBe(9999);
});

/** The status of the log for a client that sends these headers. */
async function statusOf(url: string, method: string, headers: Record<string, string>): Promise<number | undefined> {
  return await new Promise((resolve, reject) => {
    request(`${url}/_log`, { method, headers }, (response) => resolve(response.resume().statusCode))
      .on("error", reject)
      .end();
  });
}

test("the log is not for pages of other sites, under whatever name they come", async () => {
  await using hub = await serveFiles({ "org/name/small.txt": "0123456789" });
  const { url } = hub.server;
  for (const method of ["GET", "DELETE"]) {
    expect(await statusOf(url, method, {})).toBe(method === "GET" ? 200 : 204);
    expect(await statusOf(url, method, { Origin: url })).toBe(method === "GET" ? 200 : 204);
    expect(await statusOf(url, method, { Origin: "https://evil.example" })).toBe(403);
    expect(await statusOf(url, method, { Origin: "null" })).toBe(403);
    expect(await statusOf(url, method, { "Sec-Fetch-Site": "cross-site" })).toBe(403);
    expect(await statusOf(url, method, { Host: "evil.example" })).toBe(403);
    expect(await statusOf(url, method, { Host: "evil.example:80", Origin: "http://evil.example:80" })).toBe(403);
  }
});

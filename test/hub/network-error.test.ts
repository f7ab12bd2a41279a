import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { expect, test } from "vitest";
import type { RetryEvent } from "../../src/diagnostics.ts";
import { HfStreamError } from "../../src/errors.ts";
import { networkError } from "../../src/hub/network-error.ts";
import { describeOutage, OutageWarning } from "../../src/hub/outage.ts";
import { TransientError, UNREACHED, withRetry } from "../../src/hub/retry.ts";

const failed = (code: string, name = "Error"): Error => Object.assign(new Error("it failed"), { name, code });
const at = { url: new URL("https://hub.test/api?q=1"), subject: "dataset a/b", token: undefined, isProxied: false };

test.each([
  ["DEPTH_ZERO_SELF_SIGNED_CERT"],
  ["SELF_SIGNED_CERT_IN_CHAIN"],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY"],
  ["CERT_HAS_EXPIRED"],
  ["ERR_TLS_CERT_ALTNAME_INVALID"],
])("a certificate that is not trusted (%s) is final at once, and says how to trust it", (code) => {
  for (const isKnown of [false, true]) {
    const error = networkError(failed(code), { ...at, isKnown });
    expect(error).toBeInstanceOf(HfStreamError);
    expect(error.message).toMatch(/^Cannot reach hub\.test for dataset a\/b.*NODE_EXTRA_CA_CERTS/);
  }
});

test.each(["ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "UND_ERR_SOCKET", "UND_ERR_CONNECT_TIMEOUT"])(
  "%s before any answer is given little time, and names address and proxies",
  (code) => {
    const error = networkError(failed(code), { ...at, isKnown: false }) as TransientError;
    expect(error.patience).toBe(UNREACHED);
    expect(error.message).toMatch(/HTTPS_PROXY.*HF_ENDPOINT or `endpoint`/);
    const known = networkError(failed(code), { ...at, isKnown: true }) as TransientError;
    expect(known.patience).toBeUndefined();
    expect(known.message).not.toMatch(/PROXY/);
  },
);

test("what is no HTTP counts as never reached, silence does not, and a proxy that is set is blamed", () => {
  const noHttp = networkError(failed("", "HTTPParserError"), { ...at, isKnown: false }) as TransientError;
  expect(noHttp.patience).toBe(UNREACHED);
  expect((networkError(new Error("no answer"), { ...at, isKnown: false }) as TransientError).patience).toBeUndefined();
  const proxied = networkError(failed("ECONNREFUSED"), { ...at, isProxied: true, isKnown: false });
  expect(proxied.message).toMatch(/HTTPS_PROXY is set: check it and NO_PROXY/);
});

test("OpenSSL's words are told without places in its source", () => {
  const cause = Object.assign(new Error("80AB:error:0A00010B:SSL routines:get:wrong version number:../x.c:350:\n"), {
    code: "ERR_SSL_WRONG_VERSION_NUMBER",
  });
  const error = networkError(cause, { ...at, isKnown: false });
  expect(error.message).toContain("ERR_SSL_WRONG_VERSION_NUMBER: wrong version number.");
});

test("a failed try tells the server, how long nothing came, and how long it goes on", async () => {
  const events: RetryEvent[] = [];
  const listen = (event: unknown): void => void events.push(event as RetryEvent);
  subscribe("hfstream:retry", listen);
  const final = new HfStreamError("HUB_UNAVAILABLE", "down", { url: "http://hub.test/x", status: 503 });
  let tries = 0;
  const run = async (): Promise<number> => {
    tries += 1;
    if (tries < 3) throw new TransientError(final, { waitMs: 10 });
    return await Promise.resolve(tries);
  };
  expect(await withRetry(run, { maxOutageMs: 60_000 })).toBe(3);
  unsubscribe("hfstream:retry", listen);
  const mine = events.filter(({ host }) => host === "hub.test");
  expect(mine.map(({ status, attempt }) => [status, attempt])).toEqual([
    [503, 1],
    [503, 2],
  ]);
  for (const { outageMs, leftMs } of mine) expect(outageMs + leftMs).toBeCloseTo(60_000, 0);
});

test("an outage is told in a line", () => {
  expect(describeOutage({ host: "hub.test", status: undefined, leftMs: 599_000 })).toBe(
    "cannot reach hub.test, retrying, 9 min left",
  );
  expect(describeOutage({ host: "hub.test", status: 429, leftMs: 45_200 })).toBe(
    "hub.test limits the rate of requests, retrying, 46 s left",
  );
  expect(describeOutage({ host: "hub.test", status: 503, leftMs: 120_000 })).toBe(
    "hub.test answers 503, retrying, 2 min left",
  );
});

test("an outage is warned of once, after some seconds, and again only after an answer", async () => {
  const warnings: unknown[] = [];
  const listen = (warning: Error): void => {
    if ("code" in warning && warning.code === "HFSTREAM_OUTAGE") warnings.push(warning.message);
  };
  process.on("warning", listen);
  const warning = new OutageWarning();
  const event: RetryEvent = {
    url: undefined,
    host: "hub.test",
    status: undefined,
    attempt: 1,
    reason: "down",
    delayMs: 1,
    outageMs: 100,
    leftMs: 60_000,
  };
  warning.note(event);
  warning.note({ ...event, outageMs: 6000 });
  warning.note({ ...event, outageMs: 9000 });
  await new Promise(setImmediate);
  expect(warnings).toEqual(["cannot reach hub.test, retrying, 60 s left"]);
  warning.end();
  warning.note({ ...event, outageMs: 6000 });
  await new Promise(setImmediate);
  process.off("warning", listen);
  expect(warnings).toHaveLength(2);
});

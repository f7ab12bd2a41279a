import { describe, expect, test } from "vitest";
import { rateBucket, retryAfter } from "../../src/hub/rate-limit.ts";

describe("retryAfter", () => {
  const now = Date.parse("Fri, 20 Nov 2026 12:00:00 GMT");

  test.each([
    [{}, undefined],
    [{ ratelimit: '"api";r=0;t=12' }, 13_000],
    [{ ratelimit: '"api"; r=0; t=12' }, 13_000],
    [{ ratelimit: '"api";r=10;t=12' }, undefined],
    [{ ratelimit: '"api";r=0;t=12', "retry-after": "3" }, 13_000],
    [{ ratelimit: "nonsense", "retry-after": "3" }, 3000],
    [{ "retry-after": "0" }, 0],
    [{ "retry-after": "Fri, 20 Nov 2026 12:00:30 GMT" }, 30_000],
    [{ "retry-after": "Fri, 20 Nov 2026 11:00:00 GMT" }, 0],
    [{ "retry-after": "soon" }, undefined],
  ])("of %j is %j", (headers, expected) => {
    expect(retryAfter({ status: 429, headers }, now)).toBe(expected);
  });

  test("of an answer that is no error, Retry-After means nothing", () => {
    expect(retryAfter({ status: 200, headers: { "retry-after": "3" } }, now)).toBeUndefined();
    expect(retryAfter({ status: 200, headers: { ratelimit: '"api";r=0;t=12' } }, now)).toBe(13_000);
  });
});

describe("rateBucket", () => {
  test.each([
    ["/api/datasets/org/data", "api"],
    ["/datasets/org/data/resolve/main/a.txt", "resolvers"],
    ["/org/model/resolve/main/a.txt", "resolvers"],
    ["/datasets/org/data", "pages"],
  ])("of %s is %s", (path, bucket) => {
    expect(rateBucket(path)).toBe(bucket);
  });
});

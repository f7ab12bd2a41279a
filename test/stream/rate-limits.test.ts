import { expect, test } from "vitest";
import { loadDataset } from "../../src/index.ts";
import { hubWithNumbers } from "../helpers/hub-with-numbers.ts";

test("a rate limit that one client met is waited for by another that shares its cache", async () => {
  await using hub = await hubWithNumbers({ files: 1 });
  hub.server.inject({ match: { route: "info" }, status: 429, headers: { RateLimit: '"api";r=0;t=1' }, times: 1 });
  const first = loadDataset("org/numbers", hub.options).info();
  await new Promise((resolve) => setTimeout(resolve, 300));
  hub.server.clearLog();
  const second = loadDataset("org/numbers", { ...hub.options, revision: "refs/heads/main" }).info();
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(hub.requests()).toEqual({ resolve: 1 }); // of another quota: the README, asked for alongside
  const [a, b] = await Promise.all([first, second]);
  expect(a.commit).toBe(b.commit);
});

test("a rate limit that lasts longer than `maxOutageMs` is an error that tells how long", async () => {
  await using hub = await hubWithNumbers({ files: 1 });
  hub.server.inject({ match: { route: "info" }, status: 429, headers: { RateLimit: '"api";r=0;t=100' }, times: 5 });
  const failing = loadDataset("org/numbers", { ...hub.options, maxOutageMs: 1000 }).info();
  await expect(failing).rejects.toMatchObject({ code: "RATE_LIMITED", status: 429, retryAfterMs: 101_000 });
});

import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { StallEvent, UnitEvent } from "../../src/diagnostics.ts";
import { loadDataset } from "../../src/index.ts";
import { createMeter } from "../../src/hub/meter.ts";
import { createStats } from "../../src/stream/stats.ts";
import { type Stage, Watchdog } from "../../src/stream/watchdog.ts";
import { collect } from "../helpers/collect.ts";
import { hubWithNumbers, type TestHub } from "../helpers/hub-with-numbers.ts";

let hub: TestHub;
beforeAll(async () => {
  hub = await hubWithNumbers({ files: 2, rowsPerFile: 40, rowsPerGroup: 20 });
});
afterAll(async () => {
  await hub[Symbol.asyncDispose]();
});

/** The messages of a channel while `work` runs. */
async function heard<T>(channel: string, work: () => Promise<unknown>): Promise<T[]> {
  const messages: T[] = [];
  const listen = (message: unknown): void => void messages.push(message as T);
  subscribe(channel, listen);
  try {
    await work();
  } finally {
    unsubscribe(channel, listen);
  }
  return messages;
}

test("each unit that was read is told, with its file, bytes and times", async () => {
  for (const decodeThreads of [0, 1]) {
    const read = async (): Promise<unknown> =>
      await collect(loadDataset("org/numbers", { ...hub.options, decodeThreads }));
    const units = await heard<UnitEvent>("hfstream:unit", read);
    const mine = units.filter(({ path }) => path.startsWith("datasets/org/numbers/data/train-"));
    expect(mine.map(({ path, unit }) => `${path.slice(-22)} ${unit}`)).toEqual([
      "00000-of-00002.parquet 0",
      "00000-of-00002.parquet 1",
      "00001-of-00002.parquet 0",
      "00001-of-00002.parquet 1",
    ]);
    for (const { bytes, fetchMs, decodeMs } of mine) {
      expect(bytes).toBeGreaterThan(100);
      expect(fetchMs).toBeGreaterThanOrEqual(0);
      expect(decodeMs).toBeGreaterThanOrEqual(0);
    }
  }
});

test("requests and retries are told without a query or a token", async () => {
  hub.server.inject({ match: { route: "resolve" }, status: 503 });
  const read = async (): Promise<unknown> =>
    await collect(
      loadDataset("org/numbers", { ...hub.options, cacheDir: `${hub.options.cacheDir}-2`, token: "hf_secrettoken" }),
    );
  let retries: unknown[] = [];
  const requests = await heard<{ url: string }>("hfstream:request", async () => {
    retries = await heard("hfstream:retry", read);
  });
  expect(requests.length).toBeGreaterThan(5);
  expect(retries.length).toBeGreaterThanOrEqual(1);
  expect(JSON.stringify([requests, retries])).not.toMatch(/hf_secrettoken|[?]|Signature/);
});

test("an iteration that stands still says what for, again and again, until something comes of it", async () => {
  const stats = createStats(createMeter());
  const stalls = await heard<StallEvent>("hfstream:stall", async () => {
    const watchdog = new Watchdog("org/stalled", stats, 20);
    watchdog.start();
    await delay(60);
    let stage: Stage = "network";
    const came = watchdog.waitsFor(() => stage, "https://host/a.parquet?sig=1");
    stats.bytesFetched += 1;
    await delay(60);
    stage = "decode";
    await delay(60);
    came();
    watchdog.stop();
    await delay(60);
  });
  const mine = stalls.filter(({ dataset }) => dataset === "org/stalled");
  const stages = mine.map(({ stage }) => stage).filter((stage, index, all) => stage !== all[index - 1]);
  expect(stages).toEqual(["resolve", "network", "decode"]);
  expect(mine.at(-1)).toMatchObject({ path: "https://host/a.parquet", rows: 0, bytesFetched: 1 });
});

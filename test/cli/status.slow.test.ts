import { writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { hubWithNumbers, type TestHub } from "../helpers/hub-with-numbers.ts";
import { runInProcess } from "./run-in-process.ts";

const envOf = ({ options }: TestHub): Record<string, string> => ({
  HF_ENDPOINT: options.endpoint,
  HFSTREAM_CACHE: options.cacheDir,
});

/** Of several blocks. */
const CONTENT = "0123456789".repeat(2_000_000);

test("long work shows how far it is, where stderr is a terminal and nowhere else", async () => {
  await using hub = await hubWithNumbers({ files: 1 });
  await writeFile(path.join(hub.root, "org/numbers/long.txt"), CONTENT);
  hub.server.setTraffic({ bytesPerSecond: 8_000_000 });
  const seen = await runInProcess(["cat", "org/numbers/long.txt"], envOf(hub), 80, true);
  expect(seen.code).toBe(0);
  expect(seen.stdout === CONTENT).toBe(true);
  expect(seen.stderr).toMatch(/reading [━─]+ .+ of 20\.0 MB/);
  const unseen = await runInProcess(["cat", "org/numbers/long.txt"], envOf(hub), 80);
  expect(unseen.stderr).toBe("");
  expect(unseen.stdout === CONTENT).toBe(true);
});

test("counting rows shows how many files are done", async () => {
  await using hub = await hubWithNumbers({ files: 6 });
  hub.server.setTraffic({ latencyMs: 600 });
  const { code, stderr } = await runInProcess(["info", "org/numbers", "--scan"], envOf(hub), 80, true);
  expect(code).toBe(0);
  expect(stderr).toMatch(/footers [━─]+ \d files of 6 files/);
});

test("while the Hub does not answer, a pipe gets one line, a terminal one that is drawn again", async () => {
  await using hub = await hubWithNumbers({ files: 1 });
  for (const isInteractive of [false, true]) {
    const heal = hub.server.inject({ status: 503, times: Infinity });
    const running = runInProcess(
      ["ls", "org/numbers", "--timeout", isInteractive ? "9" : "3"],
      envOf(hub),
      80,
      isInteractive,
    );
    const { code, stderr } = await running;
    heal();
    expect(code).toBe(1);
    const told = stderr.match(/127\.0\.0\.1:\d+ answers 503, retrying, \d s left/g) ?? [];
    if (isInteractive) expect(told.length).toBeGreaterThan(1);
    else expect(told).toHaveLength(1);
    expect(stderr).toMatch(/hfstream: The Hub answered 503.*gave up after \d+ tries/);
  }
});

test("what a Hub says late is not an outage", async () => {
  await using hub = await hubWithNumbers({ files: 1 });
  hub.server.inject({ status: 503, times: 1 });
  const { code, stderr } = await runInProcess(["ls", "org/numbers"], envOf(hub), 80);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
});

import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { DiskCache } from "../../src/cache/disk-cache.ts";
import { writeEntry } from "../../src/cache/entry.ts";
import { entryPath } from "../../src/cache/layout.ts";
import { rejection } from "../helpers/hub-fixture.ts";
import { makeFolder } from "../helpers/temporary-folder.ts";

const KEY = ["hub", "datasets/org/data", "tree", "abc"];
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Produces `1`, `2`, … and counts. */
function makeProducer(): { produce: () => Promise<Uint8Array>; runs: () => number } {
  let runs = 0;
  return { produce: async () => bytesOf(String(++runs)), runs: () => runs };
}

describe("DiskCache", () => {
  test("makes an entry once; another cache over the folder finds it", async () => {
    await using folder = await makeFolder();
    const { produce, runs } = makeProducer();
    const cache = new DiskCache(folder.path);
    expect(await cache.get(KEY)).toBeUndefined();
    expect(await Promise.all([cache.getOrCreate(KEY, produce), cache.getOrCreate(KEY, produce)])).toEqual([
      bytesOf("1"),
      bytesOf("1"),
    ]);
    let hits = 0;
    const onHit = (): void => void (hits += 1);
    expect(await new DiskCache(folder.path).getOrCreate(KEY, produce, { onHit })).toEqual(bytesOf("1"));
    expect(await new DiskCache(folder.path).get(KEY, { onHit })).toEqual(bytesOf("1"));
    expect([runs(), hits]).toEqual([1, 2]);
    const left = await readdir(path.dirname(entryPath(folder.path, KEY)));
    expect(left).toEqual(["abc"]);
  });

  test.each([
    ["emptied", () => Buffer.alloc(0)],
    ["cut", (entry: Buffer) => entry.subarray(0, -1)],
    ["longer", (entry: Buffer) => Buffer.concat([entry, Buffer.from("x")])],
    ["altered", (entry: Buffer) => Buffer.concat([entry.subarray(0, -1), Buffer.from("!")])],
    ["without a head", () => Buffer.from("just text\nand more")],
  ])("an entry that is %s is made anew", async (_, damage) => {
    await using folder = await makeFolder();
    const { produce } = makeProducer();
    await new DiskCache(folder.path).getOrCreate(KEY, produce);
    const file = entryPath(folder.path, KEY);
    await writeFile(file, damage(await readFile(file)));
    const cache = new DiskCache(folder.path);
    expect(await cache.get(KEY)).toBeUndefined();
    expect(await cache.getOrCreate(KEY, produce)).toEqual(bytesOf("2"));
    expect(await cache.get(KEY)).toEqual(bytesOf("2"));
  });

  test("where nothing can be written the run goes on", async () => {
    await using folder = await makeFolder({ file: "in the way of a folder" });
    const { produce } = makeProducer();
    const cache = new DiskCache(path.join(folder.path, "file", "below"));
    expect(await cache.getOrCreate(KEY, produce)).toEqual(bytesOf("1"));
    expect(await cache.getOrCreate(KEY, produce)).toEqual(bytesOf("2"));
    expect(await cache.get(KEY)).toBeUndefined();
  });

  test("where a folder stands in the place of an entry the run goes on", async () => {
    await using folder = await makeFolder();
    await mkdir(entryPath(folder.path, KEY), { recursive: true });
    const { produce } = makeProducer();
    expect(await new DiskCache(folder.path).getOrCreate(KEY, produce)).toEqual(bytesOf("1"));
  });

  test("a failure is not kept", async () => {
    await using folder = await makeFolder();
    const cache = new DiskCache(folder.path);
    const error = new Error("no");
    expect(await rejection(cache.getOrCreate(KEY, () => Promise.reject(error)))).toBe(error);
    expect(await cache.getOrCreate(KEY, makeProducer().produce)).toEqual(bytesOf("1"));
  });

  test("an entry older than maxAgeMs, or from the future, is made anew", async () => {
    await using folder = await makeFolder();
    const { produce } = makeProducer();
    const cache = new DiskCache(folder.path);
    await cache.getOrCreate(KEY, produce);
    await wait(30);
    expect(await cache.getOrCreate(KEY, produce, { maxAgeMs: 60_000 })).toEqual(bytesOf("1"));
    expect(await cache.get(KEY, { maxAgeMs: 20 })).toBeUndefined();
    expect(await cache.getOrCreate(KEY, produce, { maxAgeMs: 20 })).toEqual(bytesOf("2"));
    expect(await cache.getOrCreate(KEY, produce, { maxAgeMs: 0 })).toEqual(bytesOf("3"));
    await writeEntry(entryPath(folder.path, KEY), { bytes: Buffer.from("f"), createdAt: Date.now() + 3_600_000 });
    expect(await cache.getOrCreate(KEY, produce, { maxAgeMs: 60_000 })).toEqual(bytesOf("4"));
  });

  test("a lock whose owner died is taken over", async () => {
    await using folder = await makeFolder();
    const lock = `${entryPath(folder.path, KEY)}.lock`;
    await mkdir(lock, { recursive: true });
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(lock, longAgo, longAgo);
    const start = performance.now();
    expect(await new DiskCache(folder.path).getOrCreate(KEY, makeProducer().produce)).toEqual(bytesOf("1"));
    expect(performance.now() - start).toBeLessThan(2000);
  });

  test("one that waits for a lock takes what its holder wrote", async () => {
    await using folder = await makeFolder();
    const file = entryPath(folder.path, KEY);
    await mkdir(`${file}.lock`, { recursive: true });
    const { produce, runs } = makeProducer();
    const waiting = new DiskCache(folder.path).getOrCreate(KEY, produce);
    await wait(50);
    await writeEntry(file, { bytes: Buffer.from("theirs"), createdAt: Date.now() });
    expect([await waiting, runs()]).toEqual([bytesOf("theirs"), 0]);
  });

  test("an abort ends the wait for a lock with the signal's reason", async () => {
    await using folder = await makeFolder();
    await mkdir(`${entryPath(folder.path, KEY)}.lock`, { recursive: true });
    const stop = new AbortController();
    const options = { signal: stop.signal };
    const waiting = rejection(new DiskCache(folder.path).getOrCreate(KEY, makeProducer().produce, options));
    const reason = { any: "value" };
    setTimeout(() => stop.abort(reason), 20);
    expect(await waiting).toBe(reason);
  });

  test("of 16 processes that ask at once, one makes the entry", async () => {
    await using folder = await makeFolder({ runs: "" });
    const module = new URL("../../build/cache/disk-cache.js", import.meta.url).href;
    const script = `
      import { appendFile } from "node:fs/promises";
      import { DiskCache } from ${JSON.stringify(module)};
      const produce = async () => {
        await appendFile(${JSON.stringify(path.join(folder.path, "runs"))}, "x");
        await new Promise((resolve) => setTimeout(resolve, 500));
        return Buffer.from("made");
      };
      const bytes = await new DiskCache(${JSON.stringify(path.join(folder.path, "cache"))}).getOrCreate(["a", "b"], produce);
      process.stdout.write(bytes);`;
    const run = promisify(execFile);
    const children = Array.from({ length: 16 }, () => run(process.execPath, ["--input-type=module", "-e", script]));
    const outputs = await Promise.all(children);
    expect(new Set(outputs.map(({ stdout, stderr }) => stdout + stderr))).toEqual(new Set(["made"]));
    expect(await readFile(path.join(folder.path, "runs"), "utf8")).toBe("x");
  });
});

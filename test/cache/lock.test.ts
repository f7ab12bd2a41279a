import { execFile, fork } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, rm, symlink, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { DiskCache } from "../../src/cache/disk-cache.ts";
import { writeEntry } from "../../src/cache/entry.ts";
import { entryPath } from "../../src/cache/layout.ts";
import { makeFolder } from "../helpers/temporary-folder.ts";

const KEY = ["hub", "entry"];
const MADE = new TextEncoder().encode("made");
const produce = async (): Promise<Uint8Array> => MADE;
const pipe = async (place: string): Promise<unknown> => await promisify(execFile)("mkfifo", [place]);

describe.concurrent("what stands in the place of a lock", () => {
  const future = async (place: string): Promise<void> => {
    await mkdir(place);
    const then = new Date(Date.now() + 3_600_000);
    await utimes(place, then, then);
  };
  test.each<[string, (place: string) => Promise<unknown>]>([
    ["a lock from the future", future],
    ["a lock that nobody refreshes", (place) => mkdir(place)],
    ["a file", (place) => writeFile(place, "")],
    ["a pipe", pipe],
    ["a folder with something in it", (place) => mkdir(path.join(place, "x"), { recursive: true })],
    ["a link to itself", (place) => symlink(place, place)],
    ["a link to nothing", (place) => symlink(`${place}-none`, place)],
  ])(
    "holds nobody up for long: %s",
    async (_, put) => {
      await using folder = await makeFolder();
      const file = entryPath(folder.path, KEY);
      await mkdir(path.dirname(file), { recursive: true });
      await put(`${file}.lock`);
      const begun = performance.now();
      expect(await new DiskCache(folder.path).getOrCreate(KEY, produce)).toEqual(MADE);
      expect(performance.now() - begun).toBeLessThan(15_000);
    },
    30_000,
  );

  test("holds nobody up for long: a process that was stopped", async () => {
    await using folder = await makeFolder();
    const module = new URL("../../build/cache/lock.js", import.meta.url).href;
    const file = entryPath(folder.path, KEY);
    const script = `
      import { acquireLock } from ${JSON.stringify(module)};
      await acquireLock(${JSON.stringify(file)}, { isDone: async () => false });
      process.send("locked");
      setInterval(() => {}, 1000);`;
    const entry = path.join(folder.path, "child.mjs");
    await writeFile(entry, script);
    const child = fork(entry);
    try {
      await once(child, "message");
      child.kill("SIGSTOP");
      expect(await new DiskCache(folder.path).getOrCreate(KEY, produce)).toEqual(MADE);
    } finally {
      child.kill("SIGKILL");
    }
  }, 30_000);
});

describe.concurrent("what stands in the place of an entry", () => {
  test.each<[string, (place: string) => Promise<unknown>]>([
    ["a pipe", pipe],
    ["a folder", (place) => mkdir(place)],
    ["a link to itself", (place) => symlink(place, place)],
    ["a link to a device", (place) => symlink("/dev/zero", place)],
  ])("does not stop a run: %s", async (_, put) => {
    await using folder = await makeFolder();
    const file = entryPath(folder.path, KEY);
    await mkdir(path.dirname(file), { recursive: true });
    await put(file);
    const cache = new DiskCache(folder.path);
    expect(await cache.get(KEY)).toBeUndefined();
    expect(await cache.getOrCreate(KEY, produce)).toEqual(MADE);
  });
});

test("an entry that is dropped is made anew, and one that is not there can be dropped", async () => {
  await using folder = await makeFolder();
  const cache = new DiskCache(folder.path);
  await cache.drop(KEY);
  await writeEntry(entryPath(folder.path, KEY), { bytes: Buffer.from("old"), createdAt: Date.now() });
  await cache.drop(KEY);
  expect(await cache.getOrCreate(KEY, produce)).toEqual(MADE);
});

test("names that differ in half a character have places of their own", async () => {
  await using folder = await makeFolder();
  const cache = new DiskCache(folder.path);
  const names = ["\ud800", "\ud801", "\ufffd", "a\udfff"];
  for (const name of names) await cache.put(["x", name], new TextEncoder().encode(JSON.stringify(name)));
  for (const name of names) expect(new TextDecoder().decode(await cache.get(["x", name]))).toBe(JSON.stringify(name));
  await rm(folder.path, { recursive: true });
  expect(await readFile(folder.path).catch(() => "gone")).toBe("gone");
});

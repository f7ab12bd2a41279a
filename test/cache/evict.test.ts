import { mkdir, readdir, stat, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { DiskCache } from "../../src/cache/disk-cache.ts";
import { evict } from "../../src/cache/evict.ts";
import { listCache } from "../../src/cache/inventory.ts";
import { entryPath } from "../../src/cache/layout.ts";
import { parseSize } from "../../src/cache/parse-size.ts";
import { makeFolder } from "../helpers/temporary-folder.ts";

const HOUR = 3_600_000;

/** Writes entries `0`, `1`, … of 1000 bytes each, last used so many hours ago. */
async function entries(root: string, hoursAgo: readonly number[]): Promise<string[]> {
  const cache = new DiskCache(root);
  return await Promise.all(
    hoursAgo.map(async (hours, index) => {
      const key = ["hub", `datasets/org/${index}`, "files", "main"];
      await cache.put(key, new Uint8Array(900));
      const then = new Date(Date.now() - hours * HOUR);
      await utimes(entryPath(root, key), then, then);
      return entryPath(root, key);
    }),
  );
}

const isThere = async (file: string): Promise<boolean> =>
  await stat(file).then(
    () => true,
    () => false,
  );
const areThere = async (files: readonly string[]): Promise<boolean[]> => await Promise.all(files.map(isThere));

test("what was not used for longest goes first, as far as the bound asks; what is in use stays", async () => {
  await using folder = await makeFolder();
  const files = await entries(folder.path, [0, 5, 2, 40, 0.5]);
  const { removed, left } = await evict(folder.path, { maxBytes: 3500 });
  expect([removed, left]).toEqual([2, 3]);
  expect(await areThere(files)).toEqual([true, false, true, false, true]);
  await evict(folder.path, { maxBytes: 0 });
  expect(await areThere(files)).toEqual([true, false, false, false, true]);
  await evict(folder.path, { maxBytes: 0, keepsUsed: false });
  expect(await areThere(files)).toEqual([false, false, false, false, false]);
});

test("what was not used for long goes, however little it is", async () => {
  await using folder = await makeFolder();
  const files = await entries(folder.path, [0, 30, 100]);
  await evict(folder.path, { maxBytes: Infinity, maxIdleMs: 48 * HOUR });
  expect(await areThere(files)).toEqual([true, true, false]);
});

test("reading an entry is using it, and an eviction by another process then leaves it", async () => {
  await using folder = await makeFolder();
  const files = await entries(folder.path, [30, 30]);
  await new DiskCache(folder.path).get(["hub", "datasets/org/1", "files", "main"]);
  await evict(folder.path, { maxBytes: 0 });
  expect(await areThere(files)).toEqual([false, true]);
});

test("copies that somebody holds are in use", async () => {
  await using folder = await makeFolder();
  const cache = new DiskCache(folder.path);
  const file = cache.fileOf(["hub", "contents", "files", "a".repeat(64)]);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, new Uint8Array(5000));
  await utimes(file, new Date(0), new Date(1_000_000_000_000));
  cache.holds(file, 5000, {});
  while ((await stat(file)).atimeMs < 1000) await delay(5);
  expect((await stat(file)).mtimeMs).toBe(1_000_000_000_000);
  await evict(folder.path, { maxBytes: 0 });
  expect(await isThere(file)).toBe(true);
});

test("locks, files of others and those that are being written are let alone; what died long ago is not", async () => {
  await using folder = await makeFolder();
  const [entry] = (await entries(folder.path, [30])) as [string];
  const old = new Date(Date.now() - 5 * HOUR);
  const [lock, dead, fresh, foreign] = [
    `${entry}.lock`,
    `${entry}.1-a.tmp`,
    `${entry}.2-b.tmp`,
    path.join(folder.path, "mine"),
  ];
  await mkdir(lock);
  for (const file of [dead, fresh, foreign]) await writeFile(file, "x");
  for (const file of [lock, dead, foreign]) await utimes(file, old, old);
  await evict(folder.path, { maxBytes: Infinity });
  expect(await areThere([entry, lock, dead, fresh, foreign])).toEqual([true, true, false, true, true]);
});

test("entries of other versions of the layout count, and old ones go, while newer ones do their work", async () => {
  await using folder = await makeFolder();
  const [own] = (await entries(folder.path, [1.5])) as [string];
  const other = path.join(folder.path, "v7", "hub", "x");
  await mkdir(path.dirname(other), { recursive: true });
  await writeFile(other, new Uint8Array(2000));
  await utimes(other, new Date(0), new Date(0));
  const listed: string[] = [];
  for await (const { key, bytes } of listCache(folder.path)) listed.push(`${key[0]} ${bytes > 900}`);
  expect(listed.sort()).toEqual(["v1 true", "v7 true"]);
  await evict(folder.path, { maxBytes: 1500 });
  expect(await areThere([own, other])).toEqual([true, false]);
});

test("a cache keeps itself below its bound while it is written to", async () => {
  await using folder = await makeFolder();
  const files = await entries(
    folder.path,
    Array.from({ length: 20 }, (_, index) => index + 2),
  );
  const cache = new DiskCache(folder.path, { maxBytes: 10_000 });
  const write = async (index: number): Promise<void> => await cache.put(["hub", `new ${index}`], new Uint8Array(900));
  for (let index = 0; index < 5; index += 1) await write(index);
  for (let tries = 0; tries < 200 && (await areThere(files)).filter(Boolean).length > 6; tries += 1) await delay(10);
  const left = (await areThere(files)).lastIndexOf(true);
  expect(left).toBeLessThan(7);
  expect(await readdir(path.join(folder.path, "v1", "hub"))).toEqual(expect.arrayContaining(["new%200", "new%204"]));
});

test("sizes are read as people write them", () => {
  expect(["20GB", "1.5 GiB", "500m", "7", "1kB"].map(parseSize)).toEqual([20e9, 1.5 * 2 ** 30, 500e6, 7, 1000]);
  expect(["", "GB", "-1GB", "1 XB", "1e3"].map(parseSize)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

import { once } from "node:events";
import { buffer } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { isSame, rejection } from "../helpers/hub-fixture.ts";
import type { Files } from "../helpers/temporary-folder.ts";
import { describeOpenFiles } from "./open-file.ts";
import { BIG, FILES, type Opened } from "./opened.ts";

const FOLDERS = ["data", "data-2", "data/deep", "data/deep/er"];
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** What every {@link FileSystem} does. */
export function describeFileSystem(name: string, openWith: (files: Files) => Promise<Opened>): void {
  const open = (): Promise<Opened> => openWith(FILES);

  describe(`${name}: listings`, () => {
    test("ls lists what is directly in a folder, sorted, and a file as itself", async () => {
      await using opened = await open();
      const { fs, root } = opened;
      const names = async (path: string): Promise<string[]> => (await fs.ls(path)).map((entry) => entry.path);
      const expected = ["a.txt", "data", "data-2", "empty.txt"].map((entry) => `${root}/${entry}`);
      expect(await names(root)).toEqual(expected);
      expect(await names(`${root}/`)).toEqual(expected);
      expect(await names(`${root}/a.txt`)).toEqual([`${root}/a.txt`]);
      expect(await names(`${root}/data/deep`)).toEqual([`${root}/data/deep/er`]);
    });

    test("ls with recursive lists files and folders, find only files", async () => {
      await using opened = await open();
      const { fs, root } = opened;
      const all = [...Object.keys(FILES), ...FOLDERS].map((entry) => `${root}/${entry}`).sort();
      expect((await fs.ls(root, { recursive: true })).map(({ path }) => path)).toEqual(all);
      expect((await fs.find(root)).map(({ path }) => path)).toEqual(
        Object.keys(FILES)
          .map((entry) => `${root}/${entry}`)
          .sort(),
      );
      expect((await fs.find(`${root}/data/deep`)).map(({ path }) => path)).toEqual([`${root}/data/deep/er/x.csv`]);
      expect((await fs.find(`${root}/a.txt`)).map(({ path }) => path)).toEqual([`${root}/a.txt`]);
      expect(await fs.find(`${root}/nothing`)).toEqual([]);
    });

    test.each([
      ["*", ["a.txt", "data", "data-2", "empty.txt"]],
      ["*.txt", ["a.txt", "empty.txt"]],
      ["data*/*.csv", ["data-2/y.csv"]],
      ["**/*.csv", ["data-2/y.csv", "data/deep/er/x.csv"]],
      ["data/deep/**", ["data/deep", "data/deep/er", "data/deep/er/x.csv"]],
      ["data/odd [[]1]*", ["data/odd [1] %20#?.txt"]],
      ["a.txt", ["a.txt"]],
      ["data/", ["data"]],
      ["nothing", []],
      ["nothing/*", []],
      ["a.txt/*", []],
    ])("glob finds %s", async (pattern, expected) => {
      await using opened = await open();
      const { fs, root } = opened;
      const found = await fs.glob(`${root}/${pattern}`);
      expect(found.map(({ path }) => path)).toEqual(expected.map((entry) => `${root}/${entry}`));
    });

    test("walk visits each folder before those in it, and leaves out what the consumer takes away", async () => {
      await using opened = await open();
      const { fs, root } = opened;
      const steps: [string, string[], string[]][] = [];
      const inner = (path: string): string => path.slice(root.length + 1);
      for await (const [folder, folders, files] of fs.walk(root)) {
        steps.push([inner(folder), folders.map(({ path }) => inner(path)), files.map(({ path }) => inner(path))]);
        if (folder === `${root}/data`) folders.length = 0;
      }
      expect(steps).toEqual([
        ["", ["data", "data-2"], ["a.txt", "empty.txt"]],
        ["data", ["data/deep"], ["data/big.bin", "data/lines.txt", "data/odd [1] %20#?.txt"]],
        ["data-2", [], ["data-2/y.csv"]],
      ]);
      for (const path of [`${root}/a.txt`, `${root}/nothing`]) {
        const walked: unknown[] = [];
        for await (const step of fs.walk(path)) walked.push(step);
        expect(walked).toEqual([]);
      }
    });

    test("info tells files from folders and gives sizes", async () => {
      await using opened = await open();
      const { fs, root } = opened;
      expect(await fs.info(`${root}/data/big.bin`)).toMatchObject({
        path: `${root}/data/big.bin`,
        type: "file",
        size: BIG.length,
        oid: expect.stringMatching(/^[0-9a-f]{40}$/),
      });
      expect(await fs.info(`${root}/empty.txt`)).toMatchObject({ type: "file", size: 0 });
      expect(await fs.info(`${root}/data/`)).toMatchObject({ path: `${root}/data`, type: "directory", size: 0 });
      expect(await fs.info(root)).toMatchObject({ path: root, type: "directory", size: 0 });
    });

    test("exists, isFile and isDirectory are false for what is not there", async () => {
      await using opened = await open();
      const { fs, root } = opened;
      const tell = async (path: string): Promise<boolean[]> =>
        await Promise.all([fs.exists(path), fs.isFile(path), fs.isDirectory(path)]);
      expect(await tell(`${root}/a.txt`)).toEqual([true, true, false]);
      expect(await tell(`${root}/data`)).toEqual([true, false, true]);
      expect(await tell(`${root}/nothing`)).toEqual([false, false, false]);
      expect(await tell(`${root}/a.txt/below`)).toEqual([false, false, false]);
    });

    test("a missing path is ENTRY_NOT_FOUND and names what may be meant", async () => {
      await using opened = await open();
      const { fs, root } = opened;
      const path = `${root}/data/Lines.txt`;
      const expected = { code: "ENTRY_NOT_FOUND", path, message: expect.stringContaining(`${root}/data/lines.txt`) };
      const works = [fs.info(path), fs.ls(path), fs.open(path), fs.cat(path), fs.readRanges(path, [])];
      for (const error of await Promise.all(works.map(rejection))) expect(error).toMatchObject(expected);
      expect(await rejection(buffer(fs.createReadStream(path)))).toMatchObject(expected);
    });
  });

  describe(`${name}: reads`, () => {
    test("cat gives a file, or the slice that Python would take of it", async () => {
      await using opened = await open();
      const { fs, root } = opened;
      expect(text(await fs.cat(`${root}/a.txt`))).toBe("alpha\n");
      expect(isSame(await fs.cat(`${root}/data/big.bin`), BIG)).toBe(true);
      expect((await fs.cat(`${root}/empty.txt`)).length).toBe(0);
      expect(text(await fs.cat(`${root}/data/odd [1] %20#?.txt`))).toBe("odd");
      for (const [start, end] of [[1], [-2], [0, -1], [2, 4], [4, 2], [5, 99], [99], [-99, 2]] as const) {
        expect(text(await fs.cat(`${root}/a.txt`, { start, end }))).toBe("alpha\n".slice(start, end));
      }
      expect(await rejection(fs.cat(`${root}/a.txt`, { start: 0.5 }))).toMatchObject({ code: "INVALID_OPTION" });
    });

    test("a folder cannot be read", async () => {
      await using opened = await open();
      const { fs, root } = opened;
      const path = `${root}/data`;
      const works = [fs.cat(path), fs.open(path), fs.readRanges(path, [])];
      for (const error of await Promise.all(works.map(rejection))) {
        expect(error).toMatchObject({
          code: "INVALID_PATH",
          message: expect.stringContaining("folder"),
        });
      }
    });

    test("readRanges gives each range in the order asked, whatever they have in common", async () => {
      await using opened = await open();
      const { fs, root } = opened;
      const ranges = [
        { offset: 2_000_000, length: 900_000 },
        { offset: 10, length: 0 },
        { offset: 0, length: 10 },
        { offset: 5, length: 10 },
        { offset: BIG.length - 1, length: 1 },
        { offset: BIG.length, length: 0 },
      ];
      const parts = await fs.readRanges(`${root}/data/big.bin`, ranges);
      expect(parts).toHaveLength(ranges.length);
      for (const [index, { offset, length }] of ranges.entries()) {
        expect(isSame(parts[index]!, BIG.slice(offset, offset + length))).toBe(true);
      }
      parts[2]?.fill(0);
      expect(parts[3]).toEqual(BIG.slice(5, 15));
      expect(await fs.readRanges(`${root}/data/big.bin`, [])).toEqual([]);
    });

    test.each([
      { offset: 0, length: BIG.length + 1 },
      { offset: BIG.length, length: 1 },
      { offset: -1, length: 1 },
      { offset: 0, length: -1 },
      { offset: 0.5, length: 1 },
    ])("readRanges refuses $offset + $length", async (range) => {
      await using opened = await open();
      const { fs, root } = opened;
      expect(await rejection(fs.readRanges(`${root}/data/big.bin`, [{ offset: 0, length: 1 }, range]))).toMatchObject({
        code: "INVALID_OPTION",
      });
    });

    test("createReadStream streams a file or a slice of it, the end exclusive", async () => {
      await using opened = await open();
      const { fs, root } = opened;
      const path = `${root}/data/big.bin`;
      expect(isSame(await buffer(fs.createReadStream(path)), BIG)).toBe(true);
      const slice = await buffer(fs.createReadStream(path, { start: 300_000, end: -1_000_000 }));
      expect(isSame(slice, BIG.slice(300_000, -1_000_000))).toBe(true);
      expect((await buffer(fs.createReadStream(`${root}/empty.txt`))).length).toBe(0);
    });

    test("a destroyed stream closes, an aborted one with the signal's reason", async () => {
      await using opened = await open();
      const { fs, root } = opened;
      const destroyed = fs.createReadStream(`${root}/data/big.bin`);
      await once(destroyed, "readable");
      destroyed.destroy();
      await once(destroyed, "close");
      const stop = new AbortController();
      const aborted = fs.createReadStream(`${root}/data/big.bin`, { signal: stop.signal });
      await once(aborted, "readable");
      const reason = new Error("enough");
      stop.abort(reason);
      expect(await rejection(buffer(aborted))).toBe(reason);
    });

    test("a signal that has aborted rejects everything with its reason", async () => {
      await using opened = await open();
      const { fs, root } = opened;
      const reason = new Error("stop");
      const options = { signal: AbortSignal.abort(reason) };
      const path = `${root}/a.txt`;
      const file = await fs.open(path);
      const works = [
        fs.info(path, options),
        fs.exists(path, options),
        fs.ls(root, options),
        fs.find(root, options),
        fs.glob(`${root}/*`, options),
        fs.walk(root, options).next(),
        fs.open(path, options),
        fs.cat(path, options),
        fs.readRanges(path, [], options),
        buffer(fs.createReadStream(path, options)),
        file.read(1, options),
        file.readAt(0, 1, options),
        file.lines(options).next(),
      ];
      for (const error of await Promise.all(works.map(rejection))) expect(error).toBe(reason);
    });
  });

  describeOpenFiles(name, open);
}

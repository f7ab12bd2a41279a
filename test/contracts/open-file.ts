import { describe, expect, test } from "vitest";
import { isSame, rejection } from "../helpers/hub-fixture.ts";
import { BIG, type Opened } from "./opened.ts";

/** What the files of every file system do once they are open. */
export function describeOpenFiles(name: string, open: () => Promise<Opened>): void {
  describe(`${name}: open files`, () => {
    test("read goes on from where the last one ended, whatever the lengths", async () => {
      await using opened = await open();
      await using file = await opened.fs.open(`${opened.root}/data/big.bin`);
      expect([file.size, file.path, file.tell()]).toEqual([BIG.length, `${opened.root}/data/big.bin`, 0]);
      const lengths = [1, 0, 7, 1000, 65_536, 70_000, 3, 1_000_000, 5];
      let at = 0;
      for (const length of lengths) {
        expect(isSame(await file.read(length), BIG.slice(at, at + length))).toBe(true);
        at += length;
        expect(file.tell()).toBe(at);
      }
      expect(isSame(await file.read(), BIG.slice(at))).toBe(true);
      expect((await file.read(10)).length).toBe(0);
    });

    test("seek moves anywhere, back into what was read ahead and beyond the end too", async () => {
      await using opened = await open();
      await using file = await opened.fs.open(`${opened.root}/data/big.bin`);
      for (const at of [5000, 100, 64_000, 2_999_990, 0]) {
        expect(file.seek(at)).toBe(at);
        expect(await file.read(2000)).toEqual(BIG.slice(at, at + 2000));
      }
      file.seek(BIG.length + 5);
      expect((await file.read(1)).length).toBe(0);
      expect(file.tell()).toBe(BIG.length + 5);
      for (const bad of [-1, 0.5, NaN]) {
        expect(() => file.seek(bad)).toThrow(expect.objectContaining({ code: "INVALID_OPTION" }));
        expect(await rejection(file.read(bad))).toMatchObject({ code: "INVALID_OPTION" });
      }
    });

    test("reads that are not waited for do not overlap, and give bytes of their own", async () => {
      await using opened = await open();
      await using file = await opened.fs.open(`${opened.root}/data/big.bin`);
      const parts = await Promise.all([file.read(100), file.read(200), file.read(300)]);
      parts[0].fill(0);
      expect(Buffer.concat(parts.slice(1))).toEqual(Buffer.from(BIG.slice(100, 600)));
      file.seek(0);
      expect(await file.read(10)).toEqual(BIG.slice(0, 10));
    });

    test("readAt reads exactly and leaves the position alone", async () => {
      await using opened = await open();
      await using file = await opened.fs.open(`${opened.root}/data/big.bin`);
      expect(await file.readAt(123, 456)).toEqual(BIG.slice(123, 579));
      expect((await file.readAt(BIG.length, 0)).length).toBe(0);
      expect(file.tell()).toBe(0);
      expect(await rejection(file.readAt(BIG.length - 1, 2))).toMatchObject({ code: "INVALID_OPTION" });
    });

    test("lines end with \\n or \\r\\n, and the position follows them", async () => {
      await using opened = await open();
      await using file = await opened.fs.open(`${opened.root}/data/lines.txt`);
      const lines: string[] = [];
      for await (const line of file.lines()) {
        lines.push(line);
        if (lines.length === 2) break;
      }
      expect(file.tell()).toBe(9);
      for await (const line of file.lines()) lines.push(line);
      expect(lines).toEqual(["one", "two", "", "thrée 😀", "last"]);
      await using empty = await opened.fs.open(`${opened.root}/empty.txt`);
      expect(await empty.lines().next()).toEqual({ done: true, value: undefined });
      expect((await empty.read()).length).toBe(0);
    });

    test("a closed file refuses everything, and close may be called again", async () => {
      await using opened = await open();
      const file = await opened.fs.open(`${opened.root}/data/big.bin`);
      const running = rejection(file.read());
      await file.close();
      await file.close();
      expect(await running).toMatchObject({ code: "INVALID_OPTION" });
      const works = [file.read(1), file.readAt(0, 1), file.lines().next()];
      for (const error of await Promise.all(works.map(rejection))) {
        expect(error).toMatchObject({
          code: "INVALID_OPTION",
          message: expect.stringContaining("closed"),
        });
      }
      expect(() => file.tell()).toThrow(/closed/);
      expect(() => file.seek(0)).toThrow(/closed/);
    });
  });
}

import { stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { makeFolder } from "../../src/cache/make-folder.ts";
import { makeFolder as makeTemporary } from "../helpers/temporary-folder.ts";

test("makes a folder and those above it, also many at once and again", async () => {
  await using root = await makeTemporary();
  const folder = path.join(root.path, "a", "b", "c");
  await Promise.all(Array.from({ length: 8 }, () => makeFolder(folder)));
  expect((await stat(folder)).isDirectory()).toBe(true);
});

test("fails below a file", async () => {
  await using root = await makeTemporary();
  await writeFile(path.join(root.path, "file"), "");
  await expect(makeFolder(path.join(root.path, "file", "a", "b"))).rejects.toMatchObject({ code: "ENOTDIR" });
});

test.runIf(process.platform === "linux")("fails, rather than try for ever, where there can be no folder", async () => {
  await expect(makeFolder("/proc/hfstream/a/b")).rejects.toMatchObject({ code: "ENOENT" });
});

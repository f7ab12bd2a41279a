import { symlink } from "node:fs/promises";
import { relative } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { LocalFileSystem } from "../../src/fs/local-file-system.ts";
import { describeFileSystem } from "../contracts/file-system.ts";
import { rejection } from "../helpers/hub-fixture.ts";
import { makeFolder } from "../helpers/temporary-folder.ts";

describeFileSystem("LocalFileSystem", async (files) => {
  const folder = await makeFolder(files);
  return { fs: new LocalFileSystem(), root: folder.path, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
});

describe("LocalFileSystem", () => {
  test("takes relative paths and file:// addresses, and names files by absolute paths", async () => {
    await using folder = await makeFolder({ "d/a b.txt": "x" });
    const fs = new LocalFileSystem();
    const expected = { path: `${folder.path}/d/a b.txt`, size: 1 };
    const near = relative(process.cwd(), folder.path);
    expect(await fs.info(`${near}/d/a b.txt`)).toMatchObject(expected);
    expect(await fs.info(pathToFileURL(`${folder.path}/d/a b.txt`).href)).toMatchObject(expected);
    expect(await fs.glob(`${near}/*/*.txt`)).toMatchObject([expected]);
    expect(await rejection(fs.info(""))).toMatchObject({ code: "INVALID_PATH" });
  });

  test("follows links to files, does not go round in linked folders, and leaves out broken links", async () => {
    await using folder = await makeFolder({ "d/a.txt": "abc" });
    await symlink(`${folder.path}/d/a.txt`, `${folder.path}/link.txt`);
    await symlink(folder.path, `${folder.path}/d/loop`);
    await symlink(`${folder.path}/gone`, `${folder.path}/broken`);
    const fs = new LocalFileSystem();
    const inner = (infos: readonly { readonly path: string }[]): string[] =>
      infos.map(({ path }) => path.slice(folder.path.length + 1));
    expect(inner(await fs.ls(folder.path, { recursive: true }))).toEqual(["d", "d/a.txt", "d/loop", "link.txt"]);
    expect(inner(await fs.ls(`${folder.path}/d/loop`))).toEqual(["d/loop/d", "d/loop/link.txt"]);
    expect((await fs.info(`${folder.path}/link.txt`)).size).toBe(3);
    const folders: string[] = [];
    for await (const [walked] of fs.walk(folder.path)) folders.push(walked);
    expect(folders).toEqual([folder.path, `${folder.path}/d`]);
  });

  test("a file that shrinks after it was opened is FILE_CHANGED, not short", async () => {
    await using folder = await makeFolder({ "a.txt": "0123456789" });
    await using file = await new LocalFileSystem().open(`${folder.path}/a.txt`);
    await folder.write({ "a.txt": "01" });
    expect(await rejection(file.read())).toMatchObject({ code: "FILE_CHANGED" });
  });
});

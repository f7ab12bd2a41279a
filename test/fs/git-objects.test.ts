import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { gitHash, topFolder } from "../../src/fs/git-objects.ts";
import { makeFolder } from "../helpers/temporary-folder.ts";

const PATHS = [
  "a.txt",
  "a/b.txt",
  "a-b/c",
  "a.b",
  "\u00e4/\u{1f600}",
  "\u00e4/\uffee",
  "deep/er/still/x",
  "deep/er-/y",
  "z",
];

test("folders are named as git names them, whatever their names", async () => {
  await using folder = await makeFolder(Object.fromEntries(PATHS.map((path) => [path, `content of ${path}`])));
  const git = (...args: string[]): string =>
    execFileSync("git", ["-C", folder.path, "-c", "core.quotePath=false", ...args], { encoding: "utf8" });
  git("init", "--quiet");
  git("add", ".");
  const tree = git("write-tree").trim();
  const expected = new Map(
    git("ls-tree", tree)
      .trim()
      .split("\n")
      .map((line) => /^\d+ (tree|blob) ([0-9a-f]{40})\t(.*)$/.exec(line)!)
      .map(([, type, oid, name]): [string, string] => [type === "tree" ? `${name}/` : name!, oid!]),
  );
  const files = PATHS.map((path) => ({ path }));
  const blobIds = PATHS.map((path) => gitHash("blob", Buffer.from(`content of ${path}`)));
  const { names, oids } = topFolder(files, blobIds);
  expect(new Map(names.map((name, index) => [name, oids[index]]))).toEqual(expected);
});

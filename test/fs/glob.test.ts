import { performance } from "node:perf_hooks";
import { describe, expect, test } from "vitest";
import { compileGlob, compileListingGlob, hasMagic } from "../../src/fs/glob.ts";

const matching = (pattern: string, paths: readonly string[]): string[] => {
  const glob = compileGlob(pattern);
  const matches = paths.filter((path) => glob.matches(path));
  expect(matches.every((path) => path.startsWith(glob.prefix))).toBe(true);
  return matches;
};

describe("compileGlob", () => {
  test.each([
    ["*.csv", ["a.csv", "d/a.csv", "a.json"], ["a.csv"]],
    ["d/*", ["d/a", "d/e/a", "d"], ["d/a"]],
    ["d/**", ["d/a", "d/e/a", "d", "dd/a"], ["d/a", "d/e/a"]],
    ["**/a", ["a", "d/a", "d/e/a", "ba"], ["a", "d/a", "d/e/a"]],
    ["d/**/a", ["d/a", "d/x/a", "d/x/y/a", "a"], ["d/a", "d/x/a", "d/x/y/a"]],
    ["**/d/**/*.x", ["d/a.x", "e/d/f/a.x", "d.x"], ["d/a.x", "e/d/f/a.x"]],
    ["**", ["a", "a/b/c"], ["a", "a/b/c"]],
    ["?.csv", ["a.csv", "ab.csv", "😀.csv", "/.csv"], ["a.csv", "😀.csv"]],
    ["*?😀*", ["a😀", "😀", "😀😀b"], ["a😀", "😀😀b"]],
    ["[a-c].x", ["a.x", "d.x"], ["a.x"]],
    ["[!a-c].x", ["a.x", "d.x", "/.x"], ["d.x"]],
    ["[]a].x", ["].x", "a.x", "b.x"], ["].x", "a.x"]],
    ["[a-].x", ["-.x", "a.x", "b.x"], ["-.x", "a.x"]],
    ["[-a].x", ["-.x", "a.x", "b.x"], ["-.x", "a.x"]],
    ["[z-a].x", ["z.x", "a.x"], []],
    ["[a", ["[a", "a"], ["[a"]],
    ["{a,b}.x", ["a.x", "{a,b}.x"], ["{a,b}.x"]],
    ["a+(b)|$^.x", ["a+(b)|$^.x"], ["a+(b)|$^.x"]],
    ["*a*b*c", ["xaxbxc", "abc", "acb", "aabbcc"], ["xaxbxc", "abc", "aabbcc"]],
    ["data/x-[0-9][0-9].*", ["data/x-01.p", "data/x-1.p", "data/x-01"], ["data/x-01.p"]],
  ])("%s", (pattern, paths, expected) => {
    expect(matching(pattern, paths)).toEqual(expected);
  });

  test("gives the folders before the first wildcard as prefix", () => {
    expect(compileGlob("a/b/c*/d").prefix).toBe("a/b/");
    expect(compileGlob("**").prefix).toBe("");
    expect(compileGlob("a/b").prefix).toBe("a/");
  });

  test("asks for ** to be a whole component and shows how", () => {
    expect(() => compileGlob("d/**.csv")).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION", message: expect.stringContaining("'d/**/*.csv'") }),
    );
  });

  test("takes no long time over a hostile pattern", () => {
    const glob = compileGlob(`${"*a".repeat(100)}b/${"**/".repeat(100)}${"*a".repeat(50)}b`);
    const start = performance.now();
    expect(glob.matches(`${`${"a".repeat(250)}/`.repeat(15)}${"a".repeat(250)}`)).toBe(false);
    expect(performance.now() - start).toBeLessThan(500);
    expect(() => compileGlob("*".repeat(5000))).toThrow(/at most 4096/);
  });

  test("hasMagic tells patterns from paths", () => {
    expect(["a*", "a?", "a[b]"].every(hasMagic)).toBe(true);
    expect(["a", "{a}", "a]"].some(hasMagic)).toBe(false);
  });
});

describe("compileListingGlob", () => {
  const folders = ["", "a", "a/b", "c"];
  test.each([
    ["**", ["", "a", "a/b", "c"]],
    ["**/**", ["", "a", "a/b", "c"]],
    ["*", ["a", "c"]],
    ["*/**", ["a", "a/b", "c"]],
    ["a/**", ["a", "a/b"]],
    ["a/**/**", ["a", "a/b"]],
    ["**/b/**", ["a/b"]],
    ["**/b", ["a/b"]],
    ["a/*", ["a/b"]],
  ])("%s matches folders as fsspec's glob does", (pattern, expected) => {
    const glob = compileListingGlob(pattern);
    expect(folders.filter((path) => glob.matches({ path, type: "directory" }))).toEqual(expected);
  });

  test("a final ** does not stand for a file", () => {
    expect(compileListingGlob("a/**").matches({ path: "a", type: "file" })).toBe(false);
  });

  test("tells how deep below the prefix matches can be", () => {
    expect([compileListingGlob("a/*/b"), compileListingGlob("a/*.x"), compileListingGlob("a/**")]).toMatchObject([
      { prefix: "a/", depth: 2 },
      { prefix: "a/", depth: 1 },
      { prefix: "a/", depth: Infinity },
    ]);
  });
});

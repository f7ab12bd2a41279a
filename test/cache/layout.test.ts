import path from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { entryPath } from "../../src/cache/layout.ts";

const names = fc.array(
  fc.oneof(fc.string({ maxLength: 300 }), fc.constantFrom("", ".", "..", "a/b", "A", "a", "*", "~")),
  {
    minLength: 1,
    maxLength: 4,
  },
);

describe("entryPath", () => {
  test("stays below the root, with names that every file system takes", () => {
    fc.assert(
      fc.property(names, (key) => {
        const parts = path.relative("/cache", entryPath("/cache", key)).split(path.sep);
        expect(parts).toHaveLength(key.length + 1);
        for (const part of parts) expect(part).toMatch(/^(?!\.)[\w.%~!'()-]{1,150}$/);
      }),
    );
  });

  test("gives different keys different files, also where large letters are not told from small ones", () => {
    fc.assert(
      fc.property(names, names, (left, right) => {
        const isSame = entryPath("/c", left).toLowerCase() === entryPath("/c", right).toLowerCase();
        expect(isSame).toBe(JSON.stringify(left) === JSON.stringify(right));
      }),
    );
    expect(entryPath("/c", ["Main"]).toLowerCase()).not.toBe(entryPath("/c", ["main"]).toLowerCase());
  });
});

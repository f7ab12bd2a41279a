import { expect, test } from "vitest";
import { formatContentRange, parseRange } from "../../src/serve/byte-range.ts";

test.each([
  ["bytes=0-0", { offset: 0, length: 1 }],
  ["bytes=2-4", { offset: 2, length: 3 }],
  ["bytes=2-", { offset: 2, length: 8 }],
  ["bytes=8-99", { offset: 8, length: 2 }],
  ["bytes=-3", { offset: 7, length: 3 }],
  ["bytes=-99", { offset: 0, length: 10 }],
  ["bytes=10-", "unsatisfiable"],
  ["bytes=10-12", "unsatisfiable"],
  ["bytes=-0", "unsatisfiable"],
  ["bytes=4-2", undefined],
  ["bytes=-", undefined],
  ["bytes=0-1,3-4", undefined],
  ["lines=0-1", undefined],
  ["nonsense", undefined],
  [undefined, undefined],
])("of ten bytes, %s means %o", (header, expected) => {
  expect(parseRange(header, 10)).toEqual(expected);
});

test("an empty file has no range at all", () => {
  expect(parseRange("bytes=0-", 0)).toBe("unsatisfiable");
  expect(parseRange("bytes=-1", 0)).toBe("unsatisfiable");
});

test("a Content-Range names its last byte, and only the size where there is none", () => {
  expect(formatContentRange({ offset: 2, length: 3 }, 10)).toBe("bytes 2-4/10");
  expect(formatContentRange("unsatisfiable", 10)).toBe("bytes */10");
});

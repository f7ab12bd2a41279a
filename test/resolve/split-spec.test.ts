import { describe, expect, test } from "vitest";
import { chooseSplits, parseSplitSpec, sliceBounds } from "../../src/resolve/split-spec.ts";

describe("parseSplitSpec", () => {
  test.each([
    ["train", [{ split: "train" }]],
    ["train+test", [{ split: "train" }, { split: "test" }]],
    [" train + v1.0 ", [{ split: "train" }, { split: "v1.0" }]],
    ["train[10%:20%]", [{ split: "train", start: { value: 10, percent: true }, end: { value: 20, percent: true } }]],
    [
      "train[100:200]",
      [{ split: "train", start: { value: 100, percent: false }, end: { value: 200, percent: false } }],
    ],
    ["train[:1_000]+test", [{ split: "train", end: { value: 1000, percent: false } }, { split: "test" }]],
    ["train[-100:]", [{ split: "train", start: { value: -100, percent: false } }]],
    ["train[:]", [{ split: "train" }]],
    ["größe[-0:]", [{ split: "größe", start: { value: 0, percent: false } }]],
    [
      "train[:5%](pct1_dropremainder)",
      [{ split: "train", end: { value: 5, percent: true }, rounding: "pct1_dropremainder" }],
    ],
  ])("reads %s", (spec, parts) => {
    expect(parseSplitSpec(spec)).toEqual(parts);
  });

  test("one percent sign makes both bounds percentages, as in Python", () => {
    expect(parseSplitSpec("train[10:20%]")).toEqual(parseSplitSpec("train[10%:20%]"));
  });

  test.each([
    "",
    "train+",
    "my-split",
    "train[]",
    "train[5]",
    "train[1.5:2]",
    "train[a:b]",
    "train[:101%]",
    "train[-101%:]",
    "train[",
    "train[:5](closest)",
    "train[:5%](up)",
    "train[:1%](closest)+test[:1%](pct1_dropremainder)",
    "train[_1:]",
    "train[:99999999999999999]",
  ])("rejects '%s', saying what it may be", (spec) => {
    expect(() => parseSplitSpec(spec)).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION", message: expect.stringContaining("'train[10%:20%]'") }),
    );
  });
});

describe("chooseSplits", () => {
  test("takes the only split, else train, where none is asked for", () => {
    expect(chooseSplits(["logs"], undefined, "org/name")).toEqual([{ split: "logs" }]);
    expect(chooseSplits(["test", "train"], undefined, "org/name")).toEqual([{ split: "train" }]);
  });

  test("names the splits where it cannot choose", () => {
    expect(() => chooseSplits(["en", "fr"], undefined, "org/name")).toThrow(
      expect.objectContaining({ code: "SPLIT_REQUIRED", message: expect.stringMatching(/org\/name.*'en', 'fr'/) }),
    );
    expect(() => chooseSplits(["en", "fr"], "en+de[:5]", "org/name")).toThrow(
      expect.objectContaining({ code: "SPLIT_NOT_FOUND", message: expect.stringMatching(/'de'.*'en', 'fr'/) }),
    );
  });

  test("all is every split in order, unless one has that name", () => {
    expect(chooseSplits(["train", "test"], "all", "org/name")).toEqual([{ split: "train" }, { split: "test" }]);
    expect(chooseSplits(["train", "all"], "all", "org/name")).toEqual([{ split: "all" }]);
  });
});

describe("sliceBounds", () => {
  const bounds = (spec: string, numRows: number): [number, number] => sliceBounds(parseSplitSpec(spec)[0]!, numRows);

  test("rounds percentages to the closest row, halves to the even one", () => {
    expect(bounds("train[50%:]", 5)).toEqual([2, 5]); // 2.5
    expect(bounds("train[50%:]", 7)).toEqual([4, 7]); // 3.5
    expect(bounds("train[33%:66%]", 10)).toEqual([3, 7]);
    expect(bounds("train[:-10%]", 15)).toEqual([0, 13]); // -1.5 → -2
  });

  test("count from the end what is negative, also where it rounds to no row", () => {
    expect(bounds("train[-1%:]", 30)).toEqual([30, 30]);
    expect(bounds("train[:-1%]", 30)).toEqual([0, 30]);
    expect(bounds("train[-1%:]", 0)).toEqual([0, 0]);
    expect(bounds("train[-2%:-1%]", 30)).toEqual([29, 30]); // -0.6 → -1
    expect(bounds("train[-1%:](pct1_dropremainder)", 250)).toEqual([248, 250]);
  });

  test("moves bounds beyond the split to its ends and gives no rows for an end before the start", () => {
    expect(bounds("train[5:1000]", 10)).toEqual([5, 10]);
    expect(bounds("train[-1000:5]", 10)).toEqual([0, 5]);
    expect(bounds("train[20:]", 10)).toEqual([10, 10]);
    expect(bounds("train[8:2]", 10)).toEqual([8, 8]);
  });

  test("neighbouring percent slices neither share nor lose a row", () => {
    for (const numRows of [1, 7, 99, 1001]) {
      const ends = Array.from({ length: 10 }, (_, tenth) =>
        bounds(`train[${tenth * 10}%:${tenth * 10 + 10}%]`, numRows),
      );
      expect(ends.map(([start]) => start)).toEqual([0, ...ends.map(([, end]) => end)].slice(0, -1));
      expect(ends.at(-1)?.[1]).toBe(numRows);
    }
  });

  test("pct1_dropremainder needs a hundred rows", () => {
    expect(bounds("train[:10%](pct1_dropremainder)", 199)).toEqual([0, 10]);
    expect(() => bounds("train[:10%](pct1_dropremainder)", 99)).toThrow(/at least 100 rows/);
  });
});

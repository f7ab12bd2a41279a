import { expect, test } from "vitest";
import { parseWhere } from "../../src/cli/where.ts";
import type { Features } from "../../src/index.ts";

const value = (dtype: string): Features[string] => ({ _type: "Value", dtype });
const features: Features = {
  id: value("int64"),
  score: value("float64"),
  lang: value("string"),
  zip: value("string"),
  "two words": value("string"),
  good: value("bool"),
  day: value("date32"),
  at: value("timestamp[us, tz=UTC]"),
  label: { _type: "ClassLabel", names: ["cat", "dog"] },
};

test.each<[string, unknown]>([
  ["score >= 0.5", [[["score", ">=", 0.5]]]],
  ["score>=-.5e1", [[["score", ">=", -5]]]],
  ["id = 9007199254740993", [[["id", "=", 9_007_199_254_740_993n]]]],
  [
    "id != 3 and score < inf",
    [
      [
        ["id", "!=", 3],
        ["score", "<", Infinity],
      ],
    ],
  ],
  ["lang in (en, fr)", [[["lang", "in", ["en", "fr"]]]]],
  ["lang not in ('a b', \"c\"\"d\", 'it''s')", [[["lang", "not in", ["a b", 'c"d', "it's"]]]]],
  ["zip = 01234", [[["zip", "=", "01234"]]]],
  ["'two words' == x", [[["two words", "==", "x"]]]],
  ["good = TRUE", [[["good", "=", true]]]],
  ["day < 2024-01-31", [[["day", "<", new Date("2024-01-31T00:00:00Z")]]]],
  ["at >= 2024-01-31T12:30", [[["at", ">=", new Date("2024-01-31T12:30:00Z")]]]],
  ["at >= '2024-01-31 12:30:00.250+02:00'", [[["at", ">=", new Date("2024-01-31T10:30:00.250Z")]]]],
  ["label = dog", [[["label", "=", 1]]]],
  ["label = 0", [[["label", "=", 0]]]],
  ["lang is null", [[["lang", "in", [null]]]]],
  ["lang is not null or id = 1", [[["lang", "not in", [null]]], [["id", "=", 1]]]],
  [
    "id = 1 or id = 2 and good = false",
    [
      [["id", "=", 1]],
      [
        ["id", "=", 2],
        ["good", "=", false],
      ],
    ],
  ],
])("%s", (condition, filters) => {
  expect(parseWhere([condition], features)).toEqual(filters);
});

test("several conditions must all hold, whatever alternatives they have", () => {
  expect(parseWhere(["id = 1 or id = 2", "good = true"], features)).toEqual([
    [
      ["id", "=", 1],
      ["good", "=", true],
    ],
    [
      ["id", "=", 2],
      ["good", "=", true],
    ],
  ]);
});

test.each<[string, string]>([
  ["score >= high", "expected a number, got 'high' at character 10: score >= ▶high◀"],
  ["scor = 1", "expected a column, got 'scor' at character 1: ▶scor◀ = 1: did you mean score?"],
  ["score ~ 1", "got '~' at character 7: score ▶~◀ 1"],
  ["score", "got the end at character 6: score▶◀"],
  ["", "expected a column, got the end at character 1"],
  ["score =", "expected a value, got the end"],
  ["lang in en", "expected '(', got 'en'"],
  ["lang in (en", "expected ')', got the end"],
  ["lang in ()", "expected a value, got ')'"],
  ["lang = 'en", "expected a closing quote, got ''' at character 8: lang = ▶'◀en"],
  ["lang = a b", "expected 'and', 'or' or the end, got 'b'"],
  ["good = 1", "expected true or false, got '1'"],
  ["day < yesterday", "expected a date such as 2024-01-31"],
  ["at < 2024-13-01", "expected a date"],
  ["at < 2024-01-01T00:00:00.0001", "expected a date"],
  ["label = bird", "expected one of cat, dog, got 'bird'"],
  ["lang is empty", "expected 'null', got 'empty'"],
  ["toString = 1", "expected a column"],
])("%s is refused, pointing to the place", (condition, message) => {
  expect(() => parseWhere([condition], features)).toThrow(message);
});

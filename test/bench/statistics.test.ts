import { expect, test } from "vitest";
import { summarize } from "../../bench/statistics.ts";

test("the median of an odd number of values is the middle one, in any order", () => {
  expect(summarize([30, 10, 20])).toEqual({ median: 20, min: 10, max: 30 });
});

test("the median of an even number of values is the mean of the middle two", () => {
  expect(summarize([4, 1, 3, 100])).toEqual({ median: 3.5, min: 1, max: 100 });
});

test("one value is its own median", () => {
  expect(summarize([7])).toEqual({ median: 7, min: 7, max: 7 });
});

test("values are left in their order", () => {
  const values = [3, 1, 2];
  summarize(values);
  expect(values).toEqual([3, 1, 2]);
});

test("no value is an error", () => {
  expect(() => summarize([])).toThrow("Expected at least one value");
});

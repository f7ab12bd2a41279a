import { expect, test } from "vitest";
import { logScale } from "../../bench/report/log-scale.ts";

test("powers of ten lie at equal distances", () => {
  const scale = logScale([1, 10_000]);
  expect(scale.ticks).toEqual([1, 10, 100, 1000, 10_000]);
  expect(scale.ticks.map((tick) => scale.place(tick))).toEqual([0, 0.25, 0.5, 0.75, 1]);
});

test("an axis begins and ends at 1, 2 or 5 times a power of ten around its values", () => {
  const { ticks, place } = logScale([230, 4100]);
  expect(ticks).toEqual([200, 500, 1000, 2000, 5000]);
  expect(place(230)).toBeGreaterThan(0);
  expect(place(4100)).toBeLessThan(1);
});

test("values that are alike, or none, still make an axis", () => {
  expect(logScale([5, 5]).ticks).toEqual([5, 10, 20, 50]);
  expect(logScale([]).ticks).toEqual([1, 2, 5, 10]);
});

test("what is not above zero lies at the beginning", () => {
  expect(logScale([0, 1, 100]).place(0)).toBe(0);
});

import { expect, test } from "vitest";
import { percent, shortBytes, shortNumber, shortTime, times } from "../../bench/report/numbers.ts";

test.each([
  [0, "0"],
  [7, "7"],
  [0.0421, "0.04"],
  [7.251, "7.25"],
  [11.06, "11.1"],
  [118.4, "118"],
  [999, "999"],
  [999.6, "1.00k"],
  [9999.9, "10.0k"],
  [45_230, "45.2k"],
  [999_900, "1.00M"],
  [1_304_000, "1.30M"],
  [2_000_000_000, "2.00G"],
])("%d is written %s", (value, written) => {
  expect(shortNumber(value)).toBe(written);
});

test("times, sizes, shares and ratios carry their unit", () => {
  expect([4.21, 18.4, 999.6, 2410].map(shortTime)).toEqual(["4.2 ms", "18 ms", "1.00 s", "2.41 s"]);
  expect([2.84e6, 71e6, 1.24e9].map(shortBytes)).toEqual(["2.8 MB", "71 MB", "1.24 GB"]);
  expect([0.0034, 0.65].map(percent)).toEqual(["0.3 %", "65 %"]);
  expect([1, 0.4231, 12.06].map(times)).toEqual(["1.00×", "0.42×", "12.1×"]);
});

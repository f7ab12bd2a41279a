import { expect, test } from "vitest";
import { keyOf } from "../../../src/stream/order/permutation.ts";
import { RandomWords } from "../../../src/stream/order/random-words.ts";

const draw = (seed: number, limit: number, count: number): number[] => {
  const words = new RandomWords(keyOf(seed));
  return Array.from({ length: count }, () => words.below(limit));
};

test("a key gives its own numbers, always the same", () => {
  expect(draw(1, 1000, 50)).toEqual(draw(1, 1000, 50));
  expect(draw(1, 1000, 50)).not.toEqual(draw(2, 1000, 50));
  expect(draw(7, 65_536, 6)).toEqual([47_648, 14_505, 30_387, 141, 50_317, 31_919]);
});

test.each([1, 2, 10, 65_536])("all numbers below %i are equally likely", (limit) => {
  const cells = Math.min(limit, 10);
  const counts = Array.from({ length: cells }, () => 0);
  for (const number of draw(3, limit, 100_000)) counts[Math.floor((number / limit) * cells)]! += 1;
  for (const count of counts) expect(Math.abs(count - 100_000 / cells)).toBeLessThan(4 * Math.sqrt(100_000 / cells));
});

test("a number says nothing of the next one", () => {
  const numbers = draw(4, 10, 100_001);
  const counts = Array.from({ length: 100 }, () => 0);
  for (let index = 0; index < 100_000; index += 1) counts[numbers[index]! * 10 + numbers[index + 1]!]! += 1;
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(4.5 * Math.sqrt(1000));
});

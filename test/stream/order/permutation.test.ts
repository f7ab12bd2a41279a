import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Key, keyOf, Permutation } from "../../../src/stream/order/permutation.ts";

const order = (length: number, key: Key): number[] => {
  const permutation = new Permutation(length, key);
  return Array.from({ length }, (_, index) => permutation.at(index));
};

/** How far from what is expected the counts are, in standard deviations (Wilson and Hilferty's normal form of chi-square). */
const deviation = (counts: readonly number[], expected: number): number => {
  const freedom = counts.length - 1;
  const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  return (Math.cbrt(chiSquare / freedom) - (1 - 2 / (9 * freedom))) / Math.sqrt(2 / (9 * freedom));
};

describe("keyOf", () => {
  const parts = fc.array(fc.oneof(fc.maxSafeNat(), fc.nat(3), fc.string({ maxLength: 3 })), { maxLength: 4 });

  test("gives the same key for the same parts, and another one for any others", () => {
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        expect(keyOf(...one)).toEqual(keyOf(...one));
        if (JSON.stringify(one) !== JSON.stringify(other)) expect(keyOf(...one)).not.toEqual(keyOf(...other));
      }),
      { seed: 1 },
    );
  });

  test("kinds, order, ends and upper halves of the parts count", () => {
    const keys = [
      keyOf(),
      keyOf(""),
      keyOf("", ""),
      keyOf(0),
      keyOf(1),
      keyOf("1"),
      keyOf(12),
      keyOf("12"),
      keyOf(1, 2),
      keyOf("1", "2"),
      keyOf(2, 1),
      keyOf(2 ** 31, 2 ** 31),
      keyOf(0, 0),
      keyOf(1 + 2 ** 32),
      keyOf(2 ** 53 - 1),
      keyOf(2 ** 32 - 1),
      keyOf("a", "b"),
      keyOf("ab"),
      keyOf("\u{1f600}"),
    ];
    expect(new Set(keys.map(String)).size).toBe(keys.length);
  });

  test("is two whole numbers of 32 bits, so that it survives JSON and makes parts of other keys", () => {
    for (let seed = 0; seed < 100; seed += 1) {
      for (const word of keyOf(seed)) expect(word >>> 0).toBe(word);
    }
  });
});

describe("Permutation", () => {
  test("sends every index of every short length to a place of its own", () => {
    for (let length = 0; length <= 300; length += 1) {
      const places = order(length, keyOf("short", length));
      expect(places.toSorted((a, b) => a - b)).toEqual([...places.keys()]);
    }
  });

  test("sends every index to a place of its own for any length and key", () => {
    fc.assert(
      fc.property(fc.integer({ min: 300, max: 20_000 }), fc.maxSafeNat(), (length, seed) => {
        const seen = new Uint8Array(length);
        for (const place of order(length, keyOf(seed))) seen[place] = 1;
        expect(seen.indexOf(0)).toBe(-1);
      }),
      { numRuns: 50 },
    );
  });

  test("keys and lengths give orders of their own", () => {
    const orders = Array.from({ length: 200 }, (_, seed) => order(50, keyOf(seed)).join());
    expect(new Set(orders).size).toBe(200);
    const common = (a: number[], b: number[]): number => a.filter((place, index) => place === b[index]).length;
    expect(common(order(10_000, keyOf(1)), order(10_000, keyOf(2)))).toBeLessThan(10);
    expect(common(order(10_000, keyOf(1)), order(10_001, keyOf(1)))).toBeLessThan(10);
  });

  test.each([2, 5, 10, 37, 64, 100, 257, 1000])(
    "places are equally likely, and pairs of them, for length %i",
    (length) => {
      const keys = 100_000;
      const places = Array.from({ length }, () => 0);
      const distances = Array.from({ length: length - 1 }, () => 0);
      for (let seed = 0; seed < keys; seed += 1) {
        const permutation = new Permutation(length, keyOf("uniform", seed));
        const [one, other] = [permutation.at(0), permutation.at(1)];
        places[one]! += 1;
        distances[((other - one + length) % length) - 1]! += 1;
      }
      expect(Math.abs(deviation(places, keys / length))).toBeLessThan(4);
      if (length > 2) expect(Math.abs(deviation(distances, keys / (length - 1)))).toBeLessThan(4);
    },
  );

  test.each([3, 4, 5])("all orders of %i occur about equally often", (length) => {
    const keys = 120_000;
    const counts = new Map<string, number>();
    for (let seed = 0; seed < keys; seed += 1) {
      const found = order(length, keyOf(seed)).join();
      counts.set(found, (counts.get(found) ?? 0) + 1);
    }
    const orders = [1, 1, 2, 6, 24, 120][length]!;
    expect(counts.size).toBe(orders);
    expect(Math.abs(deviation([...counts.values()], keys / orders))).toBeLessThan(4);
  });

  test("neighbours do not stay neighbours", () => {
    const lengths = [100, 1000, 4096, 10_007];
    for (const length of lengths) {
      let pairs = 0;
      for (let seed = 0; seed < 100; seed += 1) {
        const places = order(length, keyOf(seed));
        pairs += places.filter((place, index) => Math.abs(place - (places[index + 1] ?? Infinity)) === 1).length;
      }
      // 2 per order are to be expected, with a variance of 2: 100 orders have 200 ± 14
      expect(Math.abs(pairs - 200)).toBeLessThan(4 * 14);
    }
  });

  test.each([2 ** 31 + 11, 2 ** 32, 2 ** 40, 2 ** 40 + 1, 2 ** 52])(
    "a length of %i has its places all over",
    (length) => {
      const permutation = new Permutation(length, keyOf("long"));
      const indexes = Array.from({ length: 5000 }, (_, index) => (index < 2500 ? index : length - 1 - index));
      const places = indexes.map((index) => permutation.at(index));
      expect(new Set(places).size).toBe(places.length);
      expect(places.every((place) => Number.isSafeInteger(place) && place >= 0 && place < length)).toBe(true);
      const tenths = Array.from({ length: 10 }, () => 0);
      for (const place of places) tenths[Math.floor((place / length) * 10)]! += 1;
      expect(Math.abs(deviation(tenths, 500))).toBeLessThan(4);
    },
  );

  test("an index beyond the length is refused", () => {
    for (const [length, index] of [
      [0, 0],
      [5, 5],
      [5, -1],
      [5, Number.NaN],
    ] as const) {
      expect(() => new Permutation(length, keyOf(1)).at(index)).toThrow(RangeError);
    }
  });

  test("stays as it is: saved states depend on it", () => {
    expect(keyOf("golden", 2026, 2 ** 40)).toEqual([3_286_676_803, 349_964_112]);
    expect(order(12, keyOf("golden", 12))).toEqual([7, 0, 11, 3, 1, 4, 8, 10, 9, 2, 5, 6]);
    expect(order(100, keyOf("golden", 100)).slice(0, 8)).toEqual([35, 55, 16, 95, 27, 41, 18, 25]);
    const long = new Permutation(2 ** 40, keyOf("golden", 40));
    expect([0, 1, 2 ** 40 - 1].map((index) => long.at(index))).toEqual([
      287_245_538_333, 149_616_792_970, 602_771_460_615,
    ]);
  });
});

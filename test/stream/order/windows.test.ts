import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  MIN_UNITS,
  type Shuffle,
  ShuffledLine,
  type UnitSizes,
  type Window,
} from "../../../src/stream/order/windows.ts";

const sizesOf = (rows: readonly number[], bytesPerRow = 1): UnitSizes => {
  const total = rows.reduce((sum, count) => sum + count, 0);
  return {
    units: rows.length,
    rows: total,
    bytes: total * bytesPerRow,
    rowsOf: (unit) => rows[unit]!,
    bytesOf: (unit) => rows[unit]! * bytesPerRow,
  };
};

const NO_LIMIT: Shuffle = { seed: 1, window: 10_000, windowBytes: Infinity };

/** Unit and row of each place of windows. */
function rowsOf(windows: Iterable<Window>, from = 0, to = Infinity): string[] {
  return [...windows].flatMap(({ place, rows, parts, order }) => {
    const all = parts.flatMap(({ unit, start, end }) =>
      Array.from({ length: end - start }, (_, index) => `${unit}:${start + index}`),
    );
    expect(all.length).toBe(rows);
    const [low, high] = [Math.max(0, from - place), Math.min(rows, to - place)];
    return Array.from({ length: Math.max(0, high - low) }, (_, index) => all[order.at(low + index)]!);
  });
}

const whole = (line: ShuffledLine, end: number): Window[] => [...line.windows({ start: 0, end, from: 0, to: end })];

const unitRows = fc.oneof(
  fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 60 }),
  fc.array(fc.constantFrom(1, 1, 1, 2, 400), { minLength: 1, maxLength: 60 }),
  fc.array(fc.constant(1), { minLength: 1, maxLength: 60 }),
  fc.integer({ min: 1, max: 100 }).map((rows) => [rows]),
);
const shuffles = fc.record({
  seed: fc.nat(),
  window: fc.constantFrom(1, 5, 50, 10_000),
  windowBytes: fc.constantFrom(1, 40, 1000, Infinity),
});
const share = fc.double({ min: 0, max: 1, noNaN: true });
const between = (a: number, b: number, rows: number): [number, number] => {
  const [low = 0, high = 0] = [a, b].map((part) => Math.round(part * rows)).sort((x, y) => x - y);
  return [low, high];
};

describe("the windows of a shuffled line", () => {
  test("hold each row once, and the rows of any range are those of the permuted line", () => {
    fc.assert(
      fc.property(unitRows, shuffles, fc.nat(5), share, share, (rows, shuffle, epoch, a, b) => {
        const sizes = sizesOf(rows);
        const line = new ShuffledLine(sizes, shuffle, epoch);
        const expected = rows.flatMap((count, unit) => Array.from({ length: count }, (_, row) => `${unit}:${row}`));
        expect(rowsOf(whole(line, sizes.rows)).sort()).toEqual(expected.sort());
        const [start, end] = between(a, b, sizes.rows);
        const cuts = [0, start, end, sizes.rows];
        const ranges = cuts.slice(1).flatMap((to, index) => {
          const range = { start: cuts[index]!, end: to, from: 0, to: to - cuts[index]! };
          const given = rowsOf(line.windows(range));
          expect(given.length).toBe(range.to);
          return given;
        });
        expect(ranges.sort()).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  test("stand at places that follow each other, and are the same for whoever asks for some of them only", () => {
    fc.assert(
      fc.property(unitRows, shuffles, share, share, share, share, (rows, shuffle, a, b, c, d) => {
        const sizes = sizesOf(rows);
        const line = new ShuffledLine(sizes, shuffle, 3);
        const [start, end] = between(a, b, sizes.rows);
        const all = [...line.windows({ start, end, from: 0, to: end - start })];
        let place = 0;
        for (const window of all) {
          expect(window.place).toBe(place);
          place += window.rows;
        }
        expect(place).toBe(end - start);
        const [from, to] = between(c, d, end - start);
        const some = [...line.windows({ start, end, from, to })];
        expect(some).toEqual(all.filter((window) => window.place + window.rows > from && window.place < to));
        expect(rowsOf(some, from, to)).toEqual(rowsOf(all).slice(from, to));
        const again = new ShuffledLine(sizesOf(rows), { ...shuffle }, 3);
        expect(rowsOf(again.windows({ start, end, from, to }))).toEqual(rowsOf(some));
      }),
      { numRuns: 300 },
    );
  });

  test("hold no more bytes than allowed, unless they are of one unit", () => {
    fc.assert(
      fc.property(unitRows, shuffles, (rows, shuffle) => {
        const sizes = sizesOf(rows);
        for (const { parts } of whole(new ShuffledLine(sizes, shuffle, 0), sizes.rows)) {
          const bytes = parts.reduce((sum, { unit }) => sum + sizes.bytesOf(unit), 0);
          if (parts.length > 1) expect(bytes).toBeLessThanOrEqual(shuffle.windowBytes);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("hold at least eight units where the bytes allow them, also of part of the line", () => {
    fc.assert(
      fc.property(unitRows, fc.constantFrom(1, 50, 10_000), share, share, (rows, window, a, b) => {
        const sizes = sizesOf(rows);
        const [start, end] = between(a, b, sizes.rows);
        const line = new ShuffledLine(sizes, { ...NO_LIMIT, window }, 0);
        const windows = [...line.windows({ start, end, from: 0, to: end - start })];
        const units = windows.reduce((sum, { parts }) => sum + parts.length, 0);
        for (const { parts } of windows) expect(parts.length).toBeGreaterThanOrEqual(Math.min(units, MIN_UNITS));
      }),
      { numRuns: 300 },
    );
  });

  test("are about as long as asked for, and about equally long", () => {
    const sizes = sizesOf(Array.from({ length: 1003 }, () => 200));
    const windows = whole(new ShuffledLine(sizes, NO_LIMIT, 0), sizes.rows);
    const lengths = windows.map(({ rows }) => rows);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(10_000);
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(9400);
  });

  test("are cut in pieces of about the same size where they would hold too many bytes", () => {
    const rows = Array.from({ length: 400 }, (_, unit) => 90 + ((unit * 7) % 21));
    const sizes = sizesOf(rows);
    const windows = whole(new ShuffledLine(sizes, { seed: 0, window: 1e9, windowBytes: 1000 }, 0), sizes.rows);
    expect(Math.min(...windows.map(({ parts }) => parts.length))).toBeGreaterThanOrEqual(4);
    expect(windows.length).toBeLessThanOrEqual(80);
  });

  test("come in another order with another seed, and in another epoch", () => {
    const sizes = sizesOf(Array.from({ length: 40 }, () => 5));
    const orders = [
      [1, 0],
      [1, 1],
      [2, 0],
    ].map(([seed = 0, epoch = 0]) =>
      rowsOf(whole(new ShuffledLine(sizes, { ...NO_LIMIT, seed, window: 50 }, epoch), 200)),
    );
    expect(new Set(orders.map((rows) => rows.join())).size).toBe(3);
  });

  test("of no units are none", () => {
    const line = new ShuffledLine(sizesOf([]), NO_LIMIT, 0);
    expect(whole(line, 0)).toEqual([]);
  });
});

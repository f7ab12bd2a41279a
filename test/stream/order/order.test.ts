import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Order, type OrderStep, type Range } from "../../../src/stream/order/order.ts";
import type { Piece } from "../../../src/stream/order/piece.ts";
import { keyOf, Permutation } from "../../../src/stream/order/permutation.ts";

/** Gives rows `[start, end)` of a source in one pass in some order. */
type Source = (pass: number, start: number, end: number) => readonly string[];

const identity: Source = (_, start, end) => Array.from({ length: end - start }, (__, index) => `${start + index}`);

/** An order of its own for each pass and range. */
const mixed: Source = (pass, start, end) => {
  const order = new Permutation(end - start, keyOf(pass, start, end));
  return Array.from({ length: end - start }, (_, index) => `${pass}:${start + order.at(index)}`);
};

interface Steps {
  readonly rows: number;
  readonly steps: readonly OrderStep[];
}

/** How many of the last rows are left out. */
function restOf(rows: number, { of, enough }: Extract<OrderStep, { kind: "dropRest" }>): number {
  return rows % of < enough ? rows % of : 0;
}

/** How many rows steps leave, by counting. */
function countOf({ rows, steps }: Steps): number {
  return steps.reduce((all, step) => {
    if (step.kind === "repeat") return all * step.times;
    if (step.kind === "dropRest") return all - restOf(all, step);
    return Math.max(0, Math.min(all, step.end) - step.start);
  }, rows);
}

/** The rows `[start, end)` of what steps make, by making all of them. A slice takes rows of the order below it as a whole. */
function materialise({ rows, steps }: Steps, pass: number, range: readonly [number, number], source: Source): string[] {
  const [start, end] = range;
  const step = steps.at(-1);
  if (step === undefined) return [...source(pass, start, end)];
  const below = { rows, steps: steps.slice(0, -1) };
  const count = countOf(below);
  if (step.kind === "dropRest" && step.isCut !== true) return materialise(below, pass, range, source);
  if (step.kind !== "repeat") {
    const [from, to] = step.kind === "slice" ? [step.start, step.end] : [0, count];
    return materialise(below, pass, [0, count], source).slice(from, to).slice(start, end);
  }
  const made: string[] = [];
  for (let time = 0; time < step.times; time += 1) {
    const first = Math.max(start, time * count) - time * count;
    const last = Math.min(end, (time + 1) * count) - time * count;
    if (first < last) made.push(...materialise(below, pass * step.times + time, [first, last], source));
  }
  return made;
}

const read = (ranges: Iterable<Range>, source: Source): string[] =>
  [...ranges].flatMap(({ pass, start, end, from, to }) => source(pass, start, end).slice(from, to));

const slice = fc
  .tuple(fc.nat(60), fc.oneof(fc.nat(80), fc.constant(Infinity)))
  .map(([start, end]): OrderStep => ({ kind: "slice", start, end: Math.max(start, end) }));
const repeat = fc.integer({ min: 0, max: 3 }).map((times): OrderStep => ({ kind: "repeat", times }));
const dropRest = fc
  .tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 7 }), fc.boolean())
  .map(([of, enough, isCut]): OrderStep => ({ kind: "dropRest", of, enough: Math.min(of, enough), isCut }));
const orders = fc.record({ rows: fc.nat(20), steps: fc.array(fc.oneof(slice, repeat, dropRest), { maxLength: 4 }) });
const part = fc.double({ min: 0, max: 1, noNaN: true });
/** A piece of so many rows. */
const pieceOf = (rows: number, [a, b, c, d]: readonly [number, number, number, number]): Piece => {
  const [start = 0, end = 0] = [a, b].map((share) => Math.round(share * rows)).sort((x, y) => x - y);
  const [from = 0, to = 0] = [c, d].map((share) => Math.round(share * (end - start))).sort((x, y) => x - y);
  return { start, end, from, to };
};

describe("an order of slices and repeats", () => {
  test("counts its rows", () => {
    fc.assert(
      fc.property(orders, ({ rows, steps }) => {
        expect(new Order(rows, steps, 1).rows).toBe(countOf({ rows, steps }));
      }),
    );
  });

  test("of rows as they stand is that of an array", () => {
    fc.assert(
      fc.property(orders, ({ rows, steps }) => {
        let expected = Array.from({ length: rows }, (_, row) => `${row}`);
        for (const step of steps) {
          if (step.kind === "slice") expected = expected.slice(step.start, step.end);
          else if (step.kind === "dropRest")
            expected = expected.slice(0, expected.length - restOf(expected.length, step));
          else expected = Array.from({ length: step.times }, () => expected).flat();
        }
        const order = new Order(rows, steps, 1);
        const whole = { start: 0, end: order.rows, from: 0, to: order.rows };
        expect(read(order.resolve(whole), identity)).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ["as they stand", identity],
    ["in an order of its own for each range", mixed],
  ])("of any piece is that of all rows made, the source's %s", (_, source) => {
    fc.assert(
      fc.property(orders, fc.tuple(part, part, part, part), ({ rows, steps }, shares) => {
        const order = new Order(rows, steps, 1);
        const piece = pieceOf(order.rows, shares);
        const expected = materialise({ rows, steps }, 0, [piece.start, piece.end], source).slice(piece.from, piece.to);
        const ranges = [...order.resolve(piece)];
        expect(read(ranges, source)).toEqual(expected);
        let place = piece.from;
        for (const range of ranges) {
          expect(range.place).toBe(place);
          place += range.to - range.from;
        }
      }),
      { numRuns: 1000 },
    );
  });

  test("needs no count where nothing repeats", () => {
    const order = new Order(undefined, [{ kind: "slice", start: 5, end: 25 }], 1);
    expect([order.rows, order.course.end]).toEqual([20, Infinity]);
    expect([...order.resolve({ start: 0, end: 20, from: 3, to: 6 })]).toMatchObject([{ from: 8, to: 11 }]);
    const endless = new Order(undefined, [], 1);
    expect([...endless.resolve({ start: 7, end: Infinity, from: 0, to: Infinity })]).toMatchObject([
      { pass: 0, start: 7, end: Infinity, from: 0, to: Infinity },
    ]);
  });
});

describe("what repeats for ever", () => {
  const forever: OrderStep = { kind: "repeat", times: Infinity };
  const firstRows = (order: Order, count: number): string[] => {
    const rows: string[] = [];
    for (const range of order.resolve({ start: 0, end: order.rows, from: 0, to: order.rows })) {
      rows.push(...read([range], mixed));
      if (rows.length >= count) break;
    }
    return rows.slice(0, count);
  };

  test("goes from pass to pass", () => {
    const order = new Order(4, [forever], 1);
    expect(order.rows).toBe(Infinity);
    expect(firstRows(order, 10)).toEqual([...mixed(0, 0, 4), ...mixed(1, 0, 4), ...mixed(2, 0, 4).slice(0, 2)]);
  });

  test("may be cut, and repeated again", () => {
    const cut = new Order(4, [forever, { kind: "slice", start: 6, end: 9 }, { kind: "repeat", times: 2 }], 1);
    expect(cut.rows).toBe(6);
    const [second, third] = [mixed(1, 0, 4), mixed(2, 0, 4)];
    expect(firstRows(cut, 3)).toEqual([...second.slice(2), ...third.slice(0, 1)]);
    for (const times of [2, Infinity]) {
      const again = new Order(4, [forever, { kind: "repeat", times }], 1);
      expect(again.rows).toBe(Infinity);
      expect(firstRows(again, 6)).toEqual([...mixed(0, 0, 4), ...mixed(1, 0, 4).slice(0, 2)]);
    }
    expect(new Order(4, [forever, { kind: "repeat", times: 0 }], 1).rows).toBe(0);
  });

  test("without rows ends at once", () => {
    const order = new Order(0, [forever], 1);
    expect(order.rows).toBe(0);
    expect([...order.resolve({ start: 0, end: 0, from: 0, to: 0 })]).toEqual([]);
  });

  test("is entered far away at once", () => {
    const order = new Order(3, [forever, { kind: "slice", start: 3e12 + 1, end: 3e12 + 3 }], 1);
    expect([...order.resolve({ start: 0, end: 2, from: 0, to: 2 })]).toMatchObject([{ pass: 1e12, from: 1, to: 3 }]);
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { keyOf } from "../../../src/stream/order/permutation.ts";
import {
  type SourceMark,
  SourceOrder,
  type SourceOrderOptions,
  type SourceWalk,
  type StopRule,
} from "../../../src/stream/order/source-order.ts";

const RULES: readonly StopRule[] = ["first_exhausted", "all_exhausted", "all_exhausted_without_replacement"];

const orderOf = (options: Partial<SourceOrderOptions> & { sources: number }): SourceOrder =>
  new SourceOrder({ key: keyOf("test"), stop: "first_exhausted", ...options });

const emptyOf = (counts: readonly number[]): number[] => [...counts.keys()].filter((source) => counts[source] === 0);

/** The sources of the next rows, `limit` of them at most, of sources that have given `taken` rows so far. */
const follow = (
  walk: SourceWalk,
  counts: readonly number[],
  { taken = counts.map(() => 0), limit = Infinity }: { taken?: readonly number[]; limit?: number } = {},
): number[] => {
  const given = [...taken];
  const sequence: number[] = [];
  for (let source = walk.source; source !== undefined && sequence.length < limit; source = walk.source) {
    sequence.push(source);
    given[source]! += 1;
    const rest = given[source]! % counts[source]!;
    walk.advance(rest === 0);
  }
  return sequence;
};

const sequenceOf = (order: SourceOrder, counts: readonly number[], limit?: number): number[] =>
  follow(order.walk({ empty: emptyOf(counts) }), counts, limit === undefined ? {} : { limit });

const countOf = (sequence: readonly number[], sources: number): number[] => {
  const counts = Array.from({ length: sources }, () => 0);
  for (const source of sequence) counts[source]! += 1;
  return counts;
};

describe("without probabilities", () => {
  const rowsOf = (stop: StopRule): number[] => {
    const sources = [
      [0, 1, 2],
      [10, 11, 12, 13],
      [20, 21, 22, 23, 24],
    ];
    const counts = sources.map((rows) => rows.length);
    const next = sources.map(() => 0);
    return sequenceOf(orderOf({ sources: 3, stop }), counts).map((source) => {
      const row = sources[source]![next[source]! % counts[source]!]!;
      next[source]! += 1;
      return row;
    });
  };

  test("the rows are those of Python's documentation", () => {
    expect(rowsOf("first_exhausted")).toEqual([0, 10, 20, 1, 11, 21, 2]);
    expect(rowsOf("all_exhausted")).toEqual([0, 10, 20, 1, 11, 21, 2, 12, 22, 0, 13, 23, 1, 10, 24]);
    expect(rowsOf("all_exhausted_without_replacement")).toEqual([0, 10, 20, 1, 11, 21, 2, 12, 22, 13, 23, 24]);
  });

  // From `datasets` 5.0.1: interleave_datasets of IterableDatasets of so many rows.
  test.each([
    [[5, 2, 3], "01201", "0120120120120", "0120120200"],
    [[2, 1, 1, 4], "01", "0123012301230123", "01230333"],
    [[3, 3], "01010", "010101", "010101"],
    [[1, 6], "0", "010101010101", "0111111"],
    [[1], "0", "0", "0"],
  ] as const)("sources of %j rows come in the order in which Python gives them", (counts, ...expected) => {
    const found = RULES.map((stop) => sequenceOf(orderOf({ sources: counts.length, stop }), counts).join(""));
    expect(found).toEqual(expected);
  });

  test("an empty source ends the first rule before it begins and is left out by the others", () => {
    const found = RULES.map((stop) => sequenceOf(orderOf({ sources: 3, stop }), [2, 0, 3]).join(""));
    expect(found).toEqual(["", "020202", "02022"]);
  });

  test("the key plays no part", () => {
    const keys = [keyOf(1), keyOf(2)];
    const [one, other] = keys.map((key) => sequenceOf(orderOf({ sources: 3, key }), [9, 8, 7]));
    expect(one).toEqual(other);
  });
});

describe("with probabilities", () => {
  test("the shares of whole blocks are exact, and those of a few rows as chance has it", () => {
    const probabilities = [0.5, 0.3, 0.2];
    const order = orderOf({ sources: 3, probabilities, key: keyOf("shares") });
    const sequence = sequenceOf(order, [1e9, 1e9, 1e9], 3 * 65_536);
    expect(countOf(sequence, 3)).toEqual([32_768, 19_661, 13_107].map((share) => 3 * share));
    for (const [source, count] of countOf(sequence.slice(0, 2000), 3).entries()) {
      const probability = probabilities[source]!;
      const spread = Math.sqrt(2000 * probability * (1 - probability));
      expect(Math.abs(count - 2000 * probability)).toBeLessThan(4 * spread);
    }
    expect(sequence.slice(0, 65_536)).not.toEqual(sequence.slice(65_536, 2 * 65_536));
  });

  test("keys give sequences of their own", () => {
    const sequences = Array.from({ length: 20 }, (_, seed) =>
      sequenceOf(orderOf({ sources: 2, probabilities: [0.5, 0.5], key: keyOf(seed) }), [1e6, 1e6], 100).join(""),
    );
    expect(new Set(sequences).size).toBe(20);
  });

  test("the least probability above 0 gets a share, and 0 none", () => {
    const order = orderOf({ sources: 4, probabilities: [1e-12, 0, 0.6, 0.4] });
    expect(order.locate(65_536, [1e9, 1e9, 1e9, 1e9]).taken).toEqual([1, 0, 39_321, 26_214]);
  });

  test("a source that is never chosen holds nothing up", () => {
    const found = RULES.map((stop) => {
      const order = orderOf({ sources: 3, probabilities: [0, 1, 0], stop });
      expect(order.length([5, 3, 0])).toBe(3);
      return sequenceOf(order, [5, 3, 0]);
    });
    expect(found).toEqual([
      [1, 1, 1],
      [1, 1, 1],
      [1, 1, 1],
    ]);
  });

  test("when a source drops out, those left keep their proportion", () => {
    const order = orderOf({
      sources: 3,
      probabilities: [0.6, 0.3, 0.1],
      stop: "all_exhausted_without_replacement",
    });
    const counts = [1000, 1e6, 1e6];
    const end = 1000 / 0.6 + 4 * 65_536;
    const [, second = 0, third = 0] = order.locate(Math.round(end), counts).taken;
    expect(second / third).toBeCloseTo(3, 1);
  });

  test("more sources than slots are refused", () => {
    const sources = 65_537;
    const order = orderOf({ sources, probabilities: Array.from({ length: sources }, () => 1 / sources) });
    expect(() => order.walk({ empty: [] })).toThrow(expect.objectContaining({ code: "INVALID_OPTION" }));
  });
});

describe("any interleaving", () => {
  const count = fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 1, max: 30 }) }, fc.constant(0), fc.constant(1));
  const interleavings = fc.array(count, { maxLength: 6 }).chain((counts) =>
    fc.record({
      counts: fc.constant(counts),
      weights: fc.option(fc.array(fc.nat(5), { minLength: counts.length, maxLength: counts.length }), {
        nil: undefined,
      }),
      stop: fc.constantFrom(...RULES),
      seed: fc.nat(),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  );

  interface Interleaving {
    readonly counts: readonly number[];
    readonly weights: readonly number[] | undefined;
    readonly stop: StopRule;
    readonly seed: number;
  }

  const build = ({ counts, weights, stop, seed }: Interleaving): SourceOrder => {
    const total = weights?.reduce((sum, weight) => sum + weight, 0) ?? 0;
    const probabilities = weights?.map((weight) => (total === 0 ? 0 : weight / total));
    return orderOf({ sources: counts.length, probabilities, stop, key: keyOf(seed) });
  };

  test("has the length it says, and can be entered anywhere", () => {
    fc.assert(
      fc.property(interleavings, ({ at, ...interleaving }) => {
        const { counts } = interleaving;
        const order = build(interleaving);
        const sequence = sequenceOf(order, counts);
        expect(sequence.length).toBe(order.length(counts));
        const position = Math.round(at * sequence.length);
        const { walk, taken } = order.locate(position, counts);
        expect(taken).toEqual(countOf(sequence.slice(0, position), counts.length));
        const walked = order.walk({ empty: emptyOf(counts) });
        follow(walked, counts, { limit: position });
        expect(walk.mark()).toEqual(walked.mark());
        expect(follow(walk, counts, { taken })).toEqual(sequence.slice(position));
      }),
      { numRuns: 400 },
    );
  });

  test("goes on from a mark that went through JSON", () => {
    fc.assert(
      fc.property(interleavings, ({ at, ...interleaving }) => {
        const { counts } = interleaving;
        const order = build(interleaving);
        const sequence = sequenceOf(order, counts);
        const position = Math.round(at * sequence.length);
        const walk = order.walk({ empty: emptyOf(counts) });
        follow(walk, counts, { limit: position });
        const mark = JSON.parse(JSON.stringify(walk.mark())) as SourceMark;
        const taken = countOf(sequence.slice(0, position), counts.length);
        expect(follow(build(interleaving).walk(mark), counts, { taken })).toEqual(sequence.slice(position));
        expect(follow(walk, counts, { taken })).toEqual(sequence.slice(position));
      }),
      { numRuns: 200 },
    );
  });

  test("gives each row that can be chosen once without replacement, and at least once with all_exhausted", () => {
    fc.assert(
      fc.property(interleavings, (interleaving) => {
        const { counts, weights } = interleaving;
        const reached = counts.map((rows, source) => (weights?.[source] === 0 ? 0 : rows));
        const given = (stop: StopRule): number[] =>
          countOf(sequenceOf(build({ ...interleaving, stop }), counts), counts.length);
        expect(given("all_exhausted_without_replacement")).toEqual(reached);
        const atLeast = given("all_exhausted");
        expect(atLeast.every((rows, source) => rows >= reached[source]!)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test.each(RULES)("is the same for %s when it goes on for many blocks", (stop) => {
    const counts = [150_000, 70_000, 0, 20_001, 3];
    for (const weights of [undefined, [4, 3, 2, 1, 1]]) {
      const interleaving = { counts: stop === "first_exhausted" ? [150_000, 70_000, 9, 80_000, 70_001] : counts };
      const order = build({ ...interleaving, weights, stop, seed: 7 });
      const sequence = sequenceOf(order, interleaving.counts);
      expect(sequence.length).toBe(order.length(interleaving.counts));
      for (const part of [0, 0.1, 0.33, 0.5, 0.77, 0.999, 1]) {
        const position = Math.round(part * sequence.length);
        const { walk, taken } = order.locate(position, interleaving.counts);
        expect(taken).toEqual(countOf(sequence.slice(0, position), 5));
        const next = follow(walk, interleaving.counts, { taken, limit: 1000 });
        expect(next).toEqual(sequence.slice(position, position + 1000));
      }
    }
  });

  test.each([{}, { probabilities: [0.25, 0.75] }])("may be without end (%j)", (options) => {
    const lengths = (counts: readonly number[]): number[] =>
      RULES.map((stop) => orderOf({ sources: 2, ...options, stop }).length(counts));
    expect(lengths([Infinity, Infinity])).toEqual([Infinity, Infinity, Infinity]);
    expect(lengths([10, Infinity]).slice(1)).toEqual([Infinity, Infinity]);
    expect(lengths([10, Infinity])[0]).toBeLessThan(200);
    const order = orderOf({ sources: 2, ...options, stop: "all_exhausted_without_replacement" });
    expect(order.locate(1e12, [10, Infinity]).taken).toEqual([10, 1e12 - 10]);
  });

  test("is entered far away as fast as near, also with a thousand sources", () => {
    const sources = 3000;
    const counts = Array.from({ length: sources }, (_, source) => (source % 3 === 0 ? 1e9 : 1e9 + (source % 7) * 1e8));
    for (const probabilities of [undefined, counts.map(() => 1 / sources)]) {
      for (const stop of RULES) {
        const order = orderOf({ sources, probabilities, stop });
        const { walk, taken } = order.locate(1e12 + 5, counts);
        expect(taken.reduce((sum, rows) => sum + rows, 0)).toBe(1e12 + 5);
        expect(walk.mark().position).toBe(1e12 + 5);
        const mark = walk.mark();
        expect(follow(walk, counts, { taken, limit: 50 })).toEqual(
          follow(order.walk(mark), counts, { taken, limit: 50 }),
        );
        expect(order.length(counts)).toBeGreaterThan(2e12);
      }
    }
  });

  test("stays as it is: saved states depend on it", () => {
    const order = orderOf({ sources: 3, probabilities: [0.5, 0.3, 0.2], key: keyOf("golden") });
    expect(sequenceOf(order, [1e6, 1e6, 1e6], 40).join("")).toBe("1110101100102111102011100110111000010001");
    expect(order.locate(200_000, [1e6, 1e6, 1e6]).taken).toEqual([99_961, 60_018, 40_021]);
  });
});

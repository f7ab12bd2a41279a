import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planBlocks } from "../../src/fs/byte-stream.ts";
import { mergeRanges, planReads, sliceRange } from "../../src/fs/ranges.ts";

const range = fc.record({ offset: fc.nat(5000), length: fc.nat(800) });
const limits = fc.record({ maxGap: fc.nat(300), blockSize: fc.integer({ min: 1, max: 2000 }) });

describe("mergeRanges", () => {
  test("covers each range by exactly one read, and reads nothing before or behind what was asked", () => {
    fc.assert(
      fc.property(fc.array(range), limits, (ranges, options) => {
        const merged = mergeRanges(ranges, options);
        expect(merged.flatMap(({ members }) => members).sort((a, b) => a - b)).toEqual([...ranges.keys()]);
        for (const { offset, length, members } of merged) {
          const asked = members.map((index) => ranges[index]!);
          expect(offset).toBe(Math.min(...asked.map((one) => one.offset)));
          expect(offset + length).toBe(Math.max(...asked.map((one) => one.offset + one.length)));
        }
      }),
    );
  });

  test("joins only over gaps of at most maxGap, and up to blockSize unless ranges overlap", () => {
    fc.assert(
      fc.property(fc.array(range), limits, (ranges, options) => {
        for (const { offset, length, members } of mergeRanges(ranges, options)) {
          const asked = members.map((index) => ranges[index]!).sort((a, b) => a.offset - b.offset);
          let end = offset;
          let overlap = false;
          for (const one of asked) {
            expect(one.offset - end).toBeLessThanOrEqual(options.maxGap);
            overlap ||= one.offset < end;
            end = Math.max(end, one.offset + one.length);
          }
          if (asked.length > 1 && !overlap) expect(length).toBeLessThanOrEqual(options.blockSize);
        }
      }),
    );
  });

  test("gives its reads in order, without common bytes", () => {
    fc.assert(
      fc.property(fc.array(range), limits, (ranges, options) => {
        let end = 0;
        for (const { offset, length } of mergeRanges(ranges, options)) {
          expect(offset).toBeGreaterThanOrEqual(end);
          end = offset + length;
        }
      }),
    );
  });

  test("joins neighbours, not strangers", () => {
    const at = (offset: number): { offset: number; length: number } => ({ offset, length: 10 });
    expect(mergeRanges([at(100), at(0), at(15)], { maxGap: 5, blockSize: 100 })).toEqual([
      { offset: 0, length: 25, members: [1, 2] },
      { offset: 100, length: 10, members: [0] },
    ]);
    expect(mergeRanges([at(0), at(10)], { maxGap: 5, blockSize: 15 })).toHaveLength(2);
  });
});

describe("planReads", () => {
  const segments = fc.array(fc.record({ gap: fc.nat(3), jump: fc.nat(3), length: fc.nat(500) })).map((parts) => {
    let source = 0;
    let target = 0;
    return parts.map(({ gap, jump, length }) => {
      const segment = { source: source + gap, target: target + jump, length };
      source = segment.source + length;
      target = segment.target + length;
      return segment;
    });
  });

  test("moves each byte once, to where it belongs, in parts of at most blockSize", () => {
    fc.assert(
      fc.property(segments, fc.integer({ min: 1, max: 300 }), (parts, blockSize) => {
        const places = (list: readonly { source: number; target: number; length: number }[]): string[] =>
          list.flatMap(({ source, target, length }) =>
            Array.from({ length }, (_, index) => `${source + index}>${target + index}`),
          );
        const reads = planReads(parts, blockSize);
        expect(places(reads)).toEqual(places(parts));
        for (const { length } of reads) {
          expect(length).toBeGreaterThan(0);
          expect(length).toBeLessThanOrEqual(blockSize);
        }
      }),
    );
  });
});

describe("planBlocks", () => {
  test("covers the range in order, each byte once, in blocks that grow up to blockSize", () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.nat(100_000_000),
        fc.integer({ min: 100_000, max: 20_000_000 }),
        (offset, length, blockSize) => {
          let end = offset;
          for (const block of planBlocks({ offset, length }, blockSize)) {
            expect(block.offset).toBe(end);
            expect(block.length).toBeGreaterThan(0);
            expect(block.length).toBeLessThanOrEqual(blockSize);
            end += block.length;
          }
          expect(end).toBe(offset + length);
        },
      ),
    );
  });

  test("starts small, for the first bytes to come soon", () => {
    const MIB = 1024 * 1024;
    const lengths = Array.from(planBlocks({ offset: 7, length: 20 * MIB }), ({ length }) => length / MIB);
    expect(lengths).toEqual([0.25, 1, 4, 8, 6.75]);
  });
});

describe("sliceRange", () => {
  test("takes what Array.prototype.slice takes", () => {
    const index = fc.option(fc.integer({ min: -20, max: 20 }), { nil: undefined });
    fc.assert(
      fc.property(fc.nat(12), index, index, (size, start, end) => {
        const all = Array.from({ length: size }, (_, at) => at);
        const { offset, length } = sliceRange(size, start, end);
        expect(all.slice(offset, offset + length)).toEqual(all.slice(start, end));
        expect(offset + length).toBeLessThanOrEqual(size);
      }),
    );
  });
});

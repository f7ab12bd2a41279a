import { expect, test } from "vitest";
import { ReadAhead, type ReadAheadSettings } from "../../src/stream/read-ahead.ts";

const MIB = 1024 * 1024;

function unbegun(settings: Partial<ReadAheadSettings> = {}): ReadAhead {
  return new ReadAhead({
    prefetchDepth: 2,
    maxConnections: 16,
    decodeThreads: 1,
    memoryBudget: 1024 * MIB,
    blockSize: undefined,
    ...settings,
  });
}

function readAhead(settings: Partial<ReadAheadSettings> = {}): ReadAhead {
  const ahead = unbegun(settings);
  ahead.begin();
  return ahead;
}

/** After groups of so many bytes took so long to fetch and to use. */
function measured(settings: Partial<ReadAheadSettings>, fetchMs: number, useMs: number, bytes = MIB): ReadAhead {
  const ahead = readAhead(settings);
  for (let group = 0; group < 20; group += 1) {
    ahead.fetched(fetchMs, bytes, 1);
    ahead.used(useMs, 0, 1);
  }
  return ahead;
}

test("Nothing is read ahead before what the first rows wait for is there, and then at once", () => {
  const ahead = unbegun();
  const depths: number[] = [];
  ahead.onFetched = () => depths.push(ahead.depth(1));
  expect([ahead.hasBegun, ahead.depth(1)]).toEqual([false, 0]);
  ahead.begin();
  ahead.begin();
  expect([ahead.hasBegun, depths]).toEqual([true, [2]]);
});

test("Before anything is measured as many units are under way as were asked for", () => {
  expect(readAhead({ prefetchDepth: 3 }).depth(1)).toBe(3);
  expect(readAhead({ prefetchDepth: 3 }).depth(2)).toBe(2);
  expect(readAhead({ prefetchDepth: 3 }).depth(100)).toBe(1);
});

test("None are read ahead where none are asked for, whatever is measured", () => {
  expect(measured({ prefetchDepth: 0 }, 1000, 1).depth(1)).toBe(0);
  expect(readAhead({ prefetchDepth: 0 }).most(1, 1)).toBe(0);
});

test("A fast consumer has as many under way as are used while one is fetched, a slow one only the least", () => {
  const fast = measured({}, 100, 20).depth(1);
  expect(fast).toBeGreaterThanOrEqual(5);
  expect(fast).toBeLessThanOrEqual(16);
  expect(measured({}, 100, 1000).depth(1)).toBe(2);
});

test("What decoding takes counts as use, shared among its threads", () => {
  const decodes = (decodeThreads: number): ReadAhead => {
    const ahead = measured({ decodeThreads }, 100, 0);
    for (let unit = 0; unit < 20; unit += 1) ahead.decoded(100);
    return ahead;
  };
  expect(decodes(1).depth(1)).toBe(2);
  expect(decodes(8).depth(1)).toBeGreaterThan(decodes(1).depth(1));
});

test("Never more than the connections carry, nor than fits the part of the memory that may be on its way", () => {
  expect(measured({ maxConnections: 4 }, 1000, 0).depth(1)).toBe(8);
  expect(measured({ memoryBudget: 40 * MIB }, 1000, 0).depth(1)).toBe(20);
  expect(measured({ memoryBudget: MIB }, 1000, 0, 100 * MIB).depth(1)).toBe(2);
});

test("A consumer that had to wait has more under way, and fewer again when it has not for a while", () => {
  const ahead = measured({}, 100, 50);
  const calm = ahead.depth(1);
  for (let group = 0; group < 10; group += 1) ahead.used(50, 5, 1);
  expect(ahead.depth(1)).toBeGreaterThan(calm * 2);
  for (let group = 0; group < 200; group += 1) ahead.used(50, 0.1, 1);
  expect(ahead.depth(1)).toBe(calm);
});

test("A fetch that waited in line for others does not count as slow", () => {
  const ahead = measured({}, 50, 25);
  const before = ahead.depth(1);
  ahead.fetched(5000, MIB, 1);
  expect(ahead.depth(1)).toBe(before);
});

test("Requests grow when all connections are busy, unless their size is given; slices stay within the memory", () => {
  const busy = measured({ maxConnections: 4 }, 1000, 0);
  expect(busy.blockSize()).toBeGreaterThan(readAhead().blockSize());
  expect(measured({ maxConnections: 4, blockSize: 5000 }, 1000, 0).blockSize()).toBe(5000);
  expect(measured({ maxConnections: 4, memoryBudget: 64 * MIB }, 1000, 0).sliceBytes()).toBeLessThanOrEqual(8 * MIB);
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Batcher } from "../../src/loader/batcher.ts";

interface Limits {
  readonly batchSize: number;
  readonly maxBatchBytes: number | undefined;
}

/** Puts rows of these sizes into batches, as `DataLoader` does, and tells their sizes. */
function batchesOf(sizes: readonly number[], limits: Limits): number[][] {
  const batcher = new Batcher<number>({ ...limits, sizeOf: (size) => size });
  const batches: number[][] = [];
  for (const size of sizes) {
    const bytes = batcher.measure(size);
    if (batcher.overflows(bytes)) batches.push(batcher.take());
    if (batcher.add(size, bytes)) batches.push(batcher.take());
  }
  if (batcher.length > 0) batches.push(batcher.take());
  return batches;
}

const sum = (sizes: readonly number[]): number => sizes.reduce((total, size) => total + size, 0);

const sizes = fc.array(fc.oneof({ weight: 8, arbitrary: fc.nat(12) }, fc.constant(40)), { maxLength: 60 });
const limits = fc.record({
  batchSize: fc.constantFrom(1, 2, 5, Infinity),
  maxBatchBytes: fc.constantFrom(undefined, 1, 10, 25),
});

describe("batches", () => {
  test("hold all rows, in order", () => {
    fc.assert(
      fc.property(sizes, limits, (rows, limit) => {
        expect(batchesOf(rows, limit).flat()).toEqual(rows);
      }),
    );
  });

  test("are never larger than they may be, but for a row that is too large by itself and goes alone", () => {
    fc.assert(
      fc.property(sizes, limits, (rows, limit) => {
        const { batchSize, maxBatchBytes = Infinity } = limit;
        for (const batch of batchesOf(rows, limit)) {
          expect(batch.length).toBeLessThanOrEqual(batchSize);
          if (sum(batch) > maxBatchBytes) expect(batch).toHaveLength(1);
        }
      }),
    );
  });

  test("end only where they must", () => {
    fc.assert(
      fc.property(sizes, limits, (rows, limit) => {
        const { batchSize, maxBatchBytes = Infinity } = limit;
        const batches = batchesOf(rows, limit);
        for (const [index, batch] of batches.slice(0, -1).entries()) {
          const next = batches[index + 1]?.[0] ?? 0;
          const isFull = batch.length === batchSize || sum(batch) >= maxBatchBytes;
          expect(isFull || sum(batch) + next > maxBatchBytes).toBe(true);
        }
      }),
    );
  });
});

test("a row is measured once", () => {
  let calls = 0;
  const sizeOf = (): number => (calls += 1);
  const batcher = new Batcher<string>({ batchSize: Infinity, maxBatchBytes: 100, sizeOf });
  const bytes = batcher.measure("row");
  batcher.overflows(bytes);
  batcher.add("row", bytes);
  expect(calls).toBe(1);
});

test("without a limit of bytes rows are not measured at all", () => {
  const refuse = (): number => {
    throw new Error("measured");
  };
  const batcher = new Batcher<string>({ batchSize: 2, maxBatchBytes: undefined, sizeOf: refuse });
  expect(batcher.add("row", batcher.measure("row"))).toBe(false);
});

test.each([Number.NaN, -1, "12", undefined, 12n])("a size of %s is refused, naming `sizeOf`", (size) => {
  const batcher = new Batcher<string>({ batchSize: 2, maxBatchBytes: 10, sizeOf: () => size as number });
  expect(() => batcher.measure("row")).toThrow(
    expect.objectContaining({
      code: "INVALID_OPTION",
      message: expect.stringContaining("`sizeOf` must return a number"),
    }),
  );
});

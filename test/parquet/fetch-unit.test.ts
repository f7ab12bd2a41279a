import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "vitest";
import type { UnitReadOptions } from "../../src/formats/types.ts";
import type { ByteSource } from "../../src/fs/types.ts";
import { fetchUnit } from "../../src/parquet/fetch-unit.ts";
import type { UnitPlan } from "../../src/parquet/plan.ts";
import type { Slice } from "../../src/parquet/slices.ts";

const sliceAt = (source: number): Slice => ({
  length: 100,
  segments: [{ source, target: 0, length: 100 }],
  made: [],
  chunks: [],
  fetchedBytes: 100,
  decodedBytes: 100,
});

test("A slice that fails while an earlier one is on its way is told in its turn, and leaves no rejection behind", async () => {
  const failure = new Error("the second slice fails");
  const source: ByteSource = {
    path: "memory",
    size: 1000,
    async read({ offset, length }, { into } = {}) {
      await wait(offset === 0 ? 40 : 1);
      if (offset > 0) throw failure;
      return into ?? new Uint8Array(length);
    },
  };
  const events: unknown[] = [];
  const rejections: unknown[] = [];
  const onRejection = (reason: unknown): void => void rejections.push(reason);
  process.on("unhandledRejection", onRejection);
  try {
    const decoding = {
      push: (): void => void events.push("pushed"),
      fail: (error: unknown): void => void events.push(error),
    };
    const options = { admit: async () => {}, decoder: { allocate: (length: number) => new Uint8Array(length) } };
    const plan = { slices: [sliceAt(0), sliceAt(500)] } as unknown as UnitPlan;
    await fetchUnit(source, plan, decoding as never, options as unknown as UnitReadOptions);
    await wait(10);
  } finally {
    process.off("unhandledRejection", onRejection);
  }
  expect(events.slice(0, 2)).toEqual(["pushed", failure]);
  expect(rejections).toEqual([]);
});

import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isHfStreamError } from "../../../src/errors.ts";
import { ThreadedDecoder } from "../../../src/parquet/decode/threaded-decoder.ts";
import { parseFooter, readFooter } from "../../../src/parquet/footer/footer.ts";
import { ParquetFile } from "../../../src/parquet/parquet-file.ts";
import type { RowBatch } from "../../../src/formats/types.ts";
import { bytesSource } from "../bytes-source.ts";
import { readFixture, readFixtureFile } from "../fixture.ts";

const workers = new Set<Worker>();
const { postMessage } = Worker.prototype;

beforeEach(() => {
  Worker.prototype.postMessage = function post(this: Worker, ...message) {
    workers.add(this);
    postMessage.apply(this, message);
  };
});

afterEach(() => {
  Worker.prototype.postMessage = postMessage;
  workers.clear();
});

async function killThreads(): Promise<void> {
  const living = [...workers];
  workers.clear();
  await Promise.all(living.map((worker) => worker.terminate()));
}

/** Reads the first unit by a thread; `onBatch` may do something to it: before the first slice is fetched, and after each batch. */
async function readFirst(onBatch: (batch: number) => Promise<void>): Promise<number[]> {
  const source = bytesSource(readFixtureFile("paged-v1"));
  const file = new ParquetFile(source, parseFooter(await readFooter(source), source));
  const decoder = new ThreadedDecoder(1);
  const { rows: end = 0 } = file.units[0] ?? {};
  const request = { unit: 0, start: 0, end, columns: ["id"], predicate: undefined, sliceBytes: 2000 };
  const prepared = await file.prepare(request, {});
  const admitted: number[] = [];
  const reading = prepared?.read({
    decoder,
    blockSize: 1000,
    memoryBudget: 2 ** 25,
    admit: async (slice) => {
      admitted.push(slice);
      if (slice === 0) await onBatch(0);
    },
    onDecoded: () => {},
  });
  const ids: number[] = [];
  let count = 0;
  try {
    for await (const { batch } of (reading?.batches ?? []) as AsyncIterable<RowBatch>) {
      ids.push(...Array.from(batch.getChildAt(0) ?? [], Number));
      await onBatch((count += 1));
    }
  } finally {
    await reading?.fetched;
    await decoder.close();
  }
  expect(admitted).toEqual([...admitted.keys()]);
  return ids;
}

test("A unit whose thread dies goes on in another one, without a row twice", async () => {
  const rows = readFixture("paged-v1").rows.map(({ id }) => Number(id));
  for (const dying of [0, 1, 2]) {
    const ids = await readFirst(async (batch) => (batch === dying ? await killThreads() : undefined));
    expect(ids).toEqual(rows.slice(0, ids.length));
    expect(ids.length).toBeGreaterThan(100);
  }
});

test("A unit whose threads die again and again fails with a code", async () => {
  const dying = setInterval(() => void killThreads(), 1);
  const error = await readFirst(async () => {}).catch((thrown: unknown) => thrown);
  clearInterval(dying);
  expect(isHfStreamError(error, "WORKER_FAILED"), String(error)).toBe(true);
});

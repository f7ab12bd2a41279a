import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isHfStreamError } from "../../../src/errors.ts";
import type { PreparedUnit, UnitReading, UnitReadOptions } from "../../../src/formats/types.ts";
import { createDecoder } from "../../../src/parquet/decode/create-decoder.ts";
import type { Decoder } from "../../../src/parquet/decode/decoder.ts";
import { parseFooter, readFooter } from "../../../src/parquet/footer/footer.ts";
import { ParquetFile } from "../../../src/parquet/parquet-file.ts";
import { bytesSource } from "../bytes-source.ts";
import { lengthed, type MadePage, makeFile } from "../made-file.ts";

/** Threads that were started, and those that were sent something. */
const started = new Set<Worker>();
const used = new Set<Worker>();
const { postMessage, unref } = Worker.prototype;

beforeEach(() => {
  Worker.prototype.unref = function watched(this: Worker) {
    started.add(this);
    unref.call(this);
  };
  Worker.prototype.postMessage = function watched(this: Worker, ...message) {
    used.add(this);
    postMessage.apply(this, message);
  };
});

afterEach(() => {
  Object.assign(Worker.prototype, { postMessage, unref });
  started.clear();
  used.clear();
});

/** The decoder, which is told that units are large. */
function forLarge(decoder: Decoder): Decoder {
  return {
    expect: (size) => decoder.expect(size),
    begin: (unit, schema) => decoder.begin(unit, schema, 2 ** 30),
    allocate: (length) => decoder.allocate(length),
    close: async () => await decoder.close(),
    memory: 0,
  };
}

const PAGES = 12;
const VALUES_EACH = 5;
const VALUE_BYTES = 60_000;
const ids = Array.from({ length: PAGES * VALUES_EACH }, (_, index) => index);

/** A row group whose one column is cut into slices; each value is bytes of its own place. */
const bytes = makeFile({
  rows: ids.length,
  columns: [
    {
      name: "a",
      type: 6,
      pages: Array.from({ length: PAGES }, (_, page): MadePage => {
        const own = ids.slice(page * VALUES_EACH, (page + 1) * VALUES_EACH);
        return {
          values: VALUES_EACH,
          body: Buffer.concat(own.map((id) => lengthed(Buffer.alloc(VALUE_BYTES, id)))),
        };
      }),
    },
  ],
});

/** What a reading is, beside its slices of so many bytes. */
interface Reading extends Partial<UnitReadOptions> {
  readonly sliceBytes?: number;
  /** Told how many rows have come. */
  readonly onRows?: (rows: number) => void;
  readonly file?: Uint8Array;
}

/** Begins to read the row group. */
async function begin(
  decoder: Decoder,
  { sliceBytes = 2 ** 20, file = bytes, ...options }: Reading = {},
): Promise<UnitReading> {
  const source = bytesSource(file);
  const opened = new ParquetFile(source, parseFooter(await readFooter(source), source));
  const request = { unit: 0, start: 0, end: ids.length, columns: undefined, predicate: undefined, sliceBytes };
  const prepared = (await opened.prepare(request, {})) as PreparedUnit;
  return prepared.read({
    decoder,
    blockSize: 2 ** 20,
    memoryBudget: 2 ** 25,
    admit: async () => {},
    onDecoded: () => {},
    ...options,
  });
}

async function readIds(decoder: Decoder, options: Reading = {}): Promise<number[]> {
  const { batches, fetched } = await begin(decoder, options);
  const found: number[] = [];
  for await (const { batch } of batches) {
    for (const value of batch.getChildAt(0) ?? []) found.push((value as Uint8Array)[0] as number);
    options.onRows?.(found.length);
  }
  await fetched;
  return found;
}

test("Little is read without a thread, and what is more starts one", async () => {
  const decoder = createDecoder(2);
  for (let time = 0; time < 2; time += 1) expect(await readIds(decoder, { sliceBytes: Infinity })).toEqual(ids);
  expect(started.size).toBe(0);
  expect(await readIds(decoder, { sliceBytes: Infinity })).toEqual(ids);
  expect(started.size).toBe(1);
  await decoder.close();
  const other = createDecoder(2);
  other.expect(5_000_000);
  expect(started.size).toBe(1);
  for (let time = 0; time < 2; time += 1) other.expect(50_000_000);
  expect(started.size).toBe(2);
  await other.close();
});

test("What nobody has asked for when a thread comes up goes there", async () => {
  const decoder = createDecoder(1);
  const { batches } = await begin(forLarge(decoder), { sliceBytes: Infinity });
  await expect.poll(() => used.size, { timeout: 20_000 }).toBe(1);
  let rows = 0;
  for await (const { batch } of batches) rows += batch.numRows;
  expect(rows).toBe(ids.length);
  await decoder.close();
});

test("A large unit begins in the calling thread and goes on in another, each row once, each slice told of once", async () => {
  const decoder = createDecoder(1);
  const told: number[] = [];
  let atFirst = 0;
  const found = await readIds(forLarge(decoder), {
    onDecoded: (slice) => void told.push(slice),
    onRows: (rows) => (atFirst ||= rows),
  });
  expect(found).toEqual(ids);
  expect(atFirst).toBeLessThan(ids.length / 2);
  expect(used.size).toBe(1);
  expect(told.sort((a, b) => a - b)).toEqual([...told.keys()]);
  expect(told.length).toBeGreaterThan(2);
  expect(await readIds(forLarge(decoder))).toEqual(ids); // the thread is up now
  await decoder.close();
});

test("A failure to fetch the first slice, or one after it, is told", async () => {
  for (const failing of [0, 1]) {
    const decoder = createDecoder(1);
    const admit = async (slice: number): Promise<void> => {
      if (slice === failing) throw new Error("no memory");
    };
    await expect(readIds(forLarge(decoder), { admit })).rejects.toThrow("no memory");
    await decoder.close();
  }
});

test("Damage is told by whichever thread finds it", async () => {
  for (const share of [0, 0.9]) {
    const decoder = createDecoder(1);
    const file = bytes.slice();
    const start = Math.floor(share * file.length) + 4;
    file.fill(0xff, start, start + VALUE_BYTES * 2);
    const error = await readIds(forLarge(decoder), { file }).catch((thrown: unknown) => thrown);
    expect(isHfStreamError(error, "CORRUPT_FILE"), String(error)).toBe(true);
    await decoder.close();
  }
});

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  DataLoader,
  type DataLoaderOptions,
  type DatasetRow,
  interleaveDatasets,
  type IterableDataset,
  loadDataset,
  type LoadDatasetOptions,
} from "../../src/index.ts";
import { moduleOf } from "../helpers/dataset-module.ts";
import { hubWithNumbers, type TestHub } from "../helpers/hub-with-numbers.ts";

let hub: TestHub;
beforeAll(async () => {
  hub = await hubWithNumbers({ files: 3, rowsPerFile: 40, rowsPerGroup: 2 });
});
afterAll(async () => await hub[Symbol.asyncDispose]());

const load = (options: LoadDatasetOptions = {}): IterableDataset =>
  loadDataset("org/numbers", { ...hub.options, decodeThreads: 0, ...options });

async function collect<Batch>(batches: AsyncIterable<Batch>): Promise<Batch[]> {
  const collected: Batch[] = [];
  for await (const batch of batches) collected.push(batch);
  return collected;
}

type Source = IterableDataset | URL;
type Options = DataLoaderOptions<DatasetRow, unknown>;

/** Checks that any number of workers gives what none does, and gives that. */
async function sameForAll(source: Source, options: Options, workers: readonly number[] = [2]): Promise<unknown[]> {
  const expected = await collect(new DataLoader(source, { ...options, workers: 0 }));
  for (const count of workers)
    expect(await collect(new DataLoader(source, { ...options, workers: count })), `${count} workers`).toEqual(expected);
  return expected;
}

/** The ids of batches of columns. */
const idsOf = (batches: readonly unknown[]): number[] =>
  batches.flatMap((batch) => (batch as { id: number[] }).id.flat());
const first = (count: number): number[] => Array.from({ length: count }, (_, id) => id);

describe("the same batches in the same order for any number of workers", () => {
  test("of rows as they are stored", async () => {
    const batches = await sameForAll(load(), { batchSize: 7, prefetchFactor: 1 }, [1, 2, 8]);
    expect(idsOf(batches)).toEqual(first(120));
    expect(batches).toHaveLength(18);
    expect(batches[0]).toEqual({
      id: first(7),
      text: first(7).map((id) => `row ${id}`),
      half: first(7).map((id) => id / 2),
    });
  });

  test("of rows that are shuffled", async () => {
    const batches = await sameForAll(
      load().shuffle({ seed: 3, window: 16 }),
      { batchSize: 5, prefetchFactor: 1 },
      [1, 3],
    );
    expect(idsOf(batches)).not.toEqual(first(120));
    expect(idsOf(batches).sort((a, b) => a - b)).toEqual(first(120));
  });

  test("of rows that filters leave", async () => {
    const filtered = load().filter([["id", ">", 30]]);
    expect(idsOf(await sameForAll(filtered, { batchSize: 4, prefetchFactor: 1 }))).toEqual(first(120).slice(31));
    const none = load().filter([["id", ">", 1000]]);
    expect(await sameForAll(none, { batchSize: 4 })).toEqual([]);
  });

  test("of the first rows that filters leave, which only reading can count", async () => {
    const taken = load()
      .filter([["id", ">", 30]])
      .skip(3)
      .take(50);
    expect(idsOf(await sameForAll(taken, { batchSize: 6, prefetchFactor: 1 }, [3]))).toEqual(first(120).slice(34, 84));
  });

  test("of rows that are batches, and leave a smaller one", async () => {
    const batches = await sameForAll(load().batch(7), { batchSize: 2, prefetchFactor: 1 });
    expect(batches).toHaveLength(9);
    expect(batches[8]).toMatchObject({ id: [[112, 113, 114, 115, 116, 117, 118], [119]] });
  });

  test("of rows that are repeated, in the order of each epoch, and dealt to ranks", async () => {
    const part = load().shuffle({ seed: 1, window: 20 }).repeat(2).shard({ count: 2, index: 1 });
    expect(idsOf(await sameForAll(part, { batchSize: 8, prefetchFactor: 1 }, [3]))).toHaveLength(120);
  });

  test("of rows that are repeated for ever", async () => {
    const ids = async (workers: number): Promise<unknown[]> => {
      const taken: unknown[] = [];
      for await (const batch of new DataLoader(load().shuffle().repeat(), { batchSize: 50, workers })) {
        taken.push(batch);
        if (taken.length === 6) break;
      }
      return taken;
    };
    expect(await ids(2)).toEqual(await ids(0));
  });

  test("of datasets that are interleaved, by arithmetic and by reading", async () => {
    const dense = interleaveDatasets([load(), load().skip(100)], { stop: "all_exhausted" });
    await sameForAll(dense, { batchSize: 9, prefetchFactor: 1 });
    const filtered = interleaveDatasets([load().filter([["id", ">", 90]]), load().take(20)], { stop: "all_exhausted" });
    await sameForAll(filtered, { batchSize: 9, prefetchFactor: 1 });
  });

  test("of fewer rows than there are workers, and of none", async () => {
    expect(idsOf(await sameForAll(load().take(2), { batchSize: 5 }, [3]))).toEqual([0, 1]);
    expect(await sameForAll(load().take(0), { batchSize: 5 })).toEqual([]);
  });
});

describe("a dataset of a module", () => {
  test("may have functions, asynchronous ones as well", async () => {
    const url = await moduleOf(
      hub,
      `export default async () => load()
        .map((row) => ({ vector: new Float32Array([row.id, 0.5]), when: new Date(row.id) }))
        .filter((row) => row.id % 3 !== 0)
        .map(async ({ id }) => { await new Promise((resolve) => setTimeout(resolve, id % 4)); return { big: BigInt(id) }; });`,
    );
    const batches = await sameForAll(url, { batchSize: 6, prefetchFactor: 1 }, [1, 3]);
    expect(idsOf(batches)).toEqual(first(120).filter((id) => id % 3 !== 0));
    expect(batches[0]).toMatchObject({
      vector: [new Float32Array([1, 0.5]), {}, {}, {}, {}, {}],
      big: [1n, 2n, 4n, 5n, 7n, 8n],
    });
  });

  test("may give the same typed array in each row, and any other data", async () => {
    const url = await moduleOf(
      hub,
      `const kept = new BigInt64Array([1n, -1n]);
      const shared = new Uint8Array(new SharedArrayBuffer(2)).fill(5);
      export default () => load({ columns: ["id"] }).map(({ id }) => ({
        kept, shared, part: kept.subarray(1), empty: new Float64Array(), view: new DataView(kept.buffer, 8),
        when: id % 2 ? null : new Date(id), nested: [{ list: [[], [id, null]], bytes: Uint8Array.of(id) }], text: "💧",
      }));`,
    );
    const batches = (await sameForAll(url, { batchSize: 50 })) as Record<string, unknown[]>[];
    expect(batches[0]?.["kept"]).toEqual(Array.from({ length: 50 }, () => new BigInt64Array([1n, -1n])));
    expect(batches[0]?.["part"]?.[49]).toEqual(new BigInt64Array([-1n]));
    expect(batches[2]?.["nested"]?.[0]).toEqual([{ list: [[], [100, null]], bytes: Uint8Array.of(100) }]);
  });

  test("may have batched functions that give more or fewer rows, and a shuffle", async () => {
    const url = await moduleOf(
      hub,
      `const twice = ({ id }) => ({ id: id.flatMap((value) => (value % 3 === 0 ? [] : [value, value])) });
      export default () => load({ columns: ["id"] }).shuffle({ seed: 9, window: 16 }).map(twice, { batched: true, batchSize: 5 });`,
    );
    expect(idsOf(await sameForAll(url, { batchSize: 6, prefetchFactor: 1 }))).toHaveLength(160);
  });

  test("may be given as an absolute path, and is told who asks and for which epoch", async () => {
    const url = await moduleOf(
      hub,
      `export default (context) => load().shuffle({ seed: 1, window: 8 }).map(() => ({ context }));`,
    );
    const contexts = async (workers: number, epoch: number): Promise<unknown[]> => {
      const loader = new DataLoader(url.pathname, { batchSize: 8, workers, prefetchFactor: 1 }).withEpoch(epoch);
      const batches = (await collect(loader)) as unknown as { context: object[] }[];
      return [...new Set(batches.flatMap(({ context }) => context).map((context) => JSON.stringify(context)))].sort();
    };
    expect(await contexts(0, 0)).toEqual(['{"index":0,"count":1,"epoch":0}']);
    expect(await contexts(2, 5)).toEqual(['{"index":0,"count":2,"epoch":5}', '{"index":1,"count":2,"epoch":5}']);
  });

  test("keeps its own epoch unless the loader has one", async () => {
    const url = await moduleOf(hub, `export default () => load().shuffle({ seed: 4, window: 8 }).withEpoch(3);`);
    const third = load().shuffle({ seed: 4, window: 8 });
    expect(idsOf(await sameForAll(url, { batchSize: 5 }))).toEqual(
      idsOf(await collect(new DataLoader(third.withEpoch(3)))),
    );
    const loader = new DataLoader(url, { workers: 2 }).withEpoch(0);
    expect(idsOf(await collect(loader))).toEqual(idsOf(await collect(new DataLoader(third))));
  });
});

describe("batches", () => {
  test("are what `collate` makes of rows, also later", async () => {
    const collate = async (rows: DatasetRow[]): Promise<string> => {
      await Promise.resolve();
      return rows.map(({ id }) => String(id)).join(" ");
    };
    expect(await sameForAll(load().take(5), { batchSize: 2, collate })).toEqual(["0 1", "2 3", "4"]);
    expect(await sameForAll(load().take(3), { batchSize: 2, collate: (rows) => rows.length })).toEqual([2, 1]);
  });

  test("hold one row each without a size, and none that is too small with `dropLast`", async () => {
    expect(await sameForAll(load().take(2).select(["id"]), {})).toEqual([{ id: [0] }, { id: [1] }]);
    expect(idsOf(await sameForAll(load(), { batchSize: 50, dropLast: true }))).toEqual(first(100));
  });

  test("end at their bytes, and a row that is larger goes alone", async () => {
    const options = {
      maxBatchBytes: 10,
      sizeOf: ({ id }: DatasetRow) => ((id as number) % 7 === 6 ? 99 : 4),
      collate: (rows: DatasetRow[]) => rows.map(({ id }) => id),
      prefetchFactor: 1,
    };
    const sizes = [[0, 1], [2, 3], [4, 5], [6], [7, 8], [9, 10], [11, 12], [13], [14, 15], [16]];
    expect(await sameForAll(load().take(17), options)).toEqual(sizes);
    expect(await sameForAll(load().take(17), { ...options, dropLast: true })).toEqual(sizes.slice(0, -1));
    expect(await sameForAll(load().take(5), { ...options, batchSize: 1 })).toEqual([[0], [1], [2], [3], [4]]);
  });

  test("are measured by what rows hold, without `sizeOf`", async () => {
    const dataset = load().take(40).select(["text"]);
    const batches = (await sameForAll(dataset, { maxBatchBytes: 200 })) as { text: string[] }[];
    expect(batches[0]?.text.length).toBeGreaterThan(2);
    expect(batches[0]?.text.length).toBeLessThan(12);
  });
});

test("a loader can be iterated again, also at the same time, and in another epoch", async () => {
  const loader = new DataLoader(load().shuffle({ window: 16 }), { batchSize: 10, workers: 2 });
  const [one, two] = await Promise.all([collect(loader), collect(loader)]);
  expect(two).toEqual(one);
  expect(await collect(loader)).toEqual(one);
  const other = await collect(loader.withEpoch(1));
  expect(idsOf(other)).not.toEqual(idsOf(one));
  expect(other).toEqual(await collect(new DataLoader(load().shuffle({ window: 16 }).withEpoch(1), { batchSize: 10 })));
});

test("counters are those of all threads together", async () => {
  const count = async (workers: number): Promise<Record<string, unknown>> => {
    const batches = new DataLoader(load(), { batchSize: 10, workers, prefetchFactor: 1 })[Symbol.asyncIterator]();
    await collect(batches);
    const { rows, unitsDone, unitsTotal, bytesFetched } = batches.stats;
    return { rows, unitsDone, unitsTotal, hasBytes: bytesFetched > 1000 };
  };
  expect(await count(0)).toEqual({ rows: 120, unitsDone: 60, unitsTotal: 60, hasBytes: true });
  expect(await count(3)).toEqual({ rows: 120, unitsDone: 60, unitsTotal: 60, hasBytes: true });
});

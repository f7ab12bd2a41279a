import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  DataLoader,
  type DataLoaderOptions,
  type DatasetRow,
  type DatasetState,
  interleaveDatasets,
  type IterableDataset,
  loadDataset,
  type LoadDatasetOptions,
  mergeStates,
} from "../../src/index.ts";
import { moduleOf } from "../helpers/dataset-module.ts";
import { hubWithNumbers, type TestHub } from "../helpers/hub-with-numbers.ts";

let hub: TestHub;
beforeAll(async () => {
  hub = await hubWithNumbers({ files: 3, rowsPerFile: 20, rowsPerGroup: 2 });
});
afterAll(async () => await hub[Symbol.asyncDispose]());

const load = (options: LoadDatasetOptions = {}): IterableDataset =>
  loadDataset("org/numbers", { ...hub.options, decodeThreads: 0, ...options });

type Source = IterableDataset | URL;
type Options = DataLoaderOptions<DatasetRow, unknown>;
type Loader = DataLoader<DatasetRow, readonly unknown[]>;

const loaderOf = (source: Source, options: Options = {}): Loader =>
  new DataLoader(source, { prefetchFactor: 1, ...options, collate: (rows) => rows.map(({ id }) => id) });

async function idsOf(batches: AsyncIterable<readonly unknown[]>): Promise<unknown[]> {
  const ids: unknown[] = [];
  for await (const batch of batches) ids.push(...batch);
  return ids;
}

const throughJson = (state: DatasetState): DatasetState => JSON.parse(JSON.stringify(state)) as DatasetState;

interface Stop {
  /** The ids of all batches so far. */
  readonly ids: readonly unknown[];
  readonly state: DatasetState;
}

/** Where a loader stands: before each batch, and after the last. */
async function stopsOf(loader: Loader): Promise<Stop[]> {
  const batches = loader[Symbol.asyncIterator]();
  const stops: Stop[] = [{ ids: [], state: throughJson(loader.state()) }];
  for await (const batch of batches)
    stops.push({ ids: [...(stops.at(-1)?.ids ?? []), ...batch], state: throughJson(loader.state()) });
  expect(loader.state()).toEqual(batches.state());
  return [...stops, { ids: stops.at(-1)?.ids ?? [], state: throughJson(loader.state()) }];
}

/** Resumes a loader's states in other ways than it was run. */
async function checkStops(source: Source, options: Options): Promise<void> {
  const whole = await idsOf(loaderOf(source, { ...options, workers: 0 }));
  const stops = await stopsOf(loaderOf(source, { ...options, workers: 2 }));
  expect(stops.at(-1)?.ids).toEqual(whole);
  const other = loaderOf(source, { batchSize: 3, workers: 0 });
  for (const [index, { ids, state }] of stops.entries())
    expect([...ids, ...(await idsOf(other.resume(state)))], `after ${index} batches`).toEqual(whole);

  const { ids, state } = stops[Math.floor(stops.length / 3)] as Stop;
  const again = await stopsOf(loaderOf(source, { ...options, workers: 1 }).resume(state));
  expect([...ids, ...(again.at(-1)?.ids ?? [])]).toEqual(whole);
  const last = again[Math.floor(again.length / 2)] as Stop;
  const end = await idsOf(loaderOf(source, { batchSize: 2 }).resume(last.state));
  expect([...ids, ...last.ids, ...end]).toEqual(whole);
}

describe("each state gives the rest, with other workers and batches, and again from there", () => {
  test("of rows as they are stored", async () => await checkStops(load(), { batchSize: 7 }));

  test("of rows that are shuffled and filtered", async () =>
    await checkStops(
      load()
        .shuffle({ seed: 2, window: 6 })
        .filter([["half", "<", 25]]),
      { batchSize: 5 },
    ));

  test("of rows that only reading can count", async () =>
    await checkStops(
      load()
        .filter([["id", ">", 6]])
        .skip(2)
        .take(40),
      { batchSize: 4 },
    ));

  test("of a part of rows that only reading can count", async () =>
    await checkStops(
      load()
        .filter([["id", ">", 6]])
        .take(40)
        .shard({ count: 2, index: 1 }),
      { batchSize: 3 },
    ));

  test("of a part of rows that are repeated", async () =>
    await checkStops(load().shuffle({ window: 6 }).repeat(2).shard({ count: 2, index: 1 }), { batchSize: 7 }));

  test("of rows that are batches", async () => await checkStops(load().batch(4) as IterableDataset, { batchSize: 2 }));

  test("of datasets that are interleaved", async () => {
    const filtered = load().filter([["id", ">", 30]]);
    await checkStops(interleaveDatasets([filtered, load().take(12)], { stop: "all_exhausted" }), { batchSize: 6 });
  });

  test("of batches of so many bytes", async () =>
    await checkStops(load(), { maxBatchBytes: 20, sizeOf: ({ id }) => (id as number) % 9 }));

  test("of functions that give more or fewer rows", async () => {
    const url = await moduleOf(
      hub,
      `const some = ({ id }) => ({ id: id.flatMap((value) => Array.from({ length: value % 3 }, () => value)) });
      export default () => load({ columns: ["id"] }).shuffle({ seed: 9, window: 6 }).map(some, { batched: true, batchSize: 4 });`,
    );
    await checkStops(url, { batchSize: 5 });
  });
});

test("before the first batch the state is that of all rows, and after the last that of none", async () => {
  const loader = loaderOf(load().take(6), { batchSize: 4, workers: 2 });
  expect(loader.state()).toMatchObject({ rest: null, epoch: 0, part: [] });
  expect(await idsOf(loader.resume(throughJson(loader.state())))).toEqual([0, 1, 2, 3, 4, 5]);
  await idsOf(loader);
  const end = loader.state();
  expect(await idsOf(loader.resume(end))).toEqual([]);
  expect(await idsOf(loaderOf(load().take(6)).resume(end))).toEqual([]);
});

test("the state of a loader that was resumed, or is of another epoch, says so before anything is read", async () => {
  const url = await moduleOf(hub, `export default () => load().shuffle({ window: 6 });`);
  for (const source of [load().shuffle({ window: 6 }), url]) {
    const loader = loaderOf(source, { batchSize: 10 }).withEpoch(2);
    expect(loader.state()).toMatchObject({ epoch: 2, rest: null });
    const whole = await idsOf(loader);
    expect(await idsOf(loaderOf(source).resume(loaderOf(source).withEpoch(2).state()))).toEqual(whole);
    const [, stop] = (await stopsOf(loader)) as [Stop, Stop];
    const resumed = loaderOf(source, { batchSize: 10, workers: 2 }).resume(stop.state);
    expect(resumed.state()).toEqual(stop.state);
    expect([...stop.ids, ...(await idsOf(resumed.resume(resumed.state())))]).toEqual(whole);
    expect(await idsOf(resumed.withEpoch(2))).toEqual(whole.slice(10));
    expect(await idsOf(resumed.withEpoch(0))).toEqual(await idsOf(loaderOf(source)));
  }
});

test("a loader left early still knows where it stood", async () => {
  const loader = loaderOf(load(), { batchSize: 8, workers: 2 });
  const seen: unknown[] = [];
  for await (const batch of loader) {
    seen.push(...batch);
    if (seen.length === 24) break;
  }
  expect([...seen, ...(await idsOf(loader.resume(loader.state())))]).toEqual(await idsOf(loaderOf(load())));
});

test("the dataset goes on row by row where a loader left, and a loader where the dataset did", async () => {
  const dataset = load().shuffle({ seed: 5, window: 6 });
  const whole = await idsOf(loaderOf(dataset));
  const [, , stop] = (await stopsOf(loaderOf(dataset, { batchSize: 7, workers: 2 }))) as [Stop, Stop, Stop];
  const rows = dataset.resume(stop.state).rows();
  const ids = [(await rows.next()).value?.["id"], (await rows.next()).value?.["id"]];
  const end = await idsOf(loaderOf(dataset, { workers: 2, batchSize: 9 }).resume(rows.state()));
  await rows.return();
  expect([...stop.ids, ...ids, ...end]).toEqual(whole);
});

describe("the states of two ranks", () => {
  /** Stops rank 0 and rank 1 after so many batches, and goes on with three ranks of `workers` each. */
  async function resumeWithThree(
    sourceOf: (worldSize: number, rank: number) => Promise<Source>,
    [ofFirst, ofSecond]: readonly [number, number],
  ): Promise<unknown[]> {
    const states: DatasetState[] = [];
    const ids: unknown[] = [];
    for (const [rank, count] of [ofFirst, ofSecond].entries()) {
      const loader = loaderOf(await sourceOf(2, rank), { batchSize: 4, workers: 2 });
      const batches = loader[Symbol.asyncIterator]();
      for (let batch = 0; batch < count; batch += 1) ids.push(...((await batches.next()).value ?? []));
      states.push(throughJson(batches.state()));
      await batches.return();
    }
    const merged = throughJson(mergeStates(states));
    for (const rank of [0, 1, 2]) {
      const part = loaderOf(await sourceOf(3, rank), { batchSize: 3, workers: rank });
      ids.push(...(await idsOf(part.resume(merged))));
    }
    return ids.sort((a, b) => (a as number) - (b as number));
  }

  const all = Array.from({ length: 60 }, (_, id) => id);

  test("are joined and cut for three", async () => {
    const sourceOf = async (worldSize: number, rank: number): Promise<Source> =>
      load().shuffle({ seed: 1, window: 6 }).splitByNode({ worldSize, rank });
    expect(await resumeWithThree(sourceOf, [2, 5])).toEqual(all);
    expect(await resumeWithThree(sourceOf, [3, 99])).toEqual(all);
  });

  test("are joined where one has not begun", async () => {
    const sourceOf = async (worldSize: number, rank: number): Promise<Source> =>
      load().splitByNode({ worldSize, rank });
    expect(await resumeWithThree(sourceOf, [0, 2])).toEqual(all);
  });

  test("are joined of modules that know their rank", async () => {
    const sourceOf = async (worldSize: number, rank: number): Promise<Source> =>
      await moduleOf(
        hub,
        `export default () => load().map((row) => row).splitByNode({ worldSize: ${worldSize}, rank: ${rank} });`,
      );
    expect(await resumeWithThree(sourceOf, [2, 5])).toEqual(all);
  });
});

test("a state of another dataset or pipeline is refused, also by a module", async () => {
  const url = await moduleOf(hub, `export default () => load().map((row) => row);`);
  const [, { state }] = (await stopsOf(loaderOf(load().take(9), { batchSize: 4 }))) as [Stop, Stop];
  const refused = { code: "STATE_MISMATCH" };
  for (const workers of [0, 2]) {
    await expect(idsOf(loaderOf(load(), { workers }).resume(state))).rejects.toMatchObject(refused);
    await expect(idsOf(loaderOf(url, { workers }).resume(state))).rejects.toMatchObject(refused);
  }
  expect(() => loaderOf(load()).resume({} as DatasetState)).toThrow(expect.objectContaining(refused));
});

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DataLoader, type IterableDataset, loadDataset, mergeStates } from "../../src/index.ts";
import { collect, readSome } from "../helpers/collect.ts";
import { HARD_PIPELINES } from "../helpers/hard-pipelines.ts";
import { writeLayouts } from "../helpers/layouts.ts";
import { build, type Built } from "../helpers/pipelines.ts";
import { writeNumbers } from "../helpers/numbers-dataset.ts";
import { makeFolder, type TemporaryFolder } from "../helpers/temporary-folder.ts";

type Dataset = IterableDataset<object>;

let folder: TemporaryFolder;
let open: (layout: number) => Built["dataset"];

beforeAll(async () => {
  folder = await makeFolder();
  await writeNumbers(`${folder.path}/large`, { files: 4, rowsPerFile: 60, rowsPerGroup: 20, textBytes: 8000 });
  const paths = await writeLayouts(folder);
  open = (layout) =>
    loadDataset(paths[layout] as string, { cacheDir: `${folder.path}/cache`, decodeThreads: 0 }) as Built["dataset"];
});
afterAll(async () => {
  await folder[Symbol.asyncDispose]();
});

const SIMPLE = [
  ["rows as they stand", (): Dataset => open(0)],
  ["mixed rows", (): Dataset => open(0).shuffle({ seed: 3, window: 5 })],
  ["mixed rows that repeat", (): Dataset => open(2).shuffle({ seed: 1 }).repeat(3)],
  ["rows that a filter leaves", (): Dataset => open(0).filter(({ mod }) => mod !== 3)],
  ["batches", (): Dataset => open(2).batch(4)],
] as const;

const all = (): readonly (readonly [string, () => Dataset])[] => [
  ...SIMPLE,
  ...HARD_PIPELINES.map(([name, pipeline]) => [name, () => build(pipeline, open).dataset] as const),
];

/** Every third of the hard ones: all of them take half a minute. */
const NAMES = [
  ...SIMPLE.map(([name]) => name),
  ...HARD_PIPELINES.filter((_, at) => at % 3 === 0).map(([name]) => name),
];
const makerOf = (name: string): (() => Dataset) => all().find(([own]) => own === name)![1];

describe.each(NAMES)("`take`, `skip` and `slice` of a part: %s", (name) => {
  test("are of that part, exactly, for every rank", async () => {
    const dataset = makerOf(name)();
    for (const worldSize of [1, 2, 3]) {
      for (let rank = 0; rank < worldSize; rank += 1) {
        const part = dataset.splitByNode({ worldSize, rank });
        const rows = await collect(part);
        for (const [start, end] of [
          [0, 2],
          [1, 5],
          [3, Infinity],
          [0, 0],
          [2, 1000],
        ] as const) {
          const cut = part.slice(start, end);
          expect(await collect(cut)).toEqual(rows.slice(start, end));
          const count = await cut.numRows();
          if (count !== null) expect(count).toBe(rows.slice(start, end).length);
        }
        expect(await collect(part.skip(2).take(6).skip(1))).toEqual(rows.slice(3, 8));
      }
    }
  });

  test("can be resumed after every row, also by a loader", async () => {
    const part = makerOf(name)().shard({ count: 2, index: 1 }).slice(1, 8);
    const rows = await collect(part);
    for (let read = 0; read <= rows.length; read += 1) {
      const { state } = await readSome(part, read);
      const saved = JSON.parse(JSON.stringify(state)) as typeof state;
      expect(await collect(part.resume(saved))).toEqual(rows.slice(read));
    }
  });
});

describe.each(NAMES)("steps after `resume`: %s", (name) => {
  test("are of the rest, and have states of their own", async () => {
    const dataset = makerOf(name)();
    const rows = await collect(dataset);
    for (const read of [0, 1, 3]) {
      if (read > rows.length) continue;
      const { state } = await readSome(dataset, read);
      const rest = rows.slice(read);
      const resumed = dataset.resume(state);
      const tagged = resumed.map((row) => ({ tag: JSON.stringify(row) }));
      expect(await collect(tagged)).toEqual(rest.map((row) => ({ ...row, tag: JSON.stringify(row) })));
      expect(await collect(resumed.take(3))).toEqual(rest.slice(0, 3));
      expect(await collect(resumed.skip(2))).toEqual(rest.slice(2));
      expect(await collect(resumed.filter((_, index) => index % 2 === 0).take(2))).toHaveLength(
        (await collect(resumed.filter((_, index) => index % 2 === 0))).slice(0, 2).length,
      );
      const pairs = resumed.map((row) => ({ all: JSON.stringify(row) })).batch(2);
      const joined = (await collect(pairs)).flatMap((row) => (row as unknown as { all: string[] }).all);
      expect(joined).toEqual(rest.map((row) => JSON.stringify(row)));
      const again = await readSome(pairs, 1);
      expect((await collect(pairs.resume(again.state))).length).toBe(Math.max(0, Math.ceil(rest.length / 2) - 1));
      const mapped = await readSome(tagged, 1);
      const whole = dataset.map((row) => ({ tag: JSON.stringify(row) }));
      expect(await collect(whole.resume(mapped.state))).toEqual((await collect(tagged)).slice(1));
    }
  });
});

test("what only the machine decides may change between saving and resuming; the order of mixed rows stays", async () => {
  const load = (memoryBudget: number, prefetchDepth: number): Dataset =>
    loadDataset(`${folder.path}/large`, {
      cacheDir: `${folder.path}/cache`,
      memoryBudget,
      prefetchDepth,
      decodeThreads: 0,
    }).shuffle({
      seed: 2,
    });
  const small = load(2 ** 20, 0);
  const rows = await collect(small);
  expect(rows).not.toEqual(await collect(load(1e9, 2)));
  for (const read of [0, 1, 10, 25]) {
    const { state } = await readSome(small, read);
    expect(await collect(load(1e9, 2).resume(state))).toEqual(rows.slice(read));
    const later = await readSome(load(1e9, 2).resume(state), 2);
    expect(await collect(load(5_000_000, 1).resume(later.state))).toEqual(rows.slice(read + 2));
  }
});

test("states of ranks whose rows were mixed for different memory budgets cannot be merged", async () => {
  const load = (memoryBudget: number, rank: number): Dataset =>
    loadDataset(`${folder.path}/large`, { cacheDir: `${folder.path}/cache`, memoryBudget, decodeThreads: 0 })
      .shuffle()
      .splitByNode({ worldSize: 2, rank });
  const states = [(await readSome(load(2 ** 20, 0), 2)).state, (await readSome(load(1e9, 1), 2)).state];
  expect(() => mergeStates(states)).toThrow(/memory budgets/);
});

test("states of what was taken of parts cannot be merged, and say so", async () => {
  const states = await Promise.all(
    [0, 1].map(async (rank) => (await readSome(open(0).splitByNode({ worldSize: 2, rank }).take(5), 2)).state),
  );
  expect(() => mergeStates(states)).toThrow(/`take`, `skip` or `slice` of a part/);
});

test("a state of the whole cannot be resumed by what was taken of a part", async () => {
  const { state } = await readSome(open(0), 3);
  const part = open(0).splitByNode({ worldSize: 2, rank: 0 });
  await expect(collect(part.take(5).resume(state))).rejects.toMatchObject({ code: "STATE_MISMATCH" });
  expect(await collect(part.resume(state).take(5))).toEqual((await collect(part.resume(state))).slice(0, 5));
});

test("what a state left of a part may be dealt to parts again, which can be resumed", async () => {
  for (const part of [
    open(0).shuffle({ seed: 3, window: 5 }).splitByNode({ worldSize: 2, rank: 1, equalize: "pad" }),
    open(2).splitByNode({ worldSize: 2, rank: 0 }).take(9),
  ]) {
    const { state } = await readSome(part, 3);
    const rest = (await collect(part)).slice(3);
    const parts = [0, 1].map((index) => part.resume(state).shard({ count: 2, index }));
    const rows = await Promise.all(parts.map(collect));
    expect(rows.flat()).toHaveLength(rest.length);
    expect(rows.flat()).toEqual(expect.arrayContaining(rest));
    for (const [index, dealt] of parts.entries()) {
      const later = await readSome(dealt, 2);
      expect(await collect(dealt.resume(later.state))).toEqual(rows[index]?.slice(2));
    }
  }
});

test("`shuffle` and `onError` after rows were chosen are an error that says where they belong", async () => {
  const { state } = await readSome(open(0), 3);
  for (const dataset of [open(0).resume(state), open(0).shard({ count: 2, index: 0 }).take(3)]) {
    expect(() => dataset.shuffle()).toThrow(/^shuffle: it cannot follow/);
    expect(() => dataset.onError("skip")).toThrow(/^onError: it cannot follow/);
  }
});

test("what was taken of a part repeats in the order of each epoch", async () => {
  const part = open(0).shuffle({ seed: 4 }).shard({ count: 2, index: 1 });
  const passes = await Promise.all([0, 1, 2].map(async (epoch) => await collect(part.withEpoch(epoch).take(4))));
  expect(await collect(part.take(4).repeat(3))).toEqual(passes.flat());
});

test("a part that is skipped into is not read from its beginning", async () => {
  const explained = await open(4).shard({ count: 2, index: 0 }).skip(3).explain();
  expect(explained.units).toBe(2);
});

test("parts of parts and slices hold every row that they should, in any order of calls", async () => {
  const cut = fc.oneof(
    fc.record({ count: fc.integer({ min: 1, max: 3 }), index: fc.nat(2) }).filter(({ count, index }) => index < count),
    fc.record({ start: fc.nat(6), length: fc.nat(20) }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(cut, { minLength: 1, maxLength: 4 }),
      fc.constantFrom(...SIMPLE),
      async (cuts, [, make]) => {
        let dataset = make();
        let rows = await collect(dataset);
        let isPart = false;
        for (const step of cuts) {
          if ("count" in step) {
            const parts = await Promise.all(
              Array.from(
                { length: step.count },
                async (_, index) => await collect(dataset.shard({ count: step.count, index })),
              ),
            );
            const texts = (list: readonly object[]): string[] => list.map((row) => JSON.stringify(row)).sort();
            expect(texts(parts.flat())).toEqual(texts(rows));
            dataset = dataset.shard(step);
            rows = parts[step.index] as object[];
            isPart = true;
          } else {
            dataset = dataset.slice(step.start, step.start + step.length);
            rows = rows.slice(step.start, step.start + step.length);
          }
          expect(await collect(dataset)).toEqual(rows);
        }
        expect(isPart || cuts.length > 0).toBe(true);
      },
    ),
    { numRuns: 40 },
  );
});

test("a loader gives the batches of what was taken of a part, with any number of threads", async () => {
  const part = loadDataset(`${folder.path}/layout-0`, { cacheDir: `${folder.path}/cache` })
    .shuffle({ seed: 1 })
    .splitByNode({ worldSize: 2, rank: 1 })
    .slice(2, 12);
  const wanted = await collect(part);
  for (const workers of [0, 1, 3]) {
    const batches = await collect(new DataLoader(part, { batchSize: 3, workers, collate: (rows) => rows }));
    expect(batches.flat()).toEqual(wanted);
  }
});

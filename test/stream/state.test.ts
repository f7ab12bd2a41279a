import { appendFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  concatenateDatasets,
  type DatasetState,
  type IterableDataset,
  interleaveDatasets,
  loadDataset,
  mergeStates,
} from "../../src/index.ts";
import { collect, readSome } from "../helpers/collect.ts";
import { type NumberRow, writeNumbers } from "../helpers/numbers-dataset.ts";
import { makeFolder, type TemporaryFolder } from "../helpers/temporary-folder.ts";

type Numbers = IterableDataset<NumberRow>;

let folder: TemporaryFolder;
const load = (name: string, options: object = {}): Numbers =>
  loadDataset<NumberRow>(path.join(folder.path, name), {
    cacheDir: path.join(folder.path, "cache"),
    decodeThreads: 0,
    ...options,
  });

beforeAll(async () => {
  folder = await makeFolder();
  await writeNumbers(path.join(folder.path, "small"), { files: 3, rowsPerFile: 20, rowsPerGroup: 5 });
  await writeNumbers(path.join(folder.path, "small"), { files: 1, rowsPerFile: 20, rowsPerGroup: 5, split: "test" });
  await writeNumbers(path.join(folder.path, "other"), { files: 3, rowsPerFile: 20, rowsPerGroup: 5 });
  await writeNumbers(path.join(folder.path, "large"), { files: 2, rowsPerFile: 10_000, rowsPerGroup: 5 });
});
afterAll(async () => {
  await folder[Symbol.asyncDispose]();
});

/** A dataset, whatever its rows are. */
interface Resumable {
  resume(state: DatasetState): AsyncIterable<unknown> & { numRows(): Promise<number | null> };
}

const small = (options: object = {}): Numbers => load("small", { split: "train", ...options });
const sizeOf = (state: DatasetState): number => JSON.stringify(state).length;

async function stateOf<Row extends object>(dataset: IterableDataset<Row>, rows = 3): Promise<DatasetState> {
  return (await readSome(dataset, rows)).state;
}

/** The states of all ranks, of which each has read so many rows. */
async function statesOf(dataset: Numbers, worldSize: number, rows: (rank: number) => number): Promise<DatasetState[]> {
  const states: DatasetState[] = [];
  for (let rank = 0; rank < worldSize; rank += 1)
    states.push(await stateOf(dataset.splitByNode({ worldSize, rank }), rows(rank)));
  return states;
}

describe("a state stays under 4 KiB", () => {
  test("with 4000 units in a window", async () => {
    const mixed = load("large").shuffle({ window: 20_000 });
    expect(sizeOf(await stateOf(mixed, 1234))).toBeLessThan(1024);
  });

  test("behind forty steps, and filters of many values", async () => {
    let dataset = small();
    for (let step = 0; step < 20; step += 1) {
      dataset = dataset.map(() => ({})).filter([["id", "in", Array.from({ length: 5000 }, (_, id) => id)]]);
    }
    expect(sizeOf(await stateOf(dataset))).toBeLessThan(4096);
    const other = dataset.filter([["id", "not in", [-1]]]);
    await expect(collect(other.resume(await stateOf(dataset)))).rejects.toMatchObject({ code: "STATE_MISMATCH" });
  });

  test("when worlds of 9 and of 4 ranks follow each other", async () => {
    let dataset = load("large").shuffle({ seed: 2, window: 100 });
    for (const worldSize of [9, 4, 9, 4, 9, 4]) {
      const states = await statesOf(dataset, worldSize, (rank) => 10 + 7 * rank);
      const merged = mergeStates(states);
      for (const state of [...states, merged]) expect(sizeOf(state)).toBeLessThan(4096);
      dataset = dataset.resume(merged);
    }
  });

  test("of datasets joined and repeated", async () => {
    const joined = interleaveDatasets([small().filter(() => true), small().shuffle(), small().take(20)], {
      probabilities: [0.5, 0.25, 0.25],
      stop: "all_exhausted",
    });
    expect(sizeOf(await stateOf(joined.batch(3).repeat(5), 30))).toBeLessThan(4096);
  });
});

describe("a state of something else is refused, saying what differs", () => {
  const others: [string, string, () => Promise<DatasetState>, () => Resumable][] = [
    ["dataset", "its dataset is '", () => stateOf(load("other")), small],
    [
      "split",
      "its split is 'test', that of this dataset is 'train'",
      () => stateOf(load("small", { split: "test" })),
      small,
    ],
    ["slice of the split", "train[:50%]", () => stateOf(small({ split: "train[:50%]" })), small],
    [
      "seed",
      "shuffle(seed 1, window 10000",
      () => stateOf(small().shuffle({ seed: 1 })),
      () => small().shuffle({ seed: 2 }),
    ],
    ["window", "window 7", () => stateOf(small().shuffle({ window: 7 })), () => small().shuffle({ window: 8 })],
    ["filter", '"id"', () => stateOf(small({ filters: [["id", ">", 3]] })), () => small({ filters: [["id", ">", 4]] })],
    ["columns", "select(id)", () => stateOf(small({ columns: ["id"] })), small],
    ["pipeline", "slice(0, 40)", () => stateOf(small().take(40)), () => small().take(41)],
    ["batch", "batch(4)", () => stateOf(small().batch(4)), () => small().batch(5)],
    ["number of passes", "repeat(2)", () => stateOf(small().repeat(2)), () => small().repeat(3)],
    ["handler of errors", "onError", () => stateOf(small().onError("skip")), small],
    [
      "joint",
      "concatenate(",
      () => stateOf(concatenateDatasets([small(), small()])),
      () => interleaveDatasets([small(), small()]),
    ],
    [
      "rule of a joint",
      "all_exhausted",
      () => stateOf(interleaveDatasets([small(), small()], { stop: "all_exhausted" })),
      () => interleaveDatasets([small(), small()]),
    ],
    [
      "part",
      "it is of part 0 of 2, this dataset is part 1 of 2",
      () => stateOf(small().shard({ count: 2, index: 0 })),
      () => small().shard({ count: 2, index: 1 }),
    ],
    [
      "number of parts",
      "`mergeStates`",
      () => stateOf(small().shard({ count: 2, index: 0 })),
      () => small().shard({ count: 3, index: 0 }),
    ],
    [
      "part, resumed as the whole",
      "this dataset is the whole",
      () => stateOf(small().shard({ count: 2, index: 0 })),
      small,
    ],
    [
      "list of files",
      "train-00001",
      () => stateOf(load("small", { dataFiles: "data/train-00000*" })),
      () => load("small", { dataFiles: "data/train-00001*" }),
    ],
  ];

  test.each(others)("another %s", async (_, told, save, make) => {
    const state = await save();
    const resumed = make().resume(state);
    await expect(collect(resumed)).rejects.toMatchObject({
      code: "STATE_MISMATCH",
      message: expect.stringContaining(told) as string,
    });
    await expect(resumed.numRows()).rejects.toMatchObject({ code: "STATE_MISMATCH" });
  });

  test("another commit: a file was changed", async () => {
    await writeNumbers(path.join(folder.path, "changing"), { files: 2, rowsPerFile: 10 });
    const state = await stateOf(load("changing"));
    await appendFile(path.join(folder.path, "changing", "README.md"), "new\n");
    await expect(collect(load("changing").resume(state))).rejects.toMatchObject({
      code: "STATE_MISMATCH",
      message: expect.stringContaining("its commit is") as string,
    });
  });

  test("other files of a format", async () => {
    const files = (name: string): Numbers =>
      loadDataset<NumberRow>("parquet", {
        dataFiles: path.join(folder.path, "small", "data", name),
        cacheDir: path.join(folder.path, "cache"),
        decodeThreads: 0,
      });
    const state = await stateOf(files("train-00000*"));
    expect(state.commit).not.toBe("");
    await expect(collect(files("train-00001*").resume(state))).rejects.toMatchObject({ code: "STATE_MISMATCH" });
  });

  test("but a function that was mended is let through", async () => {
    const begun = await readSome(
      small().map(({ id }) => ({ double: id * 2 })),
      4,
    );
    const mended = small().map(({ id }) => ({ double: id * 20 }));
    expect((await collect(mended.resume(begun.state)))[0]).toMatchObject({ id: 4, double: 80 });
  });
});

describe("states that are no parts of one run are not joined", () => {
  const refused = (states: unknown, told: string): void => {
    expect(() => mergeStates(states as DatasetState[])).toThrow(
      expect.objectContaining({ code: "STATE_MISMATCH", message: expect.stringContaining(told) as string }),
    );
  };

  test("a rank is missing, given twice, or of another world", async () => {
    const [first, second, third] = (await statesOf(small(), 3, () => 2)) as [DatasetState, DatasetState, DatasetState];
    refused([first, third], "missing: 1");
    refused([first, second, third, third], "twice");
    refused([first, second, ...(await statesOf(small(), 2, () => 2))], "different numbers of parts");
    const padded = await stateOf(small().splitByNode({ worldSize: 3, rank: 2, equalize: "pad" }));
    refused([first, second, padded], "equalize");
  });

  test("one is of the whole, or all are", async () => {
    const [first, second] = await statesOf(small(), 2, () => 2);
    const whole = await stateOf(small());
    refused([whole, whole], "of the whole");
    refused([first, second, whole], "of the whole");
    expect(mergeStates([whole])).toEqual(whole);
  });

  test("they are of different runs, epochs or pipelines", async () => {
    const [first, second] = (await statesOf(small(), 2, () => 5)) as [DatasetState, DatasetState];
    const merged = mergeStates(await statesOf(small(), 5, (rank) => 3 * rank));
    const [, other] = (await statesOf(small().resume(merged), 2, () => 1)) as [DatasetState, DatasetState];
    refused([first, other], "different runs");
    refused([first, { ...second, epoch: 1 }], "epoch");
    refused([first, (await statesOf(small().shuffle(), 2, () => 1))[1]], "pipeline");
    refused([first, (await statesOf(load("other"), 2, () => 1))[1]], "dataset");
  });

  test("there are none, or they are no states", () => {
    for (const nothing of [[], undefined, {}, [null], [{}], [[]], "state"]) refused(nothing, "state");
  });
});

describe("the epoch", () => {
  const mixed = (): Numbers => small().shuffle({ seed: 1, window: 20 });

  test("of a state is that of the rest", async () => {
    const epoch = await collect(mixed().withEpoch(3));
    const { state } = await readSome(mixed().withEpoch(3), 10);
    expect(await collect(mixed().resume(state))).toEqual(epoch.slice(10));
    expect(await collect(mixed().withEpoch(9).resume(state))).toEqual(epoch.slice(10));
    expect(await collect(mixed().resume(state).withEpoch(3))).toEqual(epoch.slice(10));
  });

  test("that is chosen after `resume` is another one, and whole", async () => {
    const { state } = await readSome(mixed(), 10);
    const next = await collect(mixed().withEpoch(1));
    expect(await collect(mixed().resume(state).withEpoch(1))).toEqual(next);
    expect(next).not.toEqual(await collect(mixed()));
  });
});

test("a state may be asked for before the first row, after the last, and after the loop was left", async () => {
  const rows = small().rows();
  expect(await collect(small().resume(rows.state()))).toHaveLength(60);
  for (let count = 0; count < 7; count += 1) await rows.next();
  await rows.return();
  expect(await collect(small().resume(rows.state()))).toHaveLength(53);
  const { state } = await readSome(small(), Infinity);
  expect(await collect(small().resume(state))).toEqual([]);
  expect(await small().resume(state).numRows()).toBe(0);
});

import { afterAll, beforeAll, expect, test } from "vitest";
import {
  concatenateDatasets,
  type DatasetState,
  type IterableDataset,
  loadDataset,
  mergeStates,
} from "../../src/index.ts";
import { collect, readSome } from "../helpers/collect.ts";
import { type NumberRow, writeNumbers } from "../helpers/numbers-dataset.ts";
import { makeFolder, type TemporaryFolder } from "../helpers/temporary-folder.ts";

type Numbers = IterableDataset<{ readonly id: number }>;

let folder: TemporaryFolder;
/** 48 rows in 8 units. */
let dataset: Numbers;

beforeAll(async () => {
  folder = await makeFolder();
  await writeNumbers(folder.path, { files: 4, rowsPerFile: 12, rowsPerGroup: 6 });
  dataset = loadDataset<NumberRow>(folder.path, { cacheDir: `${folder.path}/cache`, decodeThreads: 0 }).select(["id"]);
});
afterAll(async () => {
  await folder[Symbol.asyncDispose]();
});

const idsOf = (rows: readonly { readonly id: number }[]): number[] => rows.map(({ id }) => id);
const sorted = (numbers: readonly number[]): number[] => [...numbers].sort((a, b) => a - b);

const ranks = (whole: Numbers, worldSize: number): Numbers[] =>
  Array.from({ length: worldSize }, (_, rank) => whole.splitByNode({ worldSize, rank }));

/** Reads so many rows of each part. */
async function advance(
  parts: readonly Numbers[],
  counts: readonly number[],
): Promise<{ ids: number[]; states: DatasetState[] }> {
  const begun = await Promise.all(parts.map(async (part, rank) => await readSome(part, counts[rank] ?? 0)));
  return { ids: begun.flatMap(({ rows }) => idsOf(rows)), states: begun.map(({ state }) => state) };
}

test.each<[string, (turns: Numbers) => Numbers]>([
  ["cut", (turns) => turns],
  ["cut and repeated", (turns) => turns.repeat(2)],
  [
    "mixed, cut and repeated",
    () =>
      dataset
        .shuffle({ window: 9 })
        .filter(({ id }) => id < 30)
        .take(20)
        .repeat(2),
  ],
  ["cut, joined and repeated", (turns) => concatenateDatasets([turns, dataset.skip(40)]).repeat(2)],
])(
  "states of parts that take turns at rows that only reading can count are refused, or joined right: %s",
  async (_, make) => {
    const cut = make(dataset.filter(({ id }) => id % 2 === 0).take(9));
    const all = idsOf(await collect(cut));
    for (const counts of [
      [0, 0],
      [1, 0],
      [0, 40],
      [40, 0],
      [2, 3],
      [4, 40],
      [40, 6],
      [40, 40],
    ]) {
      const { ids, states } = await advance(ranks(cut, 2), counts);
      let merged: DatasetState | undefined;
      try {
        merged = mergeStates(states);
      } catch (error) {
        expect(error).toMatchObject({ code: "STATE_MISMATCH" });
      }
      if (merged !== undefined) {
        const rest = await Promise.all(ranks(cut.resume(merged), 3).map(async (part) => idsOf(await collect(part))));
        expect(sorted([...ids, ...rest.flat()])).toEqual(sorted(all));
      }
      if (["0,0", "40,40"].includes(counts.join())) expect(merged).toBeDefined();
    }
    const resting = await advance(ranks(cut.resume((await readSome(cut, 3)).state), 2), [0, 0]);
    const rest = await collect(cut.resume(mergeStates(resting.states)));
    expect(idsOf(rest)).toEqual(all.slice(3));
  },
);

test("parts take turns from where a state of the whole stands", async () => {
  const turns = dataset
    .filter([["id", ">=", 10]])
    .skip(3)
    .take(20);
  const all = idsOf(await collect(turns));
  const begun = await readSome(turns, 6);
  const [one, other] = await Promise.all(
    ranks(turns.resume(begun.state), 2).map(async (part) => {
      const rest = idsOf(await collect(part));
      const resting = await readSome(part, 0);
      expect(
        idsOf(await collect(turns.splitByNode({ worldSize: 2, rank: indexOf(resting.state) }).resume(resting.state))),
      ).toEqual(rest);
      return rest;
    }),
  );
  expect(sorted([...idsOf(begun.rows), ...(one ?? []), ...(other ?? [])])).toEqual(all);
});

test("parts are the same as record batches", async () => {
  const turns = dataset.filter([["id", ">=", 10]]).take(20);
  for (const one of [turns, dataset.shuffle({ seed: 5, window: 20 }), dataset]) {
    for (const part of ranks(one, 3)) {
      const batches = await collect(part.batches({ batchSize: 4 }));
      const ids = batches.flatMap((batch) => Array.from(batch.getChild("id")?.toArray() as Int32Array));
      expect(ids).toEqual(idsOf(await collect(part)));
    }
  }
});

function indexOf({ part: [cut] }: DatasetState): number {
  return cut !== undefined && "index" in cut ? cut.index : 0;
}

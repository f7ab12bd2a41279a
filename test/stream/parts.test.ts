import fc from "fast-check";
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
const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

const ranks = (whole: Numbers, worldSize: number, equalize: "none" | "drop" | "pad" = "none"): Numbers[] =>
  range(worldSize).map((rank) => whole.splitByNode({ worldSize, rank, equalize }));

/** Reads so many rows of each part. */
async function advance(
  parts: readonly Numbers[],
  counts: readonly number[],
): Promise<{ ids: number[]; states: DatasetState[] }> {
  const begun = await Promise.all(parts.map(async (part, rank) => await readSome(part, counts[rank] ?? 0)));
  return { ids: begun.flatMap(({ rows }) => idsOf(rows)), states: begun.map(({ state }) => state) };
}

describe("parts that are made equal", () => {
  test.each([
    ["rows as they stand", (whole: Numbers): Numbers => whole],
    ["mixed rows", (whole: Numbers): Numbers => whole.shuffle({ seed: 3, window: 10 })],
    ["rows that repeat", (whole: Numbers): Numbers => whole.shuffle().repeat(3)],
    ["datasets joined", (whole: Numbers): Numbers => interleaveDatasets([whole.skip(7), whole.take(30)])],
  ])("give each rank as many rows, of %s", async (_, make) => {
    for (const rows of [48, 47, 5, 1, 0]) {
      const whole = make(dataset.take(rows));
      const all = sorted(idsOf(await collect(whole)));
      for (const worldSize of [2, 5, 7]) {
        const [dropped = [], padded = []] = await Promise.all(
          (["drop", "pad"] as const).map(
            async (equalize) =>
              await Promise.all(ranks(whole, worldSize, equalize).map(async (part) => idsOf(await collect(part)))),
          ),
        );
        expect(new Set(dropped.map((part) => part.length)).size).toBe(1);
        expect(new Set(padded.map((part) => part.length)).size).toBe(1);
        const missing = [...all];
        for (const id of dropped.flat()) missing.splice(missing.indexOf(id), missing.includes(id) ? 1 : 0);
        expect(all.length - missing.length).toBe(dropped.flat().length); // none twice
        const extra = padded.flat();
        for (const id of all) extra.splice(extra.indexOf(id), extra.includes(id) ? 1 : 0);
        expect(extra.length).toBe(padded.flat().length - all.length); // none missing
      }
    }
  });

  test.each([
    [{ dropLast: true }, 10],
    [{ dropLast: false }, 10],
    [{ dropLast: true }, 48],
  ])("give each rank as many batches (%j, of %i rows)", async (options, rows) => {
    const whole = dataset.take(rows).batch(4, options);
    for (const equalize of ["drop", "pad"] as const) {
      const counts = await Promise.all(
        range(3).map(async (rank) => {
          const part = whole.splitByNode({ worldSize: 3, rank, equalize });
          const given = (await collect(part)).length;
          expect(await part.numRows()).toBe(given);
          return given;
        }),
      );
      expect(new Set(counts).size).toBe(1);
    }
  });

  test("are joined without what was given twice", async () => {
    for (const counts of [
      [0, 0, 0, 0, 0],
      [3, 1, 9, 10, 2],
      [10, 10, 10, 10, 10],
      [10, 0, 10, 0, 9],
    ]) {
      const parts = ranks(dataset.shuffle({ seed: 1, window: 20 }), 5, "pad");
      const { ids, states } = await advance(parts, counts);
      const whole = dataset.shuffle({ seed: 1, window: 20 }).resume(mergeStates(states));
      const rest = (await Promise.all(ranks(whole, 3).map(async (part) => idsOf(await collect(part))))).flat();
      expect(new Set([...ids, ...rest])).toEqual(new Set(range(48)));
      expect(ids.length + rest.length).toBeLessThanOrEqual(50);
      expect(new Set(rest).size).toBe(rest.length);
    }
  });

  test("are refused where only reading tells how many rows there are", async () => {
    for (const whole of [
      dataset.filter(() => true),
      dataset.onError("skip"),
      dataset.batch(3).repeat(2) as unknown as Numbers,
    ]) {
      const part = whole.splitByNode({ worldSize: 2, rank: 0, equalize: "drop" });
      await expect(collect(part)).rejects.toMatchObject({ code: "INVALID_OPTION" });
    }
  });
});

describe("ranks in different passes", () => {
  const passes: [string, (whole: Numbers) => Numbers][] = [
    ["repeated rows", (whole) => whole.repeat(3)],
    ["mixed rows repeated", (whole) => whole.shuffle({ seed: 4, window: 12 }).repeat(3)],
    ["what a filter leaves, repeated", (whole) => whole.filter(({ id }) => id % 3 > 0).repeat(3)],
    [
      "what a batched map makes, repeated",
      (whole) => whole.map(({ id }) => ({ id }), { batched: true, batchSize: 5 }).repeat(3),
    ],
    ["datasets joined, repeated", (whole) => concatenateDatasets([whole.take(9), whole.skip(30)]).repeat(3)],
    [
      "datasets that only reading counts, joined and repeated",
      (whole) =>
        interleaveDatasets([whole.take(20).filter(() => true), whole.skip(35)], {
          stop: "all_exhausted_without_replacement",
        }).repeat(3),
    ],
    [
      "repeated and repeated",
      (whole) =>
        whole
          .map(({ id }) => ({ id }), { batched: true, batchSize: 4 })
          .repeat(2)
          .repeat(2),
    ],
  ];

  test.each(passes)("of %s leave each row of each pass once", async (_, make) => {
    const whole = make(dataset);
    const all = sorted(idsOf(await collect(whole)));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(all.length), { minLength: 5, maxLength: 5 }), async (counts) => {
        const first = await advance(ranks(whole, 3), counts);
        const second = await advance(ranks(whole.resume(mergeStates(first.states)), 2), counts.slice(3));
        const last = await Promise.all(
          ranks(whole.resume(mergeStates(second.states)), 4).map(async (part) => idsOf(await collect(part))),
        );
        expect(sorted([...first.ids, ...second.ids, ...last.flat()])).toEqual(all);
      }),
      { numRuns: 8, seed: 2, examples: [[[0, 0, 0, 0, 0]], [[200, 0, 20, 0, 0]], [[200, 200, 200, 200, 200]]] },
    );
  });
});

describe("a change of world", () => {
  const whole = (): Numbers => dataset.shuffle({ seed: 5, window: 20 });

  test("leaves a rank that is resumed as it was in the order that it had", async () => {
    const [part] = ranks(whole(), 3) as [Numbers];
    const all = idsOf(await collect(part));
    const once = await readSome(part, 4);
    const twice = await readSome(part.resume(once.state), 5);
    expect(idsOf(twice.rows)).toEqual(all.slice(4, 9));
    for (const state of [twice.state, (await readSome(part.resume(twice.state), 0)).state])
      expect(idsOf(await collect(part.resume(state)))).toEqual(all.slice(9));
  });

  test("may come right after another, before a row was read", async () => {
    const first = await advance(ranks(whole(), 3), [5, 0, 16]);
    const second = await advance(ranks(whole().resume(mergeStates(first.states)), 4), [0, 0, 0, 0]);
    const third = await advance(ranks(whole().resume(mergeStates(second.states)), 2), [3, 0]);
    const rest = idsOf(await collect(whole().resume(mergeStates(third.states))));
    expect(sorted([...first.ids, ...third.ids, ...rest])).toEqual(range(48));
  });

  test("joins parts of parts, which may be of different numbers", async () => {
    const nodes = [2, 3].map((workers, rank) =>
      range(workers).map((index) => whole().splitByNode({ worldSize: 2, rank }).shard({ count: workers, index })),
    );
    const { ids, states } = await advance(nodes.flat(), [1, 9, 0, 3, 8]);
    const rest = idsOf(await collect(whole().resume(mergeStates([...states].reverse()))));
    expect(sorted([...ids, ...rest])).toEqual(range(48));
  });

  test("may leave ranks without rows", async () => {
    const few = dataset.take(3).shuffle();
    const { ids, states } = await advance(ranks(few, 7), [1, 0, 1, 0, 5, 0, 0]);
    const parts = await Promise.all(
      ranks(few.resume(mergeStates(states)), 5).map(async (part) => idsOf(await collect(part))),
    );
    expect(sorted([...ids, ...parts.flat()])).toEqual([0, 1, 2]);
    expect(parts.filter((part) => part.length === 0).length).toBeGreaterThanOrEqual(4);
  });

  test("reaches a state of the whole that was saved when nothing was counted", async () => {
    const plain = [dataset, dataset.take(20), concatenateDatasets([dataset.take(9), dataset]).take(500)];
    for (const one of plain) {
      const all = idsOf(await collect(one));
      const begun = await readSome(one, 7);
      const parts = ranks(one.resume(begun.state), 3);
      const rest = await Promise.all(parts.map(async (part) => idsOf(await collect(part))));
      expect([...idsOf(begun.rows), ...rest.flat()]).toEqual(all);
      expect(await Promise.all(parts.map(async (part) => await part.numRows()))).toEqual(
        rest.map((part) => part.length),
      );
    }
  });
});

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { randomFrom } from "../../src/cli/demo-dataset.ts";
import { type DatasetState, isHfStreamError, type IterableDataset, loadDataset, mergeStates } from "../../src/index.ts";
import { collect, readSome } from "../helpers/collect.ts";
import { HARD_PIPELINES } from "../helpers/hard-pipelines.ts";
import { writeLayouts } from "../helpers/layouts.ts";
import { joinedRows, type ModelRow } from "../helpers/pipeline-model.ts";
import { build, type Built, chains, joins, type Pipeline } from "../helpers/pipelines.ts";
import { makeFolder, type TemporaryFolder } from "../helpers/temporary-folder.ts";

type Dataset = IterableDataset<ModelRow>;

/** More of them, and others, find more: `FUZZ_RUNS=1000 FUZZ_SEED=2`. */
const RUNS = Number(process.env["FUZZ_RUNS"] ?? 40);
const SEED = Number(process.env["FUZZ_SEED"] ?? 1);

let folder: TemporaryFolder;
let folders: string[];
let datasets: Dataset[];
const open = (index: number, options: object): Dataset =>
  loadDataset<ModelRow>(folders[index] ?? "", { cacheDir: `${folder.path}/cache`, decodeThreads: 0, ...options });

beforeAll(async () => {
  folder = await makeFolder();
  folders = await writeLayouts(folder);
  datasets = folders.map((_, index) => open(index, {}));
});
afterAll(async () => {
  await folder[Symbol.asyncDispose]();
});

const load = (layout: number): Dataset => datasets[layout]!;

/** As text and sorted, to compare what comes in any order. */
const sorted = (rows: readonly ModelRow[]): string[] => rows.map(({ id, mod }) => JSON.stringify([id, mod])).sort();

const shards = (dataset: Dataset, count: number): Dataset[] =>
  Array.from({ length: count }, (_, index) => dataset.shard({ count, index }));

/** The rows with the index that functions get: it must be the same however often a run was interrupted. */
const numbered = (dataset: Dataset): Dataset => dataset.map((_, index) => ({ index }));

/** Rows of parts and of the whole, as far as they are to be the same. */
const comparable = ({ parts }: Built, rows: readonly ModelRow[]): string[] =>
  sorted(parts === "joined rows" ? rows.flatMap(joinedRows) : rows);

type Property = (built: Built, share: () => number) => Promise<void>;

const isLikeArray: Property = async ({ dataset, rows, isSorted }) => {
  const given = await collect(dataset);
  if (rows !== undefined && isSorted) expect(given).toEqual(rows);
  else if (rows !== undefined) expect(sorted(given)).toEqual(sorted(rows));
  expect(await collect(dataset)).toEqual(given);
  const count = await dataset.numRows();
  if (count !== null) expect(count).toBe(given.length);
};

const goesOn: Property = async (built, share) => {
  const dataset = numbered(built.dataset);
  const all = await collect(dataset);
  const given: ModelRow[] = [];
  let rest = dataset;
  for (let time = 0; time < 4; time += 1) {
    const { rows, state } = await readSome(rest, Math.floor(share() * (all.length - given.length + 1)));
    given.push(...rows);
    rest = dataset.resume(state);
    const left = (await built.dataset.numRows()) === null ? null : await rest.numRows();
    if (left !== null) expect(left).toBe(all.length - given.length);
  }
  expect([...given, ...(await collect(rest))]).toEqual(all);
};

const goesOnBehindEachRow: Property = async (built) => {
  const dataset = numbered(built.dataset);
  const all = await collect(dataset);
  if (all.length > 60) return;
  await using iterator = dataset.rows();
  for (let count = 0; count <= all.length; count += 1) {
    const state = JSON.parse(JSON.stringify(iterator.state())) as DatasetState;
    const [rest, next] = [dataset.resume(state), all.slice(count)];
    // What stands far behind is read for some only.
    if (count % 7 === 0) expect(await collect(rest)).toEqual(next);
    else expect((await readSome(rest, 4)).rows).toEqual(next.slice(0, 4));
    await iterator.next();
  }
};

const isCompleteInParts: Property = async (built, share) => {
  const { dataset, parts: kind } = built;
  const all = await collect(dataset);
  const count = 1 + Math.floor(share() * 9);
  const parts: ModelRow[][] = [];
  const counts: (number | null)[] = [];
  for (const own of shards(dataset, count)) {
    const part = numbered(own);
    const rows = await collect(part);
    const begun = await readSome(part, Math.floor(share() * (rows.length + 1)));
    const again = await readSome(part.resume(begun.state), Math.floor(share() * 3));
    const rest = await collect(part.resume(again.state));
    expect([...begun.rows, ...again.rows, ...rest]).toEqual(rows);
    const number = await own.numRows();
    if (number !== null) expect(number).toBe(rows.length);
    counts.push(number);
    parts.push(rows);
  }
  if (kind !== "other") expect(comparable(built, parts.flat())).toEqual(comparable(built, all));
  const lengths = parts.map((rows) => rows.length);
  if (!counts.includes(null)) expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1);
};

const outlivesWorlds: Property = async (built, share) => {
  const { dataset, parts: kind, mayRefuse } = built;
  const all = await collect(dataset);
  const given: ModelRow[] = [];
  let rest = dataset;
  for (const count of [3, 2, 5]) {
    const states: DatasetState[] = [];
    for (const part of shards(rest, count)) {
      const { rows, state } = await readSome(part, Math.floor(share() ** 2 * (1 + all.length / 2)));
      given.push(...rows);
      states.push(state);
    }
    try {
      rest = dataset.resume(mergeStates(states));
    } catch (error) {
      if (mayRefuse && isHfStreamError(error, "STATE_MISMATCH")) return;
      throw error;
    }
  }
  given.push(...(await collect(rest)));
  if (kind !== "other") expect(comparable(built, given)).toEqual(comparable(built, all));
};

async function check(pipelines: fc.Arbitrary<Pipeline>, property: Property, numRuns = RUNS): Promise<void> {
  const shares = fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true }));
  await fc.assert(
    fc.asyncProperty(pipelines, shares, async (pipeline, stream) => {
      await property(build(pipeline, load), () => stream.next().value as number);
    }),
    { numRuns, seed: SEED },
  );
}

describe.each([
  ["a chain of calls", chains],
  ["datasets joined", joins],
])("%s", (_, pipelines) => {
  test("gives what an array gives, in the same order each time, and as many as it says", async () => {
    await check(pipelines, isLikeArray, 2 * RUNS);
  });

  test("gives the same order however many row groups are read ahead, and by however many threads", async () => {
    const other = [
      { prefetchDepth: 0, decodeThreads: 1 },
      { prefetchDepth: 9, decodeThreads: 2 },
    ].map((options) => folders.map((_name, index) => open(index, options)));
    await fc.assert(
      fc.asyncProperty(pipelines, async (pipeline) => {
        const all = await collect(build(pipeline, load).dataset);
        for (const own of other) expect(await collect(build(pipeline, (layout) => own[layout]!).dataset)).toEqual(all);
      }),
      { numRuns: RUNS / 8, seed: SEED },
    );
  });

  test("goes on exactly where a state says, again and again", async () => {
    await check(pipelines, goesOn);
  });

  test("goes on exactly behind each of its rows", async () => {
    await check(pipelines, goesOnBehindEachRow, RUNS / 2);
  });

  test("is complete and disjoint in parts, which differ by one row at most, and each can be resumed", async () => {
    await check(pipelines, isCompleteInParts);
  });

  test("gives each row once when the number of parts changes from 3 to 2 to 5", async () => {
    await check(pipelines, outlivesWorlds);
  });
});

test.each(HARD_PIPELINES)(
  "what is hard to interrupt and to cut goes on exactly and is complete: %s",
  async (_, pipeline) => {
    const random = randomFrom(SEED);
    for (const property of [
      isLikeArray,
      goesOnBehindEachRow,
      goesOn,
      isCompleteInParts,
      outlivesWorlds,
      outlivesWorlds,
    ])
      await property(build(pipeline, load), random);
  },
);

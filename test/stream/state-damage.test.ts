import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  concatenateDatasets,
  type DatasetState,
  type IterableDataset,
  interleaveDatasets,
  isHfStreamError,
  loadDataset,
  mergeStates,
} from "../../src/index.ts";
import { readSome } from "../helpers/collect.ts";
import { writeNumbers } from "../helpers/numbers-dataset.ts";
import { makeFolder, type TemporaryFolder } from "../helpers/temporary-folder.ts";

const RUNS = Number(process.env["FUZZ_RUNS"] ?? 60);
const SEED = Number(process.env["FUZZ_SEED"] ?? 3);

let folder: TemporaryFolder;
/** 40 rows. */
let dataset: IterableDataset;

beforeAll(async () => {
  folder = await makeFolder();
  await writeNumbers(folder.path, { files: 2, rowsPerFile: 20, rowsPerGroup: 5 });
  dataset = loadDataset(folder.path, { cacheDir: `${folder.path}/cache`, decodeThreads: 0, columns: ["id"] });
});
afterAll(async () => {
  await folder[Symbol.asyncDispose]();
});

type Make = () => IterableDataset;

const PIPELINES: readonly [string, Make][] = [
  ["rows as they stand", () => dataset],
  ["mixed rows, a part", () => dataset.shuffle({ window: 10 }).shard({ count: 2, index: 1 })],
  ["repeated rows", () => dataset.shuffle().repeat(3)],
  ["a batched map", () => dataset.map(({ id = [] }) => ({ id }), { batched: true, batchSize: 6 })],
  ["what a filter leaves, cut", () => dataset.filter(({ id }) => Number(id) % 2 === 0).slice(3, 15)],
  ["batches, repeated", () => dataset.batch(3).repeat(3)],
  [
    "a joint that only reading counts",
    () => interleaveDatasets([dataset.filter(() => true), dataset.take(5)], { stop: "all_exhausted" }),
  ],
  [
    "a joint of joints",
    () => concatenateDatasets([interleaveDatasets([dataset, dataset.skip(20)]), dataset.batch(2) as never]),
  ],
];

const refusal = expect.objectContaining({ code: "STATE_MISMATCH" }) as unknown;

/** Puts `value` in the place of one of the values of a JSON value, chosen by `at`; leaves it out if `undefined`. */
function damage(json: unknown, at: number, value: unknown): unknown {
  let left = at;
  const visit = (node: unknown): unknown => {
    left -= 1;
    if (left === -1) return value;
    if (Array.isArray(node)) return node.map(visit);
    if (typeof node !== "object" || node === null) return node;
    return Object.fromEntries(Object.entries(node).map(([name, inner]) => [name, visit(inner)]));
  };
  return visit(json);
}

function sizeOf(json: unknown): number {
  const inner = typeof json === "object" && json !== null ? Object.values(json) : [];
  return (inner as unknown[]).reduce<number>((sum, node) => sum + sizeOf(node), 1);
}

const nonsense = fc.oneof(
  fc.constantFrom<unknown>(
    -1,
    1.5,
    1e9,
    1e300,
    Number.MAX_SAFE_INTEGER,
    null,
    undefined,
    "3",
    "",
    true,
    [],
    {},
    [[]],
    [-1],
  ),
  fc.nat(50),
);

/** What a dataset gives that goes on from a state; `undefined` if that is refused. Never more than so many rows. */
async function resumed(make: Make, state: unknown, most = 300): Promise<unknown[] | undefined> {
  try {
    const { rows } = await readSome(make().resume(state as DatasetState), most);
    expect(rows.length).toBeLessThan(most);
    return rows;
  } catch (error) {
    if (isHfStreamError(error, "STATE_MISMATCH")) return undefined;
    throw error;
  }
}

const isMine = (id: unknown): boolean => (Array.isArray(id) ? id.every(isMine) : Number(id) >= 0 && Number(id) < 40);

test.each(PIPELINES)(
  "a damaged state is refused, or what is left are rows of the dataset and an end: %s",
  async (_, make) => {
    const { state } = await readSome(make(), 7);
    await fc.assert(
      fc.asyncProperty(fc.nat(sizeOf(state) - 1), nonsense, async (at, value) => {
        const rows = await resumed(make, damage(state, at, value));
        expect(rows?.every((row) => isMine((row as { id: unknown }).id)) ?? true).toBe(true);
      }),
      { numRuns: RUNS, seed: SEED },
    );
  },
);

test.each(PIPELINES)("a damaged state is refused by `mergeStates`, or joined: %s", async (_, make) => {
  const parts = [0, 1, 2].map((index) => make().shard({ count: 3, index }));
  const states = await Promise.all(parts.map(async (part, index) => (await readSome(part, 2 + index)).state));
  fc.assert(
    fc.property(fc.nat(sizeOf(states) - 1), nonsense, (at, value) => {
      try {
        mergeStates(damage(states, at, value) as DatasetState[]);
      } catch (error) {
        expect(error).toEqual(refusal);
      }
    }),
    { numRuns: 3 * RUNS, seed: SEED },
  );
});

test.each([
  ["null", null],
  ["nothing", undefined],
  ["a number", 5],
  ["an empty object", {}],
  ["a list", []],
  ["text", "{}"],
])("%s is no state", (_, value) => {
  expect(() => dataset.resume(value as unknown as DatasetState)).toThrow(refusal);
});

test("a state of another version says so", async () => {
  const { state } = await readSome(dataset, 1);
  expect(() => dataset.resume({ ...state, version: 99 } as unknown as DatasetState)).toThrow(/version 99.* reads 1/);
});

test("fields that are missing or of another kind are refused at the call", async () => {
  const { state } = await readSome(dataset.shard({ count: 2, index: 0 }), 3);
  const rest = state.rest as unknown as { readonly pieces: readonly unknown[] };
  for (const changed of [
    { rest: undefined },
    { rest: {} },
    { rest: { ...rest, pieces: undefined } },
    { rest: { ...rest, next: undefined } },
    { rest: { ...rest, course: [40] } },
    { epoch: -1 },
    { part: [{ count: 2, index: 2, equalize: "none" }] },
    { part: [2] },
    { commit: 7 },
  ])
    expect(() => dataset.resume({ ...state, ...changed } as unknown as DatasetState), JSON.stringify(changed)).toThrow(
      refusal,
    );
});

test("pieces that no state can have are refused at the call", async () => {
  const { state } = await readSome(dataset, 3);
  for (const pieces of [
    [[-1, 40, 0, 40]],
    [["0", 40, 0, 40]],
    [[0, 40, 5, 4]],
    [[0, 40, 0, 41]],
    [[20, 10, 0, 5]],
    [[0, 40, 0.5, 40]],
    [[0, 40, 0]],
    [[0, 40, 0, 40, -2]],
    [[0, 40, 0, 40, 0, 2]],
    [
      [0, 20, 0, 20],
      [10, 30, 0, 20],
    ],
    [
      [0, 20, 0, 20],
      [0, 20, 5, 20],
    ],
    [[0, 1e9, 0, 1e9]],
  ]) {
    const changed = { ...state, rest: { pieces, next: null, course: [40, null, 0, 1] } };
    expect(() => dataset.resume(changed as unknown as DatasetState), JSON.stringify(pieces)).toThrow(refusal);
  }
  const larger = { ...state, rest: { pieces: [[0, 90, 0, 90]], next: null, course: [90, null, 0, 1] } };
  await expect(dataset.resume(larger as unknown as DatasetState).numRows()).rejects.toEqual(refusal);
});

import { afterAll, beforeAll, expect, test } from "vitest";
import {
  concatenateDatasets,
  DataLoader,
  interleaveDatasets,
  type IterableDataset,
  loadDataset,
} from "../../src/index.ts";
import { collect, readSome } from "../helpers/collect.ts";
import { type NumberRow, writeNumbers } from "../helpers/numbers-dataset.ts";
import { makeFolder, type TemporaryFolder } from "../helpers/temporary-folder.ts";

type Numbers = IterableDataset<NumberRow>;

let folder: TemporaryFolder;
/** 48 rows in 8 units. */
let dataset: Numbers;

beforeAll(async () => {
  folder = await makeFolder();
  await writeNumbers(folder.path, { files: 4, rowsPerFile: 12, rowsPerGroup: 6 });
  dataset = loadDataset<NumberRow>(folder.path, { cacheDir: `${folder.path}/cache`, decodeThreads: 0 });
});
afterAll(async () => {
  await folder[Symbol.asyncDispose]();
});

const fail = (): never => {
  throw new Error("no row is good");
};

const fruitless: [string, (rows: Numbers) => IterableDataset<object>][] = [
  ["a filter that is pushed down", (rows) => rows.filter([["id", ">", 1000]])],
  ["a filter that statistics know nothing of", (rows) => rows.filter([["text", "==", "row 4711"]])],
  ["a function", (rows) => rows.filter(() => false)],
  ["an asynchronous function", (rows) => rows.filter(async () => await Promise.resolve(false))],
  ["rows that fail", (rows) => rows.map(fail).onError("skip")],
  ["a batched map that gives nothing", (rows) => rows.map(() => ({ id: [], text: [], half: [] }), { batched: true })],
  ["batches that are never full", (rows) => rows.filter(({ id }) => id > 1000).batch(7)],
  ["a slice of nothing", (rows) => rows.filter(() => false).skip(3)],
  ["no place at all", (rows) => rows.take(0)],
];

test.each(fruitless)("repeating rows of which none is left ends: %s", async (_, none) => {
  for (const make of [
    () => none(dataset).repeat(),
    () => none(dataset.repeat()),
    () => none(dataset.shuffle().repeat()),
    () =>
      none(dataset)
        .repeat()
        .filter(() => true),
    () => none(dataset).repeat(1_000_000_000),
  ]) {
    const rows = make().rows();
    expect(await collect(rows)).toEqual([]);
    expect(await collect(make().resume(rows.state()))).toEqual([]);
    expect(await collect(make().shard({ count: 3, index: 1 }))).toEqual([]);
  }
  const joined = [none(dataset), none(dataset)];
  expect(await collect(concatenateDatasets(joined).repeat())).toEqual([]);
  for (const stop of ["first_exhausted", "all_exhausted"] as const)
    expect(await collect(interleaveDatasets(joined, { stop }).repeat())).toEqual([]);
});

test("batches of record batches end as well", async () => {
  expect(
    await collect(
      dataset
        .filter([["id", ">", 1000]])
        .repeat()
        .batches(),
    ),
  ).toEqual([]);
});

test("passes with a row now and then go on, as do counted skips and batches that grow over passes", async () => {
  const one = dataset.filter(({ id }) => id === 40);
  expect(
    (
      await readSome(
        dataset.repeat().filter(({ id }) => id === 40),
        5,
      )
    ).rows,
  ).toHaveLength(5);
  expect((await readSome(one.repeat(), 5)).rows).toHaveLength(5);
  expect(
    (
      await readSome(
        dataset
          .repeat()
          .filter(({ id }) => id === 40)
          .skip(7),
        3,
      )
    ).rows,
  ).toHaveLength(3);
  expect(
    (
      await readSome(
        dataset
          .repeat()
          .filter([["id", "==", 40]])
          .skip(7),
        3,
      )
    ).rows,
  ).toHaveLength(3);
  const batches = await readSome(
    dataset
      .repeat()
      .filter(({ id }) => id === 40)
      .batch(4),
    2,
  );
  expect(batches.rows.map(({ id }) => id)).toEqual([
    [40, 40, 40, 40],
    [40, 40, 40, 40],
  ]);
  let calls = 0;
  const late = dataset
    .take(3)
    .repeat()
    .filter(async () => await Promise.resolve((calls += 1) % 3 === 0));
  expect((await readSome(late, 20)).rows).toHaveLength(20);
});

test("a part resumed within its last fruitful pass still reads the next one", async () => {
  const whole = dataset.repeat().filter(({ id }) => id < 2);
  const { rows, state } = await readSome(whole, 3);
  expect(rows.map(({ id }) => id)).toEqual([0, 1, 0]);
  const { rows: more } = await readSome(whole.resume(state), 4);
  expect(more.map(({ id }) => id)).toEqual([1, 0, 1, 0]);
});

test("ranks that get no row in some passes go on; one that never gets any ends", async () => {
  const two = dataset.take(2).repeat();
  for (const rank of [0, 1, 2, 3]) {
    expect((await readSome(two.splitByNode({ worldSize: 4, rank }), 3)).rows).toHaveLength(3);
    expect(await collect(two.splitByNode({ worldSize: 4, rank, equalize: "drop" }))).toEqual([]);
  }
});

test("the event loop goes on while units are passed over, and an abort ends the wait", async () => {
  const stop = new AbortController();
  const many = loadDataset<NumberRow>(folder.path, {
    cacheDir: `${folder.path}/cache`,
    decodeThreads: 0,
    signal: stop.signal,
  });
  let flips = 0;
  // Each pass gives one row, which a function then drops: it never ends, nor does it ever wait for the disk.
  const endless = many.repeat().map(() => ({ flip: (flips += 1) }));
  const none = endless.filter(({ flip }) => flip < 0);
  setTimeout(() => stop.abort(new Error("enough")), 50);
  const read = collect(concatenateDatasets([none, none]));
  await read.then(
    () => {},
    (error: unknown) => expect(error).toEqual(new Error("enough")),
  );
});

test("threads of a loader end together when a pass gave none of them a row, and go on when it gave one", async () => {
  for (const workers of [1, 2, 5]) {
    const none = dataset.filter([["id", ">", 1000]]).repeat();
    expect(await collect(new DataLoader(none, { workers, batchSize: 4 }))).toEqual([]);
    const rare = dataset.filter([["id", "==", 40]]).repeat();
    const loader = new DataLoader(rare, { workers, batchSize: 2 });
    const seen: unknown[] = [];
    for await (const { id } of loader) if (seen.push(id) === 4) break;
    expect(seen).toEqual([
      [40, 40],
      [40, 40],
      [40, 40],
      [40, 40],
    ]);
    const rest = new DataLoader(rare, { workers: workers + 1, batchSize: 1 }).resume(loader.state());
    for await (const { id } of rest) {
      expect(id).toEqual([40]);
      break;
    }
  }
}, 120_000);

test("rounds that are shorter than a pass end nothing: batches across passes, and rows that were skipped", async () => {
  const isOne = ({ id }: NumberRow): boolean => id === 1;
  const whole = (columns: { readonly id: readonly number[] }): { id: number[] } => ({ id: [...columns.id] });
  const mapped = dataset.select(["id"]).repeat(6).map(whole, { batched: true, batchSize: 5 });
  const last = dataset
    .repeat(5)
    .skip(41)
    .filter(({ id }) => id === 40);
  const skipped = dataset
    .repeat(5)
    .skip(41)
    .filter([["id", "==", 40]]);
  expect(await collect((mapped as Numbers).filter(isOne))).toHaveLength(6);
  expect(await collect(last)).toHaveLength(4);
  expect(await collect(skipped)).toHaveLength(4);
  const parts = [0, 1].map(async (index) => await collect((mapped as Numbers).shard({ count: 2, index })));
  expect((await Promise.all(parts)).flat().filter(isOne)).toHaveLength(6);
});

test("what is left out behind rows that only reading can count ends as well", async () => {
  const sequential = dataset.map((columns) => columns, { batched: true }).repeat();
  expect(await collect(sequential.filter(() => false))).toEqual([]);
  const rows = sequential.filter(({ id }) => id % 48 === 40).rows();
  await rows.next();
  expect((await readSome(sequential.filter(({ id }) => id % 48 === 40).resume(rows.state()), 3)).rows).toHaveLength(3);
  await rows.return?.();
  const joined = interleaveDatasets([sequential.filter(() => false), dataset], { stop: "all_exhausted" });
  expect(await collect(joined)).toHaveLength(48);
});

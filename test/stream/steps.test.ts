import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type IterableDataset, loadDataset } from "../../src/index.ts";
import { hubWithNumbers, type TestHub } from "../helpers/hub-with-numbers.ts";
import type { NumberRow } from "../helpers/numbers-dataset.ts";

let hub: TestHub;
let dataset: IterableDataset<NumberRow>;

beforeAll(async () => {
  hub = await hubWithNumbers({ files: 5, rowsPerFile: 60, rowsPerGroup: 25 });
  dataset = loadDataset<NumberRow>("org/numbers", { ...hub.options, decodeThreads: 0 });
});
afterAll(async () => {
  await hub[Symbol.asyncDispose]();
});

const ALL = Array.from({ length: 300 }, (_, id) => id);

async function collect<Row>(rows: AsyncIterable<Row>): Promise<Row[]> {
  const all: Row[] = [];
  for await (const row of rows) all.push(row);
  return all;
}

async function ids(rows: AsyncIterable<{ readonly id: number }>): Promise<number[]> {
  return (await collect(rows)).map(({ id }) => id);
}

test("take, skip and slice are the same as on an array, in any order, and numRows counts them", async () => {
  const range = fc.oneof(
    fc.record({ kind: fc.constant("take" as const), n: fc.nat(320) }),
    fc.record({ kind: fc.constant("skip" as const), n: fc.nat(320) }),
    fc.record({ kind: fc.constant("slice" as const), n: fc.nat(320), end: fc.nat(320) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(range, { maxLength: 4 }), async (ranges) => {
      let [sliced, expected] = [dataset, ALL];
      for (const step of ranges) {
        if (step.kind === "take") [sliced, expected] = [sliced.take(step.n), expected.slice(0, step.n)];
        else if (step.kind === "skip") [sliced, expected] = [sliced.skip(step.n), expected.slice(step.n)];
        else [sliced, expected] = [sliced.slice(step.n, step.end), expected.slice(step.n, step.end)];
      }
      expect(await ids(sliced)).toEqual(expected);
      expect(await sliced.numRows()).toBe(expected.length);
    }),
    { numRuns: 40 },
  );
});

test("a filter by expression and a range after it are the same as on an array", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(300), fc.nat(300), fc.nat(60), async (low, high, n) => {
      const found = dataset
        .filter([
          ["id", ">=", low],
          ["id", "<", high],
        ])
        .skip(2)
        .take(n);
      expect(await ids(found)).toEqual(ALL.filter((id) => id >= low && id < high).slice(2, 2 + n));
    }),
    { numRuns: 20 },
  );
});

test("slices of splits are exact: percent, rows, from the end, and joined", async () => {
  const slices: [string, number[]][] = [
    ["train[:10%]", ALL.slice(0, 30)],
    ["train[33%:34%]", ALL.slice(99, 102)],
    ["train[100:105]", ALL.slice(100, 105)],
    ["train[-3:]", ALL.slice(-3)],
    ["train[:2]+train[298:]", [0, 1, 298, 299]],
    ["train[290:]+train[:20]", [...ALL.slice(290), ...ALL.slice(0, 20)]],
  ];
  for (const [split, expected] of slices) {
    const sliced = loadDataset<NumberRow>("org/numbers", { ...hub.options, split, decodeThreads: 0 });
    expect(await ids(sliced), split).toEqual(expected);
    expect(await sliced.numRows(), split).toBe(expected.length);
  }
  const tail = loadDataset<NumberRow>("org/numbers", {
    ...hub.options,
    split: "train[290:]+train[:20]",
    decodeThreads: 0,
  });
  expect(await ids(tail.slice(8, 13))).toEqual([298, 299, 0, 1, 2]);
});

test("columns are selected, removed and renamed without touching the others", async () => {
  expect(Object.keys((await collect(dataset.select(["half", "id"]).take(1)))[0] ?? {})).toEqual(["half", "id"]);
  expect(Object.keys((await collect(dataset.remove(["text"]).take(1)))[0] ?? {})).toEqual(["id", "half"]);
  const [renamed] = await collect(dataset.rename({ id: "key", half: "id" }).skip(3).take(1));
  expect(renamed).toEqual({ key: 3, text: "row 3", id: 1.5 });
  const [found] = await collect(
    dataset
      .rename({ id: "key" })
      .filter([["key", "==", 7]])
      .select(["half"]),
  );
  expect(found).toEqual({ half: 3.5 });
});

test("map lays what the function returns over the row, as Python does, and keeps the order of asynchronous calls", async () => {
  const mapped = dataset.take(40).map(
    async ({ id }) => {
      await new Promise((resolve) => setTimeout(resolve, (id * 7) % 11));
      return { double: id * 2 };
    },
    { concurrency: 8, remove: ["half"] },
  );
  const rows = await collect(mapped);
  expect(rows).toHaveLength(40);
  expect(rows[5]).toEqual({ id: 5, text: "row 5", double: 10 });
  expect(rows.map(({ double }) => double)).toEqual(ALL.slice(0, 40).map((id) => id * 2));
});

test("no more than `concurrency` calls run at once", async () => {
  let [running, most] = [0, 0];
  const mapped = dataset.take(50).map(
    async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 1));
      running -= 1;
      return {};
    },
    { concurrency: 4 },
  );
  await collect(mapped);
  expect(most).toBe(4);
});

test("a batched map gets columns and may change how many rows there are", async () => {
  const mapped = dataset.take(10).map(
    (columns) => {
      const { id } = columns as unknown as { id: number[] };
      return { twice: id.flatMap((value) => [value, value]) };
    },
    { batched: true, batchSize: 4, remove: ["id", "text", "half"] },
  );
  expect((await collect(mapped)).map(({ twice }) => twice)).toEqual(ALL.slice(0, 10).flatMap((id) => [id, id]));
  expect(await mapped.numRows()).toBeNull();
});

test("a batched map that returns columns of other lengths says which", async () => {
  const mapped = dataset.take(10).map(() => ({ few: [1, 2] }), { batched: true });
  await expect(collect(mapped)).rejects.toMatchObject({
    code: "INVALID_OPTION",
    message: expect.stringContaining("'few'") as string,
  });
});

test("functions filter rows, asynchronous ones too, and what follows sees only those", async () => {
  const even = dataset.filter(async ({ id }) => await Promise.resolve(id % 2 === 0));
  expect(await ids(even.skip(3).take(4))).toEqual([6, 8, 10, 12]);
  expect(await even.numRows()).toBeNull();
  const named = even
    .rename({ id: "key" })
    .filter([["key", ">", 290]])
    .select(["key"]);
  expect(await collect(named)).toEqual([{ key: 292 }, { key: 294 }, { key: 296 }, { key: 298 }]);
});

test("batch joins rows into array columns; the last one is short or dropped", async () => {
  const batches = await collect(dataset.take(7).select(["id"]).batch(3));
  expect(batches).toEqual([{ id: [0, 1, 2] }, { id: [3, 4, 5] }, { id: [6] }]);
  expect(await collect(dataset.take(7).select(["id"]).batch(3, { dropLast: true }))).toHaveLength(2);
  expect(await dataset.batch(7).numRows()).toBe(43);
});

test("record batches have the asked size but for the last, and hold the same values", async () => {
  for (const batchSize of [1, 7, 64, 1000]) {
    const batches = await collect(dataset.skip(11).take(150).select(["id", "text"]).batches({ batchSize }));
    const sizes = batches.map(({ numRows }) => numRows);
    expect(sizes.slice(0, -1).every((size) => size === batchSize)).toBe(true);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(150);
    expect(batches.flatMap((batch) => [...(batch.getChild("id") ?? [])])).toEqual(ALL.slice(11, 161));
    expect(batches.flatMap((batch) => [...(batch.getChild("text") ?? [])])).toEqual(
      ALL.slice(11, 161).map((id) => `row ${id}`),
    );
  }
});

test("record batches cannot follow functions", () => {
  expect(() => dataset.map(() => ({})).batches()).toThrow(expect.objectContaining({ code: "INVALID_OPTION" }) as Error);
});

test("explain tells what iterating costs, and iterating costs that", async () => {
  const part = dataset.slice(70, 130).select(["id"]);
  const plan = await part.explain();
  expect(plan).toMatchObject({ files: 5, unitsTotal: 15, units: 4, columns: ["id"], rowSteps: [] });
  const rows = part.rows();
  await collect(rows);
  expect(rows.stats.bytesFetched).toBe(plan.bytes);
  expect(String(plan)).toContain("4 of 15 row groups");
});

test("the counters of an iteration grow while it runs", async () => {
  const rows = dataset.rows();
  await rows.next();
  expect(rows.stats).toMatchObject({ rows: 1, skipped: 0 });
  await collect(rows);
  expect(rows.stats).toMatchObject({ rows: 300, unitsDone: 15, unitsTotal: 15 });
  expect(rows.stats.bytesFetched).toBeGreaterThan(1000);
});

test("the units of a part of the line are counted as soon as its last footer was read", async () => {
  const unhurried = loadDataset("org/numbers", { ...hub.options, prefetchDepth: 0 });
  const rows = unhurried.slice(70, 130).rows();
  await rows.next();
  expect(rows.stats.unitsTotal).toBe(undefined);
  await collect(rows);
  expect(rows.stats).toMatchObject({ unitsDone: 4, unitsTotal: 4 });
  const one = dataset.slice(61, 64).rows();
  await one.next();
  expect(one.stats.unitsTotal).toBe(1);
  await one.return();
});

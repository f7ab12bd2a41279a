import { expect, test } from "vitest";
import { loadDataset } from "../../src/index.ts";
import { hubWithNumbers } from "../helpers/hub-with-numbers.ts";

const never = (): Promise<never> => new Promise(() => {});

/** Waits until `fn`, made of what is returned, was called. */
function calledOnce<Result>(fn: () => Result): { readonly called: Promise<void>; readonly fn: () => Result } {
  let resolve = (): void => {};
  const called = new Promise<void>((onCalled) => (resolve = onCalled));
  return {
    called,
    fn: () => {
      resolve();
      return fn();
    },
  };
}

test.each([
  ["map", false],
  ["batched map", true],
  ["filter", undefined],
])("an abort rejects at once though the function of a %s never answers", async (_, batched) => {
  await using hub = await hubWithNumbers({ files: 1 });
  const stop = new AbortController();
  const { called, fn } = calledOnce(never);
  const dataset = loadDataset("org/numbers", { ...hub.options, signal: stop.signal });
  const stepped = batched === undefined ? dataset.filter(fn) : batched ? dataset.map(fn, { batched }) : dataset.map(fn);
  const waiting = stepped.rows().next();
  await called;
  const reason = new Error("enough");
  setTimeout(() => stop.abort(reason), 50);
  const started = performance.now();
  await expect(waiting).rejects.toBe(reason);
  expect(performance.now() - started).toBeLessThan(250);
});

test("leaving does not wait for a function that never answers", async () => {
  await using hub = await hubWithNumbers({ files: 1 });
  const { called, fn } = calledOnce(never);
  const rows = loadDataset("org/numbers", hub.options).map(fn).rows();
  const waiting = rows.next();
  await called;
  const started = performance.now();
  await rows.return();
  expect(performance.now() - started).toBeLessThan(200);
  expect(await waiting).toEqual({ done: true, value: undefined });
});

test.each(["map", "filter"] as const)(
  "what the function of a %s throws comes as it is, after the rows before",
  async (step) => {
    await using hub = await hubWithNumbers({ files: 1 });
    const mine = new TypeError("mine");
    const dataset = loadDataset<{ id: number }>("org/numbers", hub.options);
    const fn = (row: { id: number }): unknown => {
      if (row.id === 30) throw mine;
      return row.id % 2 === 0 ? row : Promise.resolve(row);
    };
    let seen = 0;
    const read = async (): Promise<void> => {
      const stepped = step === "map" ? dataset.map((row) => fn(row) as object) : dataset.filter(fn);
      for await (const row of stepped) if (row !== undefined) seen += 1;
    };
    await expect(read()).rejects.toBe(mine);
    expect(seen).toBe(30);
  },
);

test("a batched function that answers at once is not called ahead of the consumer", async () => {
  await using hub = await hubWithNumbers({ files: 1 });
  let calls = 0;
  const double = (columns: { id: number[] }): { id: number[] } => {
    calls += 1;
    return { id: columns.id.map((id) => id * 2) };
  };
  const rows = loadDataset<{ id: number }>("org/numbers", { ...hub.options, columns: ["id"] })
    .map(double, { batched: true, batchSize: 10 })
    .rows();
  expect(await rows.next()).toEqual({ done: false, value: { id: 0 } });
  expect(calls).toBe(1);
  await rows.return();
});

test("whatever has a `then` is awaited", async () => {
  await using hub = await hubWithNumbers({ files: 1 });
  // oxlint-disable-next-line unicorn/no-thenable -- as query builders are
  const thenable = { then: (resolve: (value: object) => void) => resolve({ seen: true }) };
  const rows = loadDataset("org/numbers", hub.options)
    .map(() => thenable as unknown as Promise<{ seen: boolean }>)
    .rows();
  expect((await rows.next()).value).toMatchObject({ id: 0, seen: true });
  await rows.return();
});

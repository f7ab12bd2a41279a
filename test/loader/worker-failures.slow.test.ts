import { existsSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DataLoader, type DatasetRow, HfStreamError, type IterableDataset, loadDataset } from "../../src/index.ts";
import { moduleOf } from "../helpers/dataset-module.ts";
import { rejection } from "../helpers/hub-fixture.ts";
import { hubWithNumbers, type TestHub } from "../helpers/hub-with-numbers.ts";

let hub: TestHub;
beforeAll(async () => {
  hub = await hubWithNumbers({ files: 3, rowsPerFile: 40, rowsPerGroup: 4 });
});
afterAll(async () => await hub[Symbol.asyncDispose]());

interface Outcome {
  readonly ids: unknown[];
  readonly error: unknown;
}

/** What a loader gives, and what it then rejects with. */
async function outcomeOf(
  source: IterableDataset | URL,
  options: { readonly workers: number; readonly batchSize?: number },
): Promise<Outcome> {
  const collate = (rows: DatasetRow[]): unknown[] => rows.map(({ id }) => id);
  const loader = new DataLoader(source, { batchSize: 10, prefetchFactor: 1, collate, ...options });
  const ids: unknown[] = [];
  try {
    for await (const batch of loader) ids.push(...batch);
    return { ids, error: undefined };
  } catch (error) {
    return { ids, error };
  }
}

const first = (count: number): number[] => Array.from({ length: count }, (_, id) => id);

describe.each([0, 2])("with %d workers", (workers) => {
  test("what a function throws comes as it was, after the batches before it", async () => {
    const url = await moduleOf(
      hub,
      `class QuotaError extends Error { name = "QuotaError"; code = "E_QUOTA"; }
      export default () => load().map(({ id }) => { if (id === 57) throw new QuotaError("no more for " + id); return { id }; });`,
    );
    const { ids, error } = await outcomeOf(url, { workers });
    expect(ids).toEqual(first(50));
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name: "QuotaError", code: "E_QUOTA", message: "no more for 57" });
    expect((error as Error).stack).toContain("dataset-");
  });

  test("what it throws may be no error at all", async () => {
    const url = await moduleOf(
      hub,
      `export default () => load().filter(async ({ id }) => { if (id === 30) throw "enough"; return true; });`,
    );
    expect(await outcomeOf(url, { workers })).toEqual({ ids: first(30), error: "enough" });
  });

  test("errors of the dataset keep their class and code", async () => {
    const missing = loadDataset("org/numbers", { ...hub.options, columns: ["nope"] });
    expect((await outcomeOf(missing, { workers })).error).toBeInstanceOf(HfStreamError);
    expect((await outcomeOf(missing, { workers })).error).toMatchObject({ code: "COLUMN_NOT_FOUND" });
    const other = loadDataset("org/other", hub.options);
    expect((await outcomeOf(other, { workers })).error).toMatchObject({ code: "DATASET_NOT_FOUND" });
  });

  test.each([
    ["has a syntax error", "export default ( => 1", "cannot be loaded: "],
    ["throws", "throw new RangeError('at import')", "cannot be loaded: RangeError: at import"],
    ["throws no error", "throw Object.create(null)", "cannot be loaded: [Object: null prototype] {}"],
    ["exports no function", "export const dataset = load()", "must be a function that makes a dataset, got undefined"],
    ["exports a dataset", "export default load()", "must be a function that makes a dataset, got"],
    ["gives something else", "export default () => [load()]", "must return a dataset of `loadDataset`, got ["],
  ])("a module that %s is refused", async (_, code, text) => {
    const { error } = await outcomeOf(await moduleOf(hub, code), { workers });
    expect(error).toMatchObject({ code: "INVALID_OPTION", message: expect.stringContaining(text) as string });
  });

  test("a module that is not there is refused", async () => {
    const { error } = await outcomeOf(new URL("file:///there/is/none.mjs"), { workers });
    expect(error).toMatchObject({ code: "INVALID_OPTION", message: expect.stringContaining("none.mjs") as string });
  });

  test("what the function of a module throws comes as it was", async () => {
    const url = await moduleOf(
      hub,
      `export default async () => { throw Object.assign(new Error("not now"), { code: 7 }); };`,
    );
    expect((await outcomeOf(url, { workers })).error).toMatchObject({ message: "not now", code: 7 });
  });

  test("what `collate` or `sizeOf` throws comes as it is, and ends the work", async () => {
    const dataset = loadDataset("org/numbers", hub.options);
    const mine = new TypeError("mine");
    const fail = (): never => {
      throw mine;
    };
    const next = async (options: object): Promise<unknown> => {
      const batches = new DataLoader(dataset, { workers: Math.min(1, workers), ...options })[Symbol.asyncIterator]();
      const error = await rejection(batches.next());
      expect(await batches.next()).toEqual({ done: true, value: undefined });
      return error;
    };
    expect(await next({ collate: fail })).toBe(mine);
    expect(await next({ collate: async () => fail() })).toBe(mine);
    expect(await next({ maxBatchBytes: 10, sizeOf: fail })).toBe(mine);
    expect(await next({ maxBatchBytes: 10, sizeOf: () => Number.NaN })).toMatchObject({ code: "INVALID_OPTION" });
  });
});

test("a row that cannot be sent is an error that names its column, after the batches before it", async () => {
  const url = await moduleOf(
    hub,
    `export default () => load().map(({ id }) => (id === 23 ? { tell: () => id } : {}));`,
  );
  const { ids, error } = await outcomeOf(url, { workers: 2 });
  expect(ids).toEqual(first(20));
  expect(error).toMatchObject({
    code: "INVALID_OPTION",
    message: expect.stringContaining("Column `tell` of a row") as string,
  });
  expect((await outcomeOf(url, { workers: 0 })).ids).toEqual(first(120));
});

describe("a module that makes another dataset in each worker is refused, since rows would be lost", () => {
  test.each([
    ["by their index", "load().shard({ count, index })"],
    [
      "by their index, of rows that only reading can count",
      "load().filter(() => true).take(9).shard({ count, index })",
    ],
    ["by the rows that it takes", "load().take(100 + index)"],
    ["by a seed", "load().shuffle({ seed: process.hrtime()[1] })"],
    ["by a split", 'load({ split: ["train", "train+train"][index] })'],
  ])("%s", async (_, dataset) => {
    const url = await moduleOf(hub, `export default ({ count, index }) => ${dataset};`);
    const { error } = await outcomeOf(url, { workers: 2 });
    expect(error).toMatchObject({
      code: "INVALID_OPTION",
      message: expect.stringContaining("made different datasets in different workers") as string,
    });
    expect((await outcomeOf(url, { workers: 0 })).error).toBeUndefined();
  });
});

/** Code of a module that does something at each of some rows, once in the life of all threads. */
const onceAt = (rows: readonly number[], act: string): string =>
  `const once = (id) => {
    const note = import.meta.url.slice(7) + "." + id;
    if (!${JSON.stringify(rows)}.includes(id) || existsSync(note)) return;
    writeFileSync(note, "");
    ${act};
    return new Promise(() => {});
  };`;

describe("a worker that dies is replaced, and no row is lost or comes twice", () => {
  test.each([
    ["ends the process", "process.exit(3)"],
    ["throws where nobody can catch it", "setTimeout(() => { throw new Error('uncaught'); })"],
    ["leaves a rejection alone", "void Promise.reject(new Error('unhandled'))"],
  ])("when a function %s", async (_, act) => {
    const url = await moduleOf(
      hub,
      `${onceAt([17, 60, 61], act)}\nexport default () => load().map(({ id }) => once(id));`,
    );
    expect(await outcomeOf(url, { workers: 2 })).toEqual({ ids: first(120), error: undefined });
  });

  test("when its rows are shuffled, and made by functions of batches", async () => {
    const code = `const some = ({ id }) => {
        for (const value of id) once(value);
        return { id: id.flatMap((value) => Array.from({ length: value % 3 }, () => value)) };
      };
      export default () => load({ columns: ["id"] }).shuffle({ seed: 3, window: 16 }).map(some, { batched: true, batchSize: 3 });`;
    const calm = await moduleOf(hub, `${onceAt([], "")}\n${code}`);
    const dying = await moduleOf(hub, `${onceAt([31, 80, 100], "process.exit()")}\n${code}`);
    expect(await outcomeOf(dying, { workers: 3 })).toEqual(await outcomeOf(calm, { workers: 0 }));
  });

  test("when only reading can count its rows", async () => {
    const code = `export default () => load().filter(({ id }) => (once(id), id % 2 === 0)).skip(4).take(40);`;
    const calm = await moduleOf(hub, `${onceAt([], "")}\n${code}`);
    const dying = await moduleOf(hub, `${onceAt([3, 44, 71], "process.exit()")}\n${code}`);
    const { ids, error } = await outcomeOf(dying, { workers: 2, batchSize: 1 });
    expect({ ids, error }).toEqual(await outcomeOf(calm, { workers: 0, batchSize: 1 }));
    expect(ids).toEqual(
      first(120)
        .filter((id) => id % 2 === 0)
        .slice(4, 44),
    );
  });

  test("and states of what follows are good", async () => {
    const url = await moduleOf(
      hub,
      `${onceAt([33], "process.exit()")}\nexport default () => load().map(({ id }) => once(id));`,
    );
    const collate = (rows: DatasetRow[]): unknown[] => rows.map(({ id }) => id);
    const loader = new DataLoader(url, { batchSize: 10, workers: 2, prefetchFactor: 1, collate });
    const batches = loader[Symbol.asyncIterator]();
    const ids: unknown[] = [];
    for (let batch = 0; batch < 6; batch += 1) ids.push(...((await batches.next()).value ?? []));
    await batches.return();
    for await (const batch of loader.resume(loader.state())) ids.push(...batch);
    expect(ids).toEqual(first(120));
    expect(existsSync(`${url.pathname}.33`)).toBe(true);
  });
});

describe("workers that keep dying", () => {
  test("are replaced three times, then that is the error", async () => {
    const url = await moduleOf(
      hub,
      `appendFileSync(import.meta.url.slice(7) + ".starts", "x");
      export default () => load().map(({ id }) => { if (id === 45) process.exit(9); });`,
    );
    const { ids, error } = await outcomeOf(url, { workers: 1 });
    expect(error).toBeInstanceOf(HfStreamError);
    expect(error).toMatchObject({ code: "WORKER_FAILED", message: expect.stringContaining("exit code 9") as string });
    expect(ids).toEqual(first(ids.length));
    expect(readFileSync(`${url.pathname}.starts`, "utf8")).toBe("xxxx");
  });

  test("before they do anything are no endless loop", async () => {
    const url = await moduleOf(
      hub,
      `setTimeout(() => { throw new TypeError("a timer's"); }); await new Promise(() => setInterval(() => {}, 1000));`,
    );
    const { error } = await outcomeOf(url, { workers: 2 });
    expect(error).toMatchObject({
      code: "WORKER_FAILED",
      message: expect.stringContaining("TypeError: a timer's") as string,
    });
    expect((error as Error).cause).toMatchObject({ message: "a timer's" });
  });
});

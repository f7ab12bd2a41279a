import { expect, test } from "vitest";
import { Agent } from "undici";
import { recipeOf } from "../../src/loader/recipe.ts";
import { DataLoader, type IterableDataset, loadDataset } from "../../src/index.ts";

const dataset: IterableDataset = loadDataset("org/numbers", { cacheDir: "/nowhere", token: false });

/** What a loader says to options. */
function refusal(options: object, source: unknown = dataset): unknown {
  try {
    return new DataLoader(source as IterableDataset, options);
  } catch (error) {
    return error;
  }
}

const invalid = (text: string): object => ({
  code: "INVALID_OPTION",
  message: expect.stringContaining(text) as string,
});

test.each([
  [{ workers: -1 }, "DataLoader(dataset, { workers }): expected a whole number from 0 to 64, got -1"],
  [{ workers: 1.5 }, "got 1.5"],
  [{ workers: "2" }, "got '2'"],
  [{ workers: 65 }, "got 65"],
  [{ batchSize: 0 }, "DataLoader(dataset, { batchSize }): expected a whole number of rows, at least 1, got 0"],
  [{ batchSize: null }, "got null"],
  [{ prefetchFactor: 0 }, "DataLoader(dataset, { prefetchFactor }): expected"],
  [{ maxBatchBytes: 0 }, "DataLoader(dataset, { maxBatchBytes }): expected"],
  [{ maxBatchBytes: Infinity }, "DataLoader(dataset, { maxBatchBytes }): expected"],
  [{ sizeOf: 4, maxBatchBytes: 10 }, "DataLoader(dataset, { sizeOf }): expected a function"],
  [{ sizeOf: () => 4 }, "`sizeOf` is for `maxBatchBytes`, which is missing"],
  [{ collate: "rows" }, "DataLoader(dataset, { collate }): expected a function"],
  [{ dropLast: 1 }, "DataLoader(dataset, { dropLast }): expected a boolean"],
  [{ batchsize: 4 }, "DataLoader(dataset, { batchsize }): there is no option `batchsize`: did you mean batchSize?"],
  [{ numWorkers: 4 }, "DataLoader(dataset, { numWorkers }): there is no option `numWorkers`"],
  [[], "DataLoader(dataset, options): expected an object"],
])("options %o are refused at the call", (options, text) => {
  expect(refusal(options)).toMatchObject(invalid(text));
});

test.each([
  ["org/name", "got 'org/name'"],
  ["./dataset.js", 'A module beside this one is `new URL("./dataset.js", import.meta.url)`'],
  ["", "the absolute path of a module"],
  [null, "DataLoader(dataset): expected a dataset, or the URL of a module that makes one, got null"],
  [[], "DataLoader(dataset): expected"],
  [{ rows: 5 }, "DataLoader(dataset): expected"],
  [() => dataset, "DataLoader(dataset): expected"],
])("%o is no source of rows", (source, text) => {
  expect(refusal({}, source)).toMatchObject(invalid(text));
});

test.each([
  ["map", (rows: IterableDataset) => rows.map((row) => row)],
  ["filter", (rows: IterableDataset) => rows.filter(() => true)],
  ["onError", (rows: IterableDataset) => rows.onError(() => "skip")],
])("a dataset with the function of a `%s` is refused for worker threads, saying what to do", (step, make) => {
  const made = make(dataset).take(5);
  expect(refusal({ workers: 2 }, made)).toMatchObject(invalid(`has one (\`${step}\`). Put it into a module`));
  expect(refusal({ workers: 2 }, made.repeat(2))).toMatchObject(invalid(`(\`${step}\`)`));
  expect(refusal({ workers: 0 }, made)).toBeInstanceOf(DataLoader);
  expect(refusal({}, made)).toBeInstanceOf(DataLoader);
});

test("a dataset with a dispatcher is refused for worker threads", () => {
  const own = loadDataset("org/numbers", { dispatcher: new Agent(), token: false });
  expect(refusal({ workers: 1 }, own)).toMatchObject(invalid("A `dispatcher` cannot be sent to worker threads"));
  expect(refusal({ workers: 0 }, own)).toBeInstanceOf(DataLoader);
});

test("a function that is told of progress stays in this thread, and so does a signal", () => {
  const { signal } = new AbortController();
  const told = loadDataset("org/numbers", { onProgress: () => {}, signal, token: false });
  expect(() => structuredClone(recipeOf(told))).not.toThrow();
});

test("options that are left undefined are as good as left out, and are not looked at again", () => {
  const options: { batchSize: number | undefined; workers: undefined } = { batchSize: undefined, workers: undefined };
  const loader = new DataLoader(dataset, options);
  options.batchSize = -5;
  expect(loader.withEpoch(1)).toBeInstanceOf(DataLoader);
  expect(() => loader.withEpoch(-1)).toThrow(expect.objectContaining(invalid("withEpoch(epoch): expected")));
  expect(() => new DataLoader("/module.mjs").withEpoch(1.5)).toThrow(
    expect.objectContaining(invalid("withEpoch(epoch): expected")),
  );
});

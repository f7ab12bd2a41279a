import { expectTypeOf, test } from "vitest";
import { type DatasetRow, type IterableDataset, loadDataset } from "../../src/index.ts";

interface Row {
  text: string;
  score: number;
}

type RowOf<Dataset> = Dataset extends IterableDataset<infer Of> ? Of : never;

// Datasets are never iterated here, so nothing is read.
const dataset = loadDataset<Row>("org/name", { token: false });

test("rows have the type that was asked for, or columns of unknown", () => {
  expectTypeOf<RowOf<typeof dataset>>().toEqualTypeOf<Row>();
  const untyped = loadDataset("org/name", { token: false });
  expectTypeOf<RowOf<typeof untyped>>().toEqualTypeOf<DatasetRow>();
  expectTypeOf(dataset.rows().next()).resolves.toEqualTypeOf<IteratorResult<Row, undefined>>();
});

test("select and remove take the names of columns only", () => {
  const selected = dataset.select(["text"]);
  expectTypeOf<RowOf<typeof selected>>().toEqualTypeOf<Pick<Row, "text">>();
  const removed = dataset.remove(["text"]);
  expectTypeOf<RowOf<typeof removed>>().toEqualTypeOf<Omit<Row, "text">>();
  expectTypeOf(dataset.select).parameter(0).toEqualTypeOf<readonly ("text" | "score")[]>();
});

test("map adds and replaces columns", () => {
  const mapped = dataset.map(async ({ text }) => ({ score: text, length: text.length }));
  expectTypeOf<RowOf<typeof mapped>["score"]>().toEqualTypeOf<string>();
  expectTypeOf<RowOf<typeof mapped>["length"]>().toEqualTypeOf<number>();
  expectTypeOf<RowOf<typeof mapped>["text"]>().toEqualTypeOf<string>();
});

test("a batched map gets columns, and gives rows of what it returns", () => {
  const mapped = dataset.map(
    ({ text }) => {
      expectTypeOf(text).toEqualTypeOf<string[]>();
      return { length: Int32Array.from(text, ({ length }) => length), score: text };
    },
    { batched: true },
  );
  expectTypeOf<RowOf<typeof mapped>["length"]>().toEqualTypeOf<number>();
  expectTypeOf<RowOf<typeof mapped>["score"]>().toEqualTypeOf<string>();
});

test("batch makes lists of columns, filter keeps the type", () => {
  const batched = dataset.batch(8);
  expectTypeOf<RowOf<typeof batched>>().toEqualTypeOf<{ text: string[]; score: number[] }>();
  const filtered = dataset.filter(({ score }) => score > 1);
  expectTypeOf<RowOf<typeof filtered>>().toEqualTypeOf<Row>();
});

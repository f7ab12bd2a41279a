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

test("rename carries the type, and takes names of columns only", () => {
  const renamed = dataset.rename({ text: "body" });
  expectTypeOf<RowOf<typeof renamed>>().toEqualTypeOf<{ body: string; score: number }>();
  const untyped = loadDataset("org/name", { token: false }).rename({ anything: "other" });
  expectTypeOf<RowOf<typeof untyped>>().toEqualTypeOf<DatasetRow>();
  // @ts-expect-error there is no such column
  dataset.rename({ txt: "body" });
});

test("map gives its function the columns asked for, and leaves out those that are removed", () => {
  const mapped = dataset.map(({ text }) => ({ length: text.length }), { columns: ["text"], remove: ["text"] });
  expectTypeOf<keyof RowOf<typeof mapped>>().toEqualTypeOf<"score" | "length">();
  // @ts-expect-error only `text` is given
  dataset.map(({ score }) => ({ score }), { columns: ["text"] });
  // @ts-expect-error there is no such column
  dataset.map(() => ({}), { remove: ["txt"] });
  const batched = dataset.map(({ text }) => ({ size: text.map(({ length }) => length) }), {
    batched: true,
    columns: ["text"],
    remove: ["text"],
  });
  expectTypeOf<keyof RowOf<typeof batched>>().toEqualTypeOf<"score" | "size">();
});

test("each member of a union keeps its own columns", () => {
  type Event = { kind: "text"; text: string } | { kind: "click"; x: number };
  const events = loadDataset<Event>("org/name", { token: false });
  const mapped = events.map(() => ({ seen: true }));
  type Mapped = RowOf<typeof mapped>;
  expectTypeOf<Extract<Mapped, { kind: "click" }>["x"]>().toEqualTypeOf<number>();
  expectTypeOf<Extract<Mapped, { kind: "text" }>["seen"]>().toEqualTypeOf<boolean>();
  const removed = events.remove(["kind"]);
  expectTypeOf<RowOf<typeof removed>>().toEqualTypeOf<{ text: string } | { x: number }>();
});

test("a filter that is a type guard narrows the rows", () => {
  interface Scored extends Row {
    score: 1;
  }
  const narrowed = dataset.filter((row): row is Scored => row.score === 1);
  expectTypeOf<RowOf<typeof narrowed>>().toEqualTypeOf<Scored>();
});

test("names of columns in `columns`, `select` and filters are checked where the row's type is given", () => {
  const wrongColumn = (): unknown =>
    // @ts-expect-error there is no such column
    loadDataset<Row>("org/name", { columns: ["txt"] });
  const wrongFilter = (): unknown =>
    // @ts-expect-error there is no such column
    loadDataset<Row>("org/name", { filters: [["txt", "==", "a"]] });
  expectTypeOf(wrongColumn).toBeFunction();
  expectTypeOf(wrongFilter).toBeFunction();
  // @ts-expect-error there is no such column
  dataset.filter([["txt", "==", "a"]]);
  // @ts-expect-error there is no such column
  expectTypeOf(() => dataset.select(["txt"])).toBeFunction();
  dataset.filter([[["text", "==", "a"]], [["score", ">", 1]]]);
  loadDataset("org/name", { columns: ["anything"], filters: [["other", "in", [1, 2]]], token: false });
});

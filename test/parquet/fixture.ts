import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** Written by scripts/make-fixtures.py. */
export const fixtureFolder: string = fileURLToPath(new URL("../fixtures", import.meta.url));

/** A row as columns by name. */
export type Row = Record<string, unknown>;

/** What Python reads from a fixture, as rows with `int64: "bigint"` and `temporal: "bigint"` hold it. */
export interface Fixture {
  /** Without extension. */
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
}

const index = JSON.parse(readFileSync(path.join(fixtureFolder, "index.json"), "utf8")) as Record<string, string>;

/** The names of all fixtures. */
export const fixtureNames: readonly string[] = Object.keys(index);

/** Reads what a fixture is to hold. */
export function readFixture(name: string): Fixture {
  const stored = JSON.parse(readFileSync(path.join(fixtureFolder, `${index[name]}.json`), "utf8")) as {
    columns: string[];
    rows: unknown[][];
  };
  const rows = stored.rows.map((values) =>
    Object.fromEntries(values.map((value, at) => [stored.columns[at] as string, decode(value)])),
  );
  return { name, columns: stored.columns, rows };
}

/** Rows of a fixture as they are given: its JSON column, which pyarrow reads as text, is what the text says. */
export function parsedJson(name: string, rows: readonly Row[]): Row[] {
  if (name !== "datasets") return [...rows];
  return rows.map((row) =>
    typeof row["extra"] === "string" ? { ...row, extra: JSON.parse(row["extra"]) as unknown } : row,
  );
}

/** The bytes of a fixture's file. */
export function readFixtureFile(name: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(path.join(fixtureFolder, `${name}.parquet`)));
}

/** `row` with only these columns, in this order. */
export function pick(row: Row, columns: readonly string[]): Row {
  return Object.fromEntries(columns.map((column) => [column, row[column]]));
}

/** Collects all of an iterable. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** A value as scripts/fixture_json.py writes it. */
export function decode(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(decode);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  const [tag, text] = entries[0] as [string, string];
  if (tag === "$int") return BigInt(text);
  if (tag === "$float") return Number(text);
  if (tag === "$bytes") return new Uint8Array(Buffer.from(text, "base64"));
  return Object.fromEntries(entries.map(([name, item]) => [name, decode(item)]));
}

import { columnNotFound } from "../../parquet/predicate/evaluate.ts";
import { type AnyRow, type ColumnStep, renamedTwice } from "./steps.ts";

/** Chooses or renames the columns of one row. Throws `COLUMN_NOT_FOUND` for those that it lacks. */
export function projectRow(row: AnyRow, step: ColumnStep): AnyRow {
  if (step.kind === "select") return pickColumns(row, step.columns);
  checkColumns(row, step.kind === "rename" ? [...step.names.keys()] : step.columns);
  return step.kind === "remove" ? omitColumns(row, step.columns) : renameColumns(row, step.names);
}

/** A row's columns of these names. Throws `COLUMN_NOT_FOUND` for those that it lacks. */
export function pickColumns(row: AnyRow, names: readonly string[]): AnyRow {
  checkColumns(row, names);
  return Object.fromEntries(names.map((name) => [name, row[name]]));
}

export function omitColumns(row: AnyRow, names: readonly string[]): AnyRow {
  return Object.fromEntries(Object.entries(row).filter(([name]) => !names.includes(name)));
}

/** Rows joined into one row of array columns; what a row lacks is null. */
export function columnsOf(rows: readonly AnyRow[]): AnyRow {
  const names = new Set(rows.flatMap((row) => Object.keys(row)));
  return Object.fromEntries([...names].map((name) => [name, rows.map((row) => row[name] ?? null)]));
}

function renameColumns(row: AnyRow, names: ReadonlyMap<string, string>): AnyRow {
  const entries = Object.entries(row).map(([name, value]): [string, unknown] => [names.get(name) ?? name, value]);
  const renamed = Object.fromEntries(entries);
  if (Object.keys(renamed).length === entries.length) return renamed;
  const [twice = ""] = entries.find(([name], index) => entries.findIndex(([other]) => other === name) !== index) ?? [];
  throw renamedTwice(twice);
}

function checkColumns(row: AnyRow, names: readonly string[]): void {
  const missing = names.filter((name) => !Object.hasOwn(row, name));
  if (missing.length === 0) return;
  const columns = Object.keys(row).map((name) => ({ name }));
  throw columnNotFound(missing, columns, "A row");
}

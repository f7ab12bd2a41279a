import type { Schema } from "apache-arrow";
import { columnNotFound } from "../../parquet/predicate/evaluate.ts";
import { type Predicate, predicateColumns } from "../../parquet/predicate/filters.ts";
import { HfStreamError } from "../../errors.ts";
import type { RowColumn } from "../arrow/row-decoder.ts";

/** A row as the steps see it. */
export type AnyRow = Record<string, unknown>;

/** Rows that a batched `map` gets at once, unless it says otherwise. */
export const DEFAULT_MAP_BATCH = 1000;

/** Options of `map`. */
export interface MapOptions<Given extends string = string, Removed extends string = string> {
  /** Whether `fn` gets columns of many rows, as arrays, instead of a row. @default false */
  readonly batched?: boolean | undefined;
  /** Rows that a batched `fn` gets at once. @default 1000 */
  readonly batchSize?: number | undefined;
  /** How many calls of an asynchronous `fn` run at once; the order of rows is kept. @default 16 */
  readonly concurrency?: number | undefined;
  /** The columns that `fn` gets. @default all */
  readonly columns?: readonly Given[] | undefined;
  /** Columns to leave out of the result, unless `fn` gives them anew. */
  readonly remove?: readonly Removed[] | undefined;
}

/** One operation of a dataset. What is data is pushed down to the reads as far as it can be; functions see rows. */
export type Step =
  | { readonly kind: "slice"; readonly start: number; readonly end: number }
  | { readonly kind: "where"; readonly predicate: Predicate }
  | { readonly kind: "select"; readonly columns: readonly string[] }
  | { readonly kind: "remove"; readonly columns: readonly string[] }
  | { readonly kind: "rename"; readonly names: ReadonlyMap<string, string> }
  | { readonly kind: "filter"; readonly test: (row: AnyRow, index: number) => unknown }
  | { readonly kind: "map"; readonly fn: (row: AnyRow, index: number) => unknown; readonly options: MapOptions }
  | { readonly kind: "batch"; readonly size: number; readonly dropLast: boolean }
  | { readonly kind: "shuffle"; readonly seed: number; readonly window: number }
  | { readonly kind: "repeat"; readonly times: number };

export type StepOf<Kind extends Step["kind"]> = Extract<Step, { kind: Kind }>;

/** Steps that are done on Arrow batches: predicates, and slices of what they leave. */
export type DataStep = StepOf<"where"> | StepOf<"slice">;

/** A step that is done row by row, and how it stands to the order. */
export interface PlacedStep {
  readonly step: Step;
  /** Whether its batches stand at fixed places of the order: no step before it hides how many rows there are. */
  readonly isAligned: boolean;
  /** The place of what it has counted among what all steps have. */
  readonly counter: number;
}

/** What is read of files, and how their columns become those of the rows. */
export interface Projection {
  /** The first predicate, in the files' names: rules out row groups and pages. */
  readonly pruning: Predicate | undefined;
  /** Predicates, in the files' names, and slices of what they leave. */
  readonly dataSteps: readonly DataStep[];
  /** The columns of the rows. */
  readonly columns: readonly RowColumn[];
  /** The columns to read; `undefined` is all of them. */
  readonly reads: readonly string[] | undefined;
}

/** Applies steps that are data to a file schema. Throws `COLUMN_NOT_FOUND` for columns that there are not. Pure. */
export function projectSchema(steps: readonly (DataStep | ColumnStep)[], schema: Schema, path: string): Projection {
  let columns: readonly RowColumn[] = schema.fields.map(({ name }) => ({ name, source: name }));
  const dataSteps: DataStep[] = [];
  for (const step of steps) {
    if (step.kind === "slice") dataSteps.push(step);
    else if (step.kind === "where") {
      dataSteps.push({ kind: "where", predicate: inFileNames(step.predicate, columns, path) });
    } else columns = projectColumns(columns, step, path);
  }
  const [first] = dataSteps;
  const needed = new Set(columns.map(({ source }) => source));
  for (const step of dataSteps) {
    if (step.kind === "where") for (const column of predicateColumns(step.predicate)) needed.add(column);
  }
  return {
    pruning: first?.kind === "where" ? first.predicate : undefined,
    dataSteps,
    columns,
    reads: needed.size === schema.fields.length ? undefined : [...needed],
  };
}

/** Steps that choose and name columns. */
export type ColumnStep = StepOf<"select"> | StepOf<"remove"> | StepOf<"rename">;

function projectColumns(columns: readonly RowColumn[], step: ColumnStep, path: string): readonly RowColumn[] {
  const byName = new Map(columns.map((column) => [column.name, column]));
  const names = step.kind === "rename" ? [...step.names.keys()] : step.columns;
  const missing = names.filter((name) => !byName.has(name));
  if (missing.length > 0) throw columnNotFound(missing, columns, path);
  if (step.kind === "select") return step.columns.map((name) => byName.get(name) as RowColumn);
  if (step.kind === "remove") return columns.filter(({ name }) => !step.columns.includes(name));
  const renamed = columns.map((column) => ({ ...column, name: step.names.get(column.name) ?? column.name }));
  const twice = renamed.find(({ name }, index) => renamed.findIndex((other) => other.name === name) !== index);
  if (twice !== undefined) throw renamedTwice(twice.name, path);
  return renamed;
}

/** Says that `rename` would lose a column. */
export function renamedTwice(name: string, path?: string): HfStreamError {
  return new HfStreamError("INVALID_OPTION", `\`rename\` would give two columns the name '${name}'.`, { path });
}

function inFileNames(predicate: Predicate, columns: readonly RowColumn[], path: string): Predicate {
  const sources = new Map(columns.map(({ name, source }) => [name, source]));
  return predicate.map((all) =>
    all.map((comparison) => {
      const source = sources.get(comparison.column);
      if (source === undefined) throw columnNotFound([comparison.column], columns, path);
      return { ...comparison, column: source };
    }),
  );
}

/** Whether a step does the same to a row wherever it stands. */
export function isPerRow(step: Step): boolean {
  switch (step.kind) {
    case "where":
    case "filter":
    case "select":
    case "remove":
    case "rename":
      return true;
    case "map":
      return step.options.batched !== true;
    default:
      return false;
  }
}

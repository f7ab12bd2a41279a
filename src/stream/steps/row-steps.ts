import { inspect } from "node:util";
import { HfStreamError } from "../../errors.ts";
import { type AbortOptions, raceAbort } from "../../async/abort.ts";
import { matchesRow } from "../../parquet/predicate/match-row.ts";
import { columnNotFound } from "../../parquet/predicate/evaluate.ts";
import { type AnyRow, type ColumnStep, type MapOptions, renamedTwice, type Step } from "./steps.ts";

const DEFAULT_CONCURRENCY = 16;
const DEFAULT_MAP_BATCH = 1000;

/** Carries out steps on a stream of rows, in order. An abort ends the wait for what a function of the user promised. */
export function applyRowSteps(
  rows: AsyncIterable<AnyRow>,
  steps: readonly Step[],
  options: AbortOptions = {},
): AsyncIterable<AnyRow> {
  return steps.reduce((before, step) => applyStep(before, step, options), rows);
}

function applyStep(rows: AsyncIterable<AnyRow>, step: Step, options: AbortOptions): AsyncIterable<AnyRow> {
  switch (step.kind) {
    case "slice":
      return sliceRows(rows, step.start, step.end);
    case "where":
      return filterRows(rows, (row) => matchesRow(step.predicate, row), options);
    case "filter":
      return filterRows(rows, step.test, options);
    case "map":
      return step.options.batched === true
        ? mapBatches(rows, step.fn, { ...step.options, ...options })
        : mapRows(rows, step.fn, { ...step.options, ...options });
    case "batch":
      return collect(rows, step.size, { dropLast: step.dropLast });
    default:
      return renameColumns(rows, step);
  }
}

async function* sliceRows(rows: AsyncIterable<AnyRow>, start: number, end: number): AsyncGenerator<AnyRow> {
  let at = 0;
  if (start >= end) return;
  for await (const row of rows) {
    at += 1;
    if (at > start) yield row;
    if (at >= end) return;
  }
}

async function* filterRows(
  rows: AsyncIterable<AnyRow>,
  test: (row: AnyRow, index: number) => unknown,
  { signal }: AbortOptions,
): AsyncGenerator<AnyRow> {
  const judge = (row: AnyRow, index: number): unknown => {
    const verdict = test(row, index);
    return isPromise(verdict) ? Promise.resolve(verdict).then((keep) => ({ row, keep })) : { row, keep: verdict };
  };
  for await (const judged of callAhead(rows, judge, { concurrency: DEFAULT_CONCURRENCY, signal })) {
    const { row, keep } = judged as { row: AnyRow; keep: unknown };
    if (keep) yield row;
  }
}

async function* mapRows(
  rows: AsyncIterable<AnyRow>,
  fn: (row: AnyRow, index: number) => unknown,
  { columns, remove, concurrency = DEFAULT_CONCURRENCY, signal }: MapOptions & AbortOptions,
): AsyncGenerator<AnyRow> {
  const call = (row: AnyRow, index: number): unknown => {
    const result = fn(columns === undefined ? row : pick(row, columns), index);
    if (!isPromise(result)) return merge(row, result, remove);
    return Promise.resolve(result).then((made) => merge(row, made, remove));
  };
  yield* callAhead(rows, call, { concurrency, signal }) as AsyncGenerator<AnyRow>;
}

/**
 * Calls `fn` on each row and yields the results in order. While they come at once nothing runs ahead; promises are
 * awaited in turn with up to `concurrency` under way.
 */
async function* callAhead<T>(
  rows: AsyncIterable<T>,
  fn: (row: T, index: number) => unknown,
  { concurrency, signal }: AbortOptions & { readonly concurrency: number },
): AsyncGenerator {
  const running: Promise<unknown>[] = [];
  let index = 0;
  for await (const row of rows) {
    let result: unknown;
    try {
      result = fn(row, index);
    } catch (error) {
      if (running.length === 0) throw error;
      result = Promise.reject(error); // in its turn: the rows before it come first
    }
    index += 1;
    if (running.length === 0 && !isPromise(result)) {
      yield result;
      continue;
    }
    const settled = Promise.resolve(result);
    settled.catch(() => {}); // awaited below, in its turn
    running.push(settled);
    if (running.length >= concurrency) yield await raceAbort(running.shift() as Promise<unknown>, { signal });
  }
  while (running.length > 0) yield await raceAbort(running.shift() as Promise<unknown>, { signal });
}

/** Python's `map`: what `fn` returns is laid over the row; nothing returned leaves it as it is. */
function merge(row: AnyRow, made: unknown, remove: readonly string[] | undefined): AnyRow {
  if (made !== undefined && made !== null && (typeof made !== "object" || Array.isArray(made)))
    throw new HfStreamError(
      "INVALID_OPTION",
      `The function of \`map\` must return an object of columns, got ${inspect(made)}.`,
    );
  const kept = remove === undefined ? row : omit(row, remove);
  return { ...kept, ...(made as AnyRow | null | undefined) };
}

async function* mapBatches(
  rows: AsyncIterable<AnyRow>,
  fn: (row: AnyRow, index: number) => unknown,
  { batchSize = DEFAULT_MAP_BATCH, ...options }: MapOptions & AbortOptions,
): AsyncGenerator<AnyRow> {
  const call = (batch: AnyRow, index: number): unknown => fn(batch, index * batchSize);
  for await (const made of mapRows(collect(rows, batchSize, { dropLast: false }), call, options)) {
    yield* rowsOfColumns(made);
  }
}

function* rowsOfColumns(columns: AnyRow): Generator<AnyRow> {
  const entries = Object.entries(columns);
  const [first] = entries;
  for (const [name, values] of entries) {
    const length = (values as { length?: unknown } | null)?.length;
    const wanted = (first?.[1] as { length?: unknown } | null)?.length;
    if (typeof length === "number" && length === wanted) continue;
    throw new HfStreamError(
      "INVALID_OPTION",
      `A batched \`map\` must give columns of one length: '${first?.[0]}' has ${String(wanted)} values, '${name}' ${String(length)}. ` +
        "Columns that it does not return must be named in `remove`.",
    );
  }
  const count = (first?.[1] as { length: number } | undefined)?.length ?? 0;
  for (let row = 0; row < count; row += 1) {
    yield Object.fromEntries(entries.map(([name, values]) => [name, (values as ArrayLike<unknown>)[row]]));
  }
}

/** Rows joined into one row of array columns, `size` at a time. */
async function* collect(
  rows: AsyncIterable<AnyRow>,
  size: number,
  { dropLast }: { readonly dropLast: boolean },
): AsyncGenerator<AnyRow> {
  let batch: AnyRow[] = [];
  for await (const row of rows) {
    batch.push(row);
    if (batch.length < size) continue;
    yield columnsOf(batch);
    batch = [];
  }
  if (batch.length > 0 && !dropLast) yield columnsOf(batch);
}

function columnsOf(rows: readonly AnyRow[]): AnyRow {
  const names = new Set(rows.flatMap((row) => Object.keys(row)));
  return Object.fromEntries([...names].map((name) => [name, rows.map((row) => row[name] ?? null)]));
}

async function* renameColumns(rows: AsyncIterable<AnyRow>, step: ColumnStep): AsyncGenerator<AnyRow> {
  for await (const row of rows) {
    if (step.kind === "select") {
      yield pick(row, step.columns);
      continue;
    }
    checkColumns(row, step.kind === "rename" ? [...step.names.keys()] : step.columns);
    yield step.kind === "remove" ? omit(row, step.columns) : rename(row, step.names);
  }
}

function rename(row: AnyRow, names: ReadonlyMap<string, string>): AnyRow {
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

/** A row's columns of these names. Throws `COLUMN_NOT_FOUND` for those that it lacks. */
function pick(row: AnyRow, names: readonly string[]): AnyRow {
  checkColumns(row, names);
  return Object.fromEntries(names.map((name) => [name, row[name]]));
}

function omit(row: AnyRow, names: readonly string[]): AnyRow {
  return Object.fromEntries(Object.entries(row).filter(([name]) => !names.includes(name)));
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return (
    value instanceof Promise ||
    (typeof value === "object" && value !== null && "then" in value && typeof value.then === "function")
  );
}

import { inspect } from "node:util";
import { HfStreamError } from "../../errors.ts";
import type { AbortOptions } from "../../async/abort.ts";
import { matchesRow } from "../../parquet/predicate/match-row.ts";
import { type Item, type Mark, ROUND_END_ITEMS } from "../block.ts";
import { collectItems, rowsOfColumns } from "./batching.ts";
import { callAhead, isPromise } from "./call-ahead.ts";
import { omitColumns, pickColumns, projectRow } from "./columns.ts";
import type { Watchdog } from "../watchdog.ts";
import type { ErrorGuard } from "./row-errors.ts";
import { type AnyRow, DEFAULT_MAP_BATCH, type MapOptions, type PlacedStep } from "./steps.ts";

const DEFAULT_CONCURRENCY = 16;

/** A row under way. */
export type RowItem = Item<AnyRow>;

export interface RowStepOptions extends AbortOptions {
  /** Where the rows begin, and what each counting step had counted there. */
  readonly start: Mark;
  readonly errors: ErrorGuard;
  readonly watchdog: Watchdog;
}

/** Rows in order, some at a time. */
export type Items = AsyncIterable<readonly RowItem[]>;

/** Carries out steps on a stream of rows, in order. */
export function applyRowSteps(rows: Items, steps: readonly PlacedStep[], options: RowStepOptions): Items {
  return steps.reduce((before, step) => applyStep(before, step, options), rows);
}

function applyStep(items: Items, placed: PlacedStep, options: RowStepOptions): Items {
  const { step } = placed;
  switch (step.kind) {
    case "slice":
      return sliceItems(items, step, placed.counter, options);
    case "where":
      return filterItems(items, (row) => matchesRow(step.predicate, row), options);
    case "filter":
      return filterItems(items, step.test, options);
    case "map":
      if (step.options.batched !== true) return mapItems(items, step.fn, step.options, options);
      return mapBatches(
        items,
        step.options,
        { fn: step.fn, isAligned: placed.isAligned, counter: placed.counter },
        options,
      );
    case "batch":
      return collectItems(items, step.size, {
        start: options.start,
        isAligned: placed.isAligned,
        dropLast: step.dropLast,
        ...(placed.isAligned ? { perPlace: step.size } : {}),
      });
    case "select":
    case "remove":
    case "rename":
      return callAhead(items, (item) => ({ ...item, row: projectRow(item.row, step) }), { ...options, concurrency: 1 });
    default:
      throw new TypeError(`${step.kind} is no step on rows`);
  }
}

/** Rows `[start, end)` of what is left, counted across interruptions. */
async function* sliceItems(
  items: Items,
  { start, end }: { readonly start: number; readonly end: number },
  counter: number,
  options: RowStepOptions,
): AsyncGenerator<readonly RowItem[]> {
  let at = options.start.counts[counter] ?? 0;
  let ofRound = at;
  if (Math.max(start, at) >= end) return;
  for await (const chunk of items) {
    if (chunk === ROUND_END_ITEMS) {
      if (at === ofRound || at > start) yield ROUND_END_ITEMS; // else its rows were skipped, and others will come
      ofRound = at;
      continue;
    }
    const before = at;
    at += chunk.length;
    const first = Math.max(0, start - before);
    const kept = chunk.slice(first, Math.max(first, end - before));
    if (kept.length > 0)
      yield kept.map((item, index) => ({ ...item, after: counted(item.after, before + first + index + 1, counter) }));
    if (at >= end) return;
  }
}

function filterItems(
  items: Items,
  test: (row: AnyRow, index: number) => unknown,
  { signal, errors, watchdog }: RowStepOptions,
): AsyncGenerator<readonly RowItem[]> {
  const judge = (item: RowItem): RowItem | undefined | Promise<RowItem | undefined> =>
    errors.call(item, () => {
      const verdict = test(item.row, item.place);
      if (!isPromise(verdict)) return verdict ? item : undefined;
      return Promise.resolve(verdict).then((keep) => (keep ? item : undefined));
    });
  return callAhead(items, judge, { concurrency: DEFAULT_CONCURRENCY, signal, watchdog });
}

function mapItems<T extends RowItem>(
  items: AsyncIterable<readonly T[]>,
  fn: (row: AnyRow, index: number) => unknown,
  { columns, remove, concurrency = DEFAULT_CONCURRENCY }: MapOptions,
  { signal, errors, watchdog }: RowStepOptions,
): AsyncGenerator<readonly T[]> {
  const call = (item: T): T | undefined | Promise<T | undefined> =>
    errors.call(item, () => {
      const { row } = item;
      const made = fn(columns === undefined ? row : pickColumns(row, columns), item.place);
      if (!isPromise(made)) return { ...item, row: merge(row, made, remove) };
      return Promise.resolve(made).then((result) => ({ ...item, row: merge(row, result, remove) }));
    });
  return callAhead(items, call, { concurrency, signal, watchdog });
}

/** Python's `map`: what `fn` returns is laid over the row; nothing returned leaves it as it is. */
function merge(row: AnyRow, made: unknown, remove: readonly string[] | undefined): AnyRow {
  if (made !== undefined && made !== null && (typeof made !== "object" || Array.isArray(made)))
    throw new HfStreamError(
      "INVALID_OPTION",
      `The function of \`map\` must return an object of columns, got ${inspect(made)}.`,
    );
  const kept = remove === undefined ? row : omitColumns(row, remove);
  return { ...kept, ...(made as AnyRow | null | undefined) };
}

/**
 * Maps batches of rows to rows. After the last row that came of a batch the rest begins behind the batch; after another
 * one it begins before it, with as many rows to leave out as were given.
 */
async function* mapBatches(
  items: Items,
  { batchSize = DEFAULT_MAP_BATCH, ...mapping }: MapOptions,
  { fn, isAligned, counter }: { fn: (row: AnyRow, index: number) => unknown; isAligned: boolean; counter: number },
  options: RowStepOptions,
): AsyncGenerator<readonly RowItem[]> {
  const { start } = options;
  const batches = collectItems(items, batchSize, { start, isAligned, dropLast: false });
  let given = isAligned ? 0 : (start.counts[counter] ?? 0);
  for await (const chunk of mapItems(batches, fn, mapping, options)) {
    if (chunk === ROUND_END_ITEMS) yield ROUND_END_ITEMS;
    for (const { row, before, ...batch } of chunk) {
      const rows = [...rowsOfColumns(row)];
      const skip = isAligned && "piece" in before.rest ? before.rest.skip : given;
      given = 0;
      const expanded = rows.map((made, index) => {
        const isLast = index === rows.length - 1;
        const [at, passed] = isLast ? [batch.after, 0] : [before, index + 1];
        return { ...batch, row: made, after: isAligned ? inPiece(at, passed) : counted(at, passed, counter) };
      });
      if (expanded.length > skip) yield expanded.slice(skip);
    }
  }
}

/** Notes how many of the rows that were made of a batch are given. */
function inPiece({ rest, counts }: Mark, skip: number): Mark {
  return { rest: "piece" in rest ? { ...rest, skip } : rest, counts };
}

/** Notes what a step has counted, after what the steps before it have: so many do count. */
function counted({ rest, counts }: Mark, count: number, counter: number): Mark {
  return { rest, counts: [...counts.slice(0, counter), count] };
}

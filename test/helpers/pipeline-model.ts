import type { StopRule } from "../../src/index.ts";

/** Numbers, or what `batch` made of them. */
type Value = number | readonly Value[];

/** A row of {@link layoutRows}, or several joined. */
export interface ModelRow {
  readonly id: Value;
  readonly mod: Value;
}

/** A `map` that does to each row of a batch what it does to a row. */
export function plusOne({ mod }: ModelRow): { mod: Value } {
  const add = (value: Value): Value => (typeof value === "number" ? value + 1 : value.map(add));
  return { mod: add(mod) };
}

/** A `filter` by the first id that a row holds. */
export function testRow({ id }: ModelRow, by: number): boolean {
  return firstOf(id) % 7 !== by;
}

/** A batched `map` that gives some rows twice and some not at all. */
export function multiplyRows({ id, mod }: { readonly id: readonly Value[]; readonly mod: readonly Value[] }): {
  id: Value[];
  mod: Value[];
} {
  const copies = id.flatMap((value, index) => Array.from({ length: firstOf(value) % 3 }, () => index));
  return { id: copies.map((index) => id[index] as Value), mod: copies.map((index) => mod[index] as Value) };
}

function firstOf(value: Value): number {
  return typeof value === "number" ? value : firstOf(value[0] as Value);
}

/** The rows that were joined, one by one. */
export function joinedRows({ id, mod }: ModelRow): ModelRow[] {
  if (typeof id === "number") return [{ id, mod }];
  return id.flatMap((value, index) => joinedRows({ id: value, mod: (mod as readonly Value[])[index] as Value }));
}

export function batchRows(rows: readonly ModelRow[], size: number, dropLast: boolean): ModelRow[] {
  const batches: ModelRow[] = [];
  for (let first = 0; first < rows.length; first += size) {
    const batch = rows.slice(first, first + size);
    if (batch.length === size || !dropLast)
      batches.push({ id: batch.map(({ id }) => id), mod: batch.map(({ mod }) => mod) });
  }
  return batches;
}

/** Lists interleaved in turn, as Python's documentation of `interleave_datasets` says. */
export function interleaveRows<Row>(lists: readonly (readonly Row[])[], stop: StopRule): Row[] {
  if (stop === "first_exhausted" && lists.some((list) => list.length === 0)) return [];
  const left = lists.map((list) => [...list]);
  const isExhausted = lists.map((list) => list.length === 0);
  const rows: Row[] = [];
  for (let turn = 0; !isExhausted.every(Boolean); turn = (turn + 1) % lists.length) {
    if (left[turn]?.length === 0) {
      if (stop !== "all_exhausted" || lists[turn]?.length === 0) continue;
      left[turn] = [...(lists[turn] ?? [])];
    }
    rows.push(left[turn]?.shift() as Row);
    if (left[turn]?.length === 0) isExhausted[turn] = true;
    if (stop === "first_exhausted" && isExhausted[turn]) break;
  }
  return rows;
}

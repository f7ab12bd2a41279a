import { type Comparable, compare } from "./domain.ts";
import { comparisonTest } from "./evaluate.ts";
import type { Comparison, Predicate } from "./filters.ts";

/** Tests a row object, as rows are once functions have made them: by the rules that hold for columns. */
export function matchesRow(predicate: Predicate, row: Readonly<Record<string, unknown>>): boolean {
  return predicate.some((all) => all.every((comparison) => holds(comparison, row[comparison.column])));
}

function holds({ operator, values }: Comparison, cell: unknown): boolean {
  const value = toComparable(cell);
  if (operator === "in" || operator === "not in") {
    const isMember = values.some((literal) => isSame(value, toComparable(literal)));
    return isMember === (operator === "in");
  }
  const literal = toComparable(values[0]);
  if (value === undefined || literal === undefined) return false;
  return comparisonTest(operator)(compare(value, literal));
}

function isSame(a: Comparable | undefined, b: Comparable | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return compare(a, b) === 0 || (Number.isNaN(a) && Number.isNaN(b));
}

function toComparable(value: unknown): Comparable | undefined {
  if (typeof value === "string") return Buffer.from(value, "utf8");
  if (value instanceof Date) return value.getTime();
  if (typeof value === "boolean") return Number(value);
  if (typeof value === "number" || typeof value === "bigint" || value instanceof Uint8Array) return value;
  return undefined;
}

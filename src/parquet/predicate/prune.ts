import { compare } from "./domain.ts";
import type { BoundComparison, BoundPredicate } from "./evaluate.ts";

/** What is known of a run of values: a column chunk or a page. */
export interface ValueBounds {
  readonly min: Uint8Array | undefined;
  readonly max: Uint8Array | undefined;
  /** How many are null; `undefined` where nobody counted. */
  readonly nullCount: number | undefined;
  /** How many there are in all, nulls included. */
  readonly count: number;
}

/**
 * Whether rows may match, asking `mayMatch` for each comparison: some alternative must have no comparison that is ruled
 * out.
 */
export function anyAlternative(predicate: BoundPredicate, mayMatch: (comparison: BoundComparison) => boolean): boolean {
  return predicate.some((all) => all.every(mayMatch));
}

/** Whether a value within `bounds` may satisfy the comparison. Bounds may be wider than the values, never narrower. */
export function boundsMayMatch(comparison: BoundComparison, bounds: ValueBounds): boolean {
  const { operator, literals, domain } = comparison;
  const { nullCount, count } = bounds;
  const mayBeNull = nullCount !== 0;
  if (operator === "in" && mayBeNull && literals.includes(undefined)) return true;
  if (nullCount === count && nullCount > 0) return operator === "not in" && !literals.includes(undefined);
  const min = bounds.min === undefined ? undefined : domain.stored(bounds.min);
  const max = bounds.max === undefined ? undefined : domain.stored(bounds.max);
  if (min === undefined || max === undefined) return true;
  const isOne = compare(min, max) === 0 && !domain.hasNaN;
  const values = literals.filter((literal) => literal !== undefined);
  const [first] = values;
  switch (operator) {
    case "==":
    case "in":
      return values.some((value) => !(compare(value, min) < 0) && !(compare(value, max) > 0));
    case "!=":
      return first !== undefined && !(isOne && compare(min, first) === 0);
    case "not in":
      return mayBeNull || !(isOne && values.some((value) => compare(min, value) === 0));
    case "<":
      return first !== undefined && !(compare(min, first) >= 0);
    case "<=":
      return first !== undefined && !(compare(min, first) > 0);
    case ">":
      return first !== undefined && !(compare(max, first) <= 0);
    case ">=":
      return first !== undefined && !(compare(max, first) < 0);
  }
}

import { inspect } from "node:util";
import { HfStreamError } from "../../errors.ts";
import { argument, say } from "../../message.ts";

/** What a column can be compared with. A `Date` is for dates and timestamps, a decimal may be a string. */
export type FilterValue = string | number | bigint | boolean | Date | Uint8Array | null;

/** The ways to compare. */
export type FilterOperator = "=" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "not in";

/** One comparison of a column: `['score', '>=', 0.5]`, `['lang', 'in', ['en', 'fr']]`. */
export type Filter<Row extends object = Record<string, unknown>> = readonly [
  column: keyof Row & string,
  operator: FilterOperator,
  value: FilterValue | readonly FilterValue[],
];

/** Comparisons that all must hold, or a list of such lists, of which one must: as pyarrow takes them. */
export type Filters<Row extends object = Record<string, unknown>> =
  | readonly Filter<Row>[]
  | readonly (readonly Filter<Row>[])[];

/** A comparison in its one form: `==` and the literals as a list. */
export interface Comparison {
  readonly column: string;
  readonly operator: Exclude<FilterOperator, "=">;
  readonly values: readonly FilterValue[];
}

/** Alternatives, each of comparisons that all must hold. */
export type Predicate = readonly (readonly Comparison[])[];

const OPERATORS: ReadonlySet<unknown> = new Set(["=", "==", "!=", "<", "<=", ">", ">=", "in", "not in"]);

const FORM = "[column, operator, value]";

/** Checks filters and brings them to one form; `undefined` where there is nothing to check. Throws `INVALID_OPTION`. */
export function parseFilters(filters: unknown): Predicate | undefined {
  if (!Array.isArray(filters)) throw invalid(`a list of ${FORM}`, filters);
  if (filters.length === 0) return undefined;
  const isFlat = filters.every((item) => Array.isArray(item) && typeof item[0] === "string");
  const alternatives: readonly unknown[] = isFlat ? [filters] : filters;
  return alternatives.map((all) => {
    if (!Array.isArray(all) || all.length === 0) throw invalid(`lists of ${FORM}`, all);
    return all.map(parseComparison);
  });
}

/** The columns that a predicate looks at. */
export function predicateColumns(predicate: Predicate | undefined): string[] {
  return [...new Set((predicate ?? []).flat().map(({ column }) => column))];
}

/** The same without what it asks of some columns, so that more may match; `undefined` where nothing is left to ask. */
export function withoutColumns(
  predicate: Predicate | undefined,
  columns: { has(column: string): boolean },
): Predicate | undefined {
  const left = predicate?.map((all) => all.filter(({ column }) => !columns.has(column)));
  return left?.every((all) => all.length > 0) === true ? left : undefined;
}

function parseComparison(filter: unknown): Comparison {
  if (!Array.isArray(filter) || filter.length !== 3) throw invalid(FORM, filter);
  const [column, operator, value] = filter as [unknown, unknown, unknown];
  if (typeof column !== "string") throw invalid(`a column's name first in ${FORM}`, column);
  if (!OPERATORS.has(operator)) throw invalid(`one of the operators ${[...OPERATORS].join(", ")}`, operator);
  const isSet = operator === "in" || operator === "not in";
  const values: unknown = isSet && value instanceof Set ? [...value] : value;
  if (isSet && !Array.isArray(values)) throw invalid(`a list after '${operator}'`, value);
  const list: readonly unknown[] = isSet ? (values as readonly unknown[]) : [value];
  if (!list.every(isFilterValue))
    throw invalid("a value that is a string, number, bigint, boolean, Date, bytes or null", value);
  return { column, operator: operator === "=" ? "==" : (operator as Comparison["operator"]), values: list };
}

function isFilterValue(value: unknown): value is FilterValue {
  if (value instanceof Date) return !Number.isNaN(value.getTime());
  return (
    value === null || value instanceof Uint8Array || ["string", "number", "bigint", "boolean"].includes(typeof value)
  );
}

function invalid(expected: string, value: unknown): HfStreamError {
  return new HfStreamError(
    "INVALID_OPTION",
    say`${argument("filters", "filters")}: expected ${expected}, got ${inspect(value, { depth: 3 })}.`,
  );
}

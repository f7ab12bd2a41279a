import type { RecordBatch, Schema } from "apache-arrow";
import { HfStreamError } from "../../errors.ts";
import { didYouMean, findNearNames } from "../../fs/near-names.ts";
import { type Comparable, compare, type Domain, domainOf } from "./domain.ts";
import type { Comparison, Predicate } from "./filters.ts";

/** A comparison whose column is known: its literals in the column's form, null as `undefined`. */
export interface BoundComparison extends Comparison {
  readonly domain: Domain;
  readonly literals: readonly (Comparable | undefined)[];
}

/** A predicate bound to the columns of a schema. */
export type BoundPredicate = readonly (readonly BoundComparison[])[];

/** Binds a predicate to a schema; a column that it lacks is null. Throws `INVALID_OPTION` where types cannot be compared. */
export function bindPredicate(predicate: Predicate, schema: Schema): BoundPredicate {
  return predicate.map((all) =>
    all.map((comparison) => {
      const field = schema.fields.find(({ name }) => name === comparison.column);
      const domain = domainOf(comparison.column, field);
      return { ...comparison, domain, literals: literalsOf(comparison, domain) };
    }),
  );
}

function literalsOf({ operator, values }: Comparison, domain: Domain): (Comparable | undefined)[] {
  const literals = values.map((value) => domain.literal(value));
  const { member } = domain;
  if (member === undefined || (operator !== "in" && operator !== "not in")) return literals;
  return literals.map((literal) => (literal === undefined ? undefined : member(literal)));
}

/** Says which columns there are instead. */
export function columnNotFound(
  columns: readonly string[],
  known: readonly { readonly name: string }[],
  path: string,
): HfStreamError {
  const names = known.map(({ name }) => name);
  const near = didYouMean(columns.flatMap((column) => findNearNames(column, names).slice(0, 1)));
  return new HfStreamError(
    "COLUMN_NOT_FOUND",
    `${path} has no column ${columns.map((name) => `'${name}'`).join(", ")}${near} Its columns are: ${names.join(", ")}.`,
    { path },
  );
}

/** Makes the test of a batch's rows. A comparison with null is not true, but `in` finds nulls and `not in` keeps them. */
export function compilePredicate(predicate: BoundPredicate, batch: RecordBatch): (row: number) => boolean {
  const alternatives = predicate.map((all) => all.map((comparison) => compileComparison(comparison, batch)));
  return (row) => alternatives.some((all) => all.every((test) => test(row)));
}

function compileComparison(bound: BoundComparison, batch: RecordBatch): (row: number) => boolean {
  const index = batch.schema.fields.findIndex(({ name }) => name === bound.column);
  const data = batch.data.children[index];
  // A column that this file lacks is null in all its rows.
  const read = data === undefined ? () => undefined : bound.domain.reader(data);
  if (bound.operator === "in" || bound.operator === "not in") {
    const wanted = bound.operator === "in";
    const isMember = membership(bound.literals);
    return (row) => isMember(read(row)) === wanted;
  }
  const [literal] = bound.literals;
  if (literal === undefined) return () => false;
  const test = comparisonTest(bound.operator);
  return (row) => {
    const value = read(row);
    return value !== undefined && test(compare(value, literal));
  };
}

/** What the order of value and literal must be. NaN orders with nothing, and so differs from all. */
export function comparisonTest(operator: "==" | "!=" | "<" | "<=" | ">" | ">="): (order: number) => boolean {
  switch (operator) {
    case "==":
      return (order) => order === 0;
    case "!=":
      return (order) => order !== 0;
    case "<":
      return (order) => order < 0;
    case "<=":
      return (order) => order <= 0;
    case ">":
      return (order) => order > 0;
    case ">=":
      return (order) => order >= 0;
  }
}

function membership(literals: readonly (Comparable | undefined)[]): (value: Comparable | undefined) => boolean {
  const keys = new Set(literals.map(keyOf));
  return (value) => keys.has(keyOf(value));
}

/** Equal values have equal keys: a bigint that a number can hold becomes one. NaN is found; the zeros differ, as in pyarrow. */
function keyOf(value: Comparable | undefined): number | bigint | string | undefined {
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.length).toString("latin1");
  if (typeof value !== "bigint") return Object.is(value, -0) ? "-0" : value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

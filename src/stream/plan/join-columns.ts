import type { DataType } from "apache-arrow";
import { HfStreamError } from "../../errors.ts";
import { sameKind } from "../arrow/schema-check.ts";
import type { AnyRow } from "../steps/steps.ts";

/** A column of rows, and what it holds. */
export interface JoinedColumn {
  readonly name: string;
  readonly type: DataType;
}

/**
 * Joins the columns of datasets by name, in the order in which they first appear. Throws `SCHEMA_MISMATCH` for a column
 * that is of different kinds. Where functions make the columns they are not known, and are not checked.
 */
export function joinColumns(inputs: readonly (readonly JoinedColumn[] | undefined)[]): readonly JoinedColumn[] {
  const joined = new Map<string, JoinedColumn & { readonly input: number }>();
  for (const [input, columns] of inputs.entries()) {
    for (const { name, type } of columns ?? []) {
      const known = joined.get(name);
      if (known === undefined) joined.set(name, { name, type, input });
      else if (!sameKind(known.type, type)) {
        throw new HfStreamError(
          "SCHEMA_MISMATCH",
          `Datasets that are joined must agree on their columns: '${name}' is ${String(known.type)} in dataset ${known.input} ` +
            `and ${String(type)} in dataset ${input} (counted from 0). Leave it out with \`remove\`, or convert it with \`map\`.`,
        );
      }
    }
  }
  return [...joined.values()];
}

/** Makes rows that have all the columns: those that a row lacks are null. */
export function rowJoiner(
  joined: readonly JoinedColumn[],
  own: readonly JoinedColumn[] | undefined,
): (row: AnyRow) => AnyRow {
  const names = joined.map(({ name }) => name);
  if (own?.length === names.length && own.every(({ name }, index) => name === names[index])) return (row) => row;
  return (row) => {
    const whole = Object.fromEntries(names.map((name) => [name, Object.hasOwn(row, name) ? row[name] : null]));
    return own === undefined ? { ...whole, ...row } : whole;
  };
}

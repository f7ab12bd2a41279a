import { DataType } from "apache-arrow";
import { HfStreamError } from "../../errors.ts";
import type { ColumnForm } from "../arrow/cast/column-form.ts";
import { sameKind } from "../arrow/same-kind.ts";
import type { AnyRow } from "../steps/steps.ts";
import type { Reading, Source } from "./source.ts";

/** A column of rows, and the form in which it is given. */
export interface JoinedColumn {
  readonly name: string;
  readonly form: ColumnForm;
}

/** What of datasets that are joined is asked for here. */
type Input = Pick<Source, "columns" | "give">;

/** Makes a row of one of several datasets a row of all. */
export type RowJoiner = (row: AnyRow) => AnyRow;

/** The columns of datasets that are joined; `undefined` where a function makes some of them. */
export async function joinedColumns(
  inputs: readonly Input[],
  reading: Reading,
): Promise<readonly JoinedColumn[] | undefined> {
  const columns = await columnsOf(inputs, reading);
  const joined = joinColumns(columns);
  return columns.includes(undefined) ? undefined : joined;
}

/** Has all datasets that are joined give their columns in one form, and tells how their rows become alike. */
export async function joinRows(inputs: readonly Input[], reading: Reading): Promise<readonly RowJoiner[]> {
  const columns = await columnsOf(inputs, reading);
  const joined = joinColumns(columns);
  await giveColumns(inputs, joined, reading);
  return columns.map((own) => rowJoiner(joined, own));
}

/** Has each of several datasets give columns in these forms. */
export async function giveColumns(
  inputs: readonly Input[],
  columns: readonly JoinedColumn[],
  reading: Reading,
): Promise<void> {
  await Promise.all(inputs.map(async (input) => await input.give(columns, reading)));
}

async function columnsOf(
  inputs: readonly Input[],
  reading: Reading,
): Promise<readonly (readonly JoinedColumn[] | undefined)[]> {
  return await Promise.all(inputs.map(async (input) => await input.columns(reading)));
}

/**
 * Joins the columns of datasets by name, in the order in which they first appear and in the form that they have there.
 * Throws `SCHEMA_MISMATCH` for a column that is of different kinds. Where functions make the columns they are not known,
 * and are not checked.
 */
function joinColumns(inputs: readonly (readonly JoinedColumn[] | undefined)[]): readonly JoinedColumn[] {
  const joined = new Map<string, JoinedColumn & { readonly input: number }>();
  for (const [input, columns] of inputs.entries()) {
    for (const { name, form } of columns ?? []) {
      const known = joined.get(name);
      if (known === undefined || DataType.isNull(known.form.type)) joined.set(name, { name, form, input });
      else if (!sameKind(known.form.type, form.type)) {
        throw new HfStreamError(
          "SCHEMA_MISMATCH",
          `Datasets that are joined must agree on their columns: '${name}' is ${String(known.form.type)} in dataset ${known.input} ` +
            `and ${String(form.type)} in dataset ${input} (counted from 0). Leave it out with \`remove\`, or convert it with \`map\`.`,
        );
      }
    }
  }
  return [...joined.values()];
}

/** Makes rows that have all the columns: those that a row lacks are null. */
function rowJoiner(joined: readonly JoinedColumn[], own: readonly JoinedColumn[] | undefined): RowJoiner {
  const names = joined.map(({ name }) => name);
  if (own?.length === names.length && own.every(({ name }, index) => name === names[index])) return (row) => row;
  return (row) => {
    const whole = Object.fromEntries(names.map((name) => [name, Object.hasOwn(row, name) ? row[name] : null]));
    return own === undefined ? { ...whole, ...row } : whole;
  };
}

import { type Data, Field, RecordBatch, Schema, Struct, makeData } from "apache-arrow";
import { inspect } from "node:util";
import { HfStreamError } from "../../../errors.ts";
import type { OpenFile } from "../../../formats/types.ts";
import type { Features } from "../../../resolve/features/features.ts";
import { type CastFailure, type ColumnCast, columnCast, isSameType } from "./column-cast.ts";
import { type ColumnForm, declaredForm, formOf } from "./column-form.ts";

/** What the columns of all files are given as: the declared features, or else what the first file has. */
export interface Contract {
  readonly schema: Schema;
  readonly forms: ReadonlyMap<string, ColumnForm>;
  readonly isDeclared: boolean;
}

/** Makes the contract of a dataset. */
export function contractOf(declared: Features | undefined, first: OpenFile): Contract {
  const own = declared === undefined ? first.features() : undefined;
  const forms =
    declared === undefined
      ? first.schema.fields.map(({ name, type }) => [name, formOf(type, own?.[name])] as const)
      : Object.entries(declared).map(([name, feature]) => [name, declaredForm(feature)] as const);
  return contractOfForms(new Map(forms), declared !== undefined);
}

/** The same contract with some columns in another form. */
export function withForms(contract: Contract, forms: ReadonlyMap<string, ColumnForm>): Contract {
  return contractOfForms(new Map([...contract.forms, ...forms]), contract.isDeclared);
}

function contractOfForms(forms: ReadonlyMap<string, ColumnForm>, isDeclared: boolean): Contract {
  const fields = [...forms].map(([name, { type }]) => new Field(name, type, true));
  return { schema: new Schema(fields), forms, isDeclared };
}

/** What makes a file's batches those of a contract. */
export interface FileCast {
  /** The columns that are not of the contract's type. */
  readonly casts: ReadonlyMap<string, ColumnCast>;
  /** Throws `SCHEMA_MISMATCH`, naming file, column and both types, for a value that cannot be cast exactly. */
  cast(batch: RecordBatch): RecordBatch;
}

/** Casts the batches of files to a contract, of the columns that are read. */
export class FileCasts {
  readonly #contract: Contract;
  readonly #columns: ReadonlySet<string> | undefined;
  readonly #known = new WeakMap<OpenFile, FileCast>();

  constructor(contract: Contract, columns: readonly string[] | undefined) {
    this.#contract = contract;
    this.#columns = columns === undefined ? undefined : new Set(columns);
  }

  /** Throws `SCHEMA_MISMATCH` for a file with a column too many. */
  of(file: OpenFile): FileCast {
    const known = this.#known.get(file) ?? this.#make(file);
    this.#known.set(file, known);
    return known;
  }

  #make(file: OpenFile): FileCast {
    const fields = file.schema.fields.filter(({ name }) => this.#columns?.has(name) ?? true);
    const { forms } = this.#contract;
    const extra = fields.find(({ name }) => !forms.has(name));
    if (extra !== undefined) throw this.#tooMany(file, extra.name);
    const casts = new Map(
      fields.flatMap(({ name, type }): [string, ColumnCast][] => {
        const form = forms.get(name);
        // Of a column that is right as the file has it, all that a decoder gives is: far INT96 in microseconds too.
        return form === undefined || isSameType(type, form.type) ? [] : [[name, columnCast(type, form, name)]];
      }),
    );
    const fail = (failure: CastFailure): HfStreamError => this.#mismatch(file, failure);
    return {
      casts,
      cast: (batch) => (casts.size === 0 ? batch : castBatch(batch, casts, fail)),
    };
  }

  #tooMany({ path }: OpenFile, column: string): HfStreamError {
    const where = this.#contract.isDeclared ? "the declared features do" : "the first file does";
    return new HfStreamError(
      "SCHEMA_MISMATCH",
      `${path} has a column '${column}', which ${where} not have. ${ADVICE}`,
      { path },
    );
  }

  #mismatch({ path }: OpenFile, { column, from, to, value }: CastFailure): HfStreamError {
    const where = this.#contract.isDeclared ? "the features declare" : "the first file has";
    const what =
      value === undefined ? "which cannot be cast" : `which ${inspect(value, SHORT)} cannot be cast to exactly`;
    return new HfStreamError(
      "SCHEMA_MISMATCH",
      `${path}: column '${column}' is ${String(from)}, and ${where} ${String(to)}, ${what}. ${ADVICE}`,
      { path },
    );
  }
}

const ADVICE =
  "Choose the columns to read with `columns`, the files with `dataFiles`, or give `features` that hold all of them.";
const SHORT = { maxStringLength: 60, maxArrayLength: 16, breakLength: Infinity };

function castBatch(
  batch: RecordBatch,
  casts: ReadonlyMap<string, ColumnCast>,
  fail: (failure: CastFailure) => HfStreamError,
): RecordBatch {
  const children = batch.schema.fields.map(({ name }, index) => {
    const data = batch.data.children[index] as Data;
    return casts.get(name)?.(data, fail) ?? data;
  });
  const fields = batch.schema.fields.map(({ name }, index) => new Field(name, (children[index] as Data).type, true));
  const data = makeData({ type: new Struct(fields), length: batch.numRows, nullCount: 0, children });
  return new RecordBatch(new Schema(fields), data);
}

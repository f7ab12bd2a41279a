import { type Data, DataType, Field, FixedSizeList, List, makeData, Map_, Struct } from "apache-arrow";
import { isValid } from "../../../parquet/predicate/domain.ts";
import { gatherColumn, type Run } from "../gather.ts";
import { nullColumn } from "../null-column.ts";
import type { ColumnForm } from "./column-form.ts";
import { leafCast } from "./leaf-cast.ts";
import { type Leaf, leafColumn, leafReader } from "./leaf-values.ts";

/** What cannot be cast: the column within the column, as `messages[].role`, its type there, and the value if it is one. */
export interface CastFailure {
  readonly column: string;
  readonly from: DataType;
  readonly to: DataType;
  readonly value?: Leaf | undefined;
}

/** Casts a column; throws what `fail` makes of a value that cannot be. */
export type ColumnCast = (data: Data, fail: (failure: CastFailure) => Error) => Data;

/**
 * How columns of a type become columns of a form, all or nothing: structs by the names of their fields, those that are
 * lacking null, lists item by item, plain values exactly. A column that holds nothing but nulls becomes any other.
 */
export function columnCast(from: DataType, form: ColumnForm, column: string): ColumnCast {
  const to = form.type;
  if (DataType.isNull(to) || isSameType(from, to)) return (data) => data; // of a type that nobody knows, nothing is asked
  const cast = partsCast(from, form, column);
  return (data, fail) => {
    if (DataType.isNull(data.type) || data.nullCount === data.length) return nullColumn(to, data.length);
    if (cast === undefined) throw fail({ column, from, to });
    return cast(data, fail);
  };
}

/** Whether two types are the same, whatever the names of list items. */
export function isSameType(a: DataType, b: DataType): boolean {
  return a === b || String(a) === String(b);
}

function partsCast(from: DataType, form: ColumnForm, column: string): ColumnCast | undefined {
  const to = form.type;
  if (DataType.isStruct(to)) {
    if (DataType.isStruct(from)) return structCast(from, form, column);
    return isMedia(to) ? mediaCast(from, form, column) : undefined;
  }
  if (DataType.isList(to) || DataType.isMap(to)) return listCast(from, form, column);
  if (DataType.isFixedSizeList(to)) return fixedListCast(from, form, to.listSize, column);
  return plainCast(from, form, column);
}

function structCast(from: Struct, { type, children }: ColumnForm, column: string): ColumnCast | undefined {
  const places = new Map(from.children.map(({ name }, place) => [name, place]));
  const names = type.children.map(({ name }) => name);
  const extra = from.children.find(({ name }) => !names.includes(name));
  if (extra !== undefined) return undefined;
  const casts = children.map((child, index): ((data: Data, ...rest: FailArgs) => Data) => {
    const place = places.get(names[index] as string);
    if (place === undefined) return ({ length, offset }) => nullColumn(child.type, length + offset);
    const cast = columnCast(from.children[place]?.type as DataType, child, `${column}.${names[index]}`);
    return (data, fail) => cast(data.children[place] as Data, fail);
  });
  return (data, fail) => withParts(data, type, { children: casts.map((cast) => cast(data, fail)) });
}

type FailArgs = [fail: (failure: CastFailure) => Error];

/** Whether a struct is how images, sounds and other files are stored. */
function isMedia({ children }: DataType): boolean {
  return children.length === 2 && children[0]?.name === "bytes" && children[1]?.name === "path";
}

/** Bytes alone, or paths alone, as files: what Python's media features take. */
function mediaCast(from: DataType, { type, children }: ColumnForm, column: string): ColumnCast | undefined {
  const own = DataType.isBinary(from) ? 0 : DataType.isUtf8(from) ? 1 : -1;
  if (own < 0) return undefined;
  return (data, fail) => {
    const parts = children.map((child, index) =>
      index === own ? columnCast(from, child, column)(data, fail) : nullColumn(child.type, data.length),
    );
    return withParts(data, type, { children: parts });
  };
}

function listCast(from: DataType, { type, children: [item] }: ColumnForm, column: string): ColumnCast | undefined {
  if (!isListLike(from) || item === undefined) return undefined;
  const cast = columnCast(from.children[0]?.type as DataType, item, `${column}[]`);
  return (data, fail) => {
    const child = cast(data.children[0] as Data, fail);
    return withParts(data, type, { valueOffsets: offsetsOf(data), children: [child] });
  };
}

function fixedListCast(
  from: DataType,
  { type, children: [item] }: ColumnForm,
  size: number,
  column: string,
): ColumnCast | undefined {
  if (!isListLike(from) || item === undefined) return undefined;
  const cast = columnCast(from.children[0]?.type as DataType, item, `${column}[]`);
  return (data, fail) => {
    const child = cast(data.children[0] as Data, fail);
    const offsets = offsetsOf(data);
    if (data.nullCount === 0 && isRegular(offsets, size)) return withParts(data, type, { children: [child] });
    const missing = nullColumn(child.type, size);
    const runs = Array.from({ length: data.length }, (_, row): Run => {
      if (!isValid(data, row)) return { data: missing, start: 0, end: size };
      const [start, end] = [offsets[row] as number, offsets[row + 1] as number];
      if (end - start !== size) throw fail({ column, from, to: type, value: `a list of ${end - start}` });
      return { data: child, start, end };
    });
    const children = [gatherColumn(child.type, runs)];
    // Items are counted from row 0 here, so that the bitmap must be too.
    return withParts(data.offset === 0 ? data : gatherColumn(data.type, [{ data, start: 0, end: data.length }]), type, {
      children,
    });
  };
}

/** Whether items stand as those of a list of fixed size do, so that they need not be copied. */
function isRegular(offsets: Int32Array, size: number): boolean {
  return offsets.every((offset, row) => offset === row * size);
}

function isListLike(type: DataType): boolean {
  return DataType.isList(type) || DataType.isMap(type) || DataType.isFixedSizeList(type) || DataType.isLargeList(type);
}

function offsetsOf({ type, offset, length, valueOffsets }: Data): Int32Array {
  if (DataType.isFixedSizeList(type)) {
    const { listSize } = type;
    return Int32Array.from({ length: length + 1 }, (_, row) => (row + offset) * listSize);
  }
  return valueOffsets instanceof Int32Array ? valueOffsets : Int32Array.from(valueOffsets as BigInt64Array, Number);
}

function plainCast(from: DataType, { type, labels }: ColumnForm, column: string): ColumnCast | undefined {
  const cast = leafCast(from, type, labels);
  if (cast === undefined) return undefined;
  return (data, fail) => {
    const read = leafReader(data) as (row: number) => Leaf;
    const values = Array.from({ length: data.length }, (_, row) => {
      if (!isValid(data, row)) return undefined;
      const value = read(row);
      const made = cast(value);
      if (made === undefined) throw fail({ column, from, to: type, value });
      return made;
    });
    return leafColumn(type, values);
  };
}

/** A column with the same nulls, made of other parts. */
function withParts(
  { length, offset, nullCount, nullBitmap }: Data,
  type: DataType,
  { valueOffsets, children }: { readonly valueOffsets?: Int32Array; readonly children: readonly Data[] },
): Data {
  const [child] = children;
  const parts = DataType.isStruct(type)
    ? { children }
    : { child, ...(valueOffsets === undefined ? {} : { valueOffsets }) };
  return makeData({
    type: typeOfParts(type, children),
    length,
    offset,
    nullCount,
    nullBitmap: nullCount === 0 ? null : nullBitmap,
    ...parts,
  } as never);
}

/** The type with what its children are: where the form knows none, they stay what they were. */
function typeOfParts(type: DataType, children: readonly Data[]): DataType {
  const fields = type.children as readonly Field[];
  if (fields.every((field, index) => field.type === children[index]?.type)) return type;
  const [item, ...others] = fields.map(({ name }, index) => new Field(name, (children[index] as Data).type, true));
  if (DataType.isStruct(type)) return new Struct(item === undefined ? [] : [item, ...others]);
  if (DataType.isFixedSizeList(type)) return new FixedSizeList(type.listSize, item as Field);
  return DataType.isMap(type) ? new Map_(item as Field) : new List(item as Field);
}

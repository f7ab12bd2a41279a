import { type Data, DataType, Field, List, makeData, Map_, Struct, Timestamp, TimeUnit } from "apache-arrow";
import { DamageError } from "../failures.ts";
import { isInt96 } from "../footer/arrow-schema.ts";
import { isValid } from "../predicate/domain.ts";

const WIDTH = 12;
/** The day of 1970-01-01, as Julian days count them. */
const EPOCH_DAY = 2_440_588;
const NS_PER_DAY = 86_400_000_000_000n;

/** A column and what it is. */
interface Column {
  readonly field: Field;
  readonly data: Data;
}

/** Whether a field is, or has below it, a timestamp of 96 bits. */
export function hasInt96(field: Field): boolean {
  return isInt96(field) || childrenOf(field.type).some(hasInt96);
}

/**
 * Makes timestamps of the twelve bytes that INT96 values are stored as: nanoseconds where all values of the column are within
 * 64 bits of them (1677 to 2262), else microseconds, rounded down. Throws a {@link DamageError} for a value beyond those, too.
 */
export function convertInt96({ field, data }: Column, expected: Field): Column {
  if (isInt96(expected)) return timestamps(field, data, expected);
  const wanted = childrenOf(expected.type);
  if (!wanted.some(hasInt96)) return { field, data };
  const children = data.children.map((child, index) =>
    convertInt96({ field: childrenOf(data.type)[index] as Field, data: child }, wanted[index] as Field),
  );
  const type = typeOf(
    data.type,
    children.map((child) => child.field),
  );
  const { offset, length, nullCount, buffers } = data;
  const below = children.map((child) => child.data);
  return {
    field: new Field(field.name, type, field.nullable, field.metadata),
    data: data.clone(type, offset, length, nullCount, buffers as never, below),
  };
}

function timestamps(field: Field, data: Data, expected: Field): Column {
  const bytes = data.values as Uint8Array;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { length } = data;
  let values = new BigInt64Array(length);
  let unit = TimeUnit.NANOSECOND;
  for (let row = 0; row < length; row += 1) {
    if (!isValid(data, row)) continue;
    const nanoseconds = nanosecondsAt(view, row * WIDTH);
    if (unit === TimeUnit.NANOSECOND && !isInt64(nanoseconds)) {
      unit = TimeUnit.MICROSECOND;
      values = values.map(floorThousandth);
    }
    values[row] = unit === TimeUnit.NANOSECOND ? nanoseconds : microsecondsAt(view, row * WIDTH);
  }
  const type = new Timestamp(unit, null);
  const nullBitmap = data.nullCount === 0 ? null : data.nullBitmap;
  const { offset, nullCount } = data;
  const marked = new Field(field.name, type, field.nullable, expected.metadata);
  return { field: marked, data: makeData({ type, offset, length, nullCount, nullBitmap, data: values }) };
}

function nanosecondsAt(view: DataView, at: number): bigint {
  const days = view.getInt32(at + 8, true) - EPOCH_DAY;
  return BigInt(days) * NS_PER_DAY + view.getBigInt64(at, true);
}

function microsecondsAt(view: DataView, at: number): bigint {
  const value = floorThousandth(nanosecondsAt(view, at));
  if (isInt64(value)) return value;
  // Spark counts microseconds from Julian day 0 in 64 bits: beyond some 290,000 years they wrap, and both parts are negative.
  const isWrapped = view.getInt32(at + 8, true) < 0 && view.getBigInt64(at, true) <= 0n;
  if (!isWrapped) throw new DamageError("an INT96 timestamp that no 64 bits can hold");
  return BigInt.asIntN(64, value);
}

function floorThousandth(value: bigint): bigint {
  const rest = value % 1000n;
  return (value - rest) / 1000n - (rest < 0n ? 1n : 0n);
}

function isInt64(value: bigint): boolean {
  return BigInt.asIntN(64, value) === value;
}

function childrenOf(type: DataType): readonly Field[] {
  return (type.children as readonly Field[] | null | undefined) ?? [];
}

/** A nested type of other children. */
function typeOf(type: DataType, children: Field[]): DataType {
  const [only] = children as [Field];
  if (DataType.isList(type)) return new List(only);
  return DataType.isMap(type) ? new Map_(only) : new Struct(children);
}

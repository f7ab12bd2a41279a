import {
  type Data,
  DataType,
  DateUnit,
  type Decimal,
  type Field,
  type Float,
  type Int,
  Null,
  type Timestamp,
  TimestampNanosecond,
  TimeUnit,
  Type,
} from "apache-arrow";
import { inspect } from "node:util";
import { HfStreamError } from "../../errors.ts";
import { argument, say } from "../../message.ts";
import { isInt96 } from "../footer/arrow-schema.ts";
import type { FilterValue } from "./filters.ts";

/** A value in a form that can be ordered: a number or bigint, or bytes. */
export type Comparable = number | bigint | Uint8Array;

/** How the values of one column compare with each other and with literals. */
export interface Domain {
  /** Brings a literal to the column's form; `undefined` for null. Throws `INVALID_OPTION` where they cannot be compared. */
  literal(value: FilterValue): Comparable | undefined;
  /** What `in` looks for in the place of a literal: pyarrow casts them to the column's type. Left out: the literal. */
  readonly member?: (literal: Comparable) => Comparable;
  /** Reads a statistic or dictionary value, plain-encoded as the file has it; `undefined` where it says nothing. */
  stored(bytes: Uint8Array): Comparable | undefined;
  /** Makes a reader of the rows of an Arrow column; `undefined` for null. */
  reader(data: Data): (row: number) => Comparable | undefined;
  /** Writes a comparable plain-encoded, as bloom filters hash it; `undefined` where it is not a value of the column. */
  plain(value: Comparable): Uint8Array | undefined;
  /** Whether NaN may occur, which no statistic tells of. */
  readonly hasNaN: boolean;
}

/** Orders two values: negative, 0, positive; NaN where they have no order. Strings go by their UTF-8 bytes. */
export function compare(a: Comparable, b: Comparable): number {
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b);
  if (a < b) return -1;
  if (a > b) return 1;
  // oxlint-disable-next-line eqeqeq -- a bigint and a number are to be equal when their values are
  return a == b ? 0 : NaN;
}

/** Finds how a column compares. An INT96 column compares in nanoseconds, whatever the unit of a batch. Throws `INVALID_OPTION` for nested columns, which have no order. */
export function domainOf(column: string, field: Field | undefined): Domain {
  const type: DataType = field?.type ?? new Null();
  const mismatch = (expected: string) => (value: FilterValue) =>
    new HfStreamError(
      "INVALID_OPTION",
      say`${argument("filters", "filters")}: column ${column} (${String(type)}) compares with ${expected}, got ${inspect(value)}.`,
    );
  switch (type.typeId) {
    case Type.Bool:
      return boolDomain(mismatch("a boolean"));
    case Type.Int:
      return integerDomain(type as Int, mismatch("a number or bigint"));
    case Type.Time:
    case Type.Duration:
      return integerDomain(
        { bitWidth: width(type), isSigned: true },
        mismatch("a number or bigint, in the column's unit"),
      );
    case Type.Float:
      return floatDomain(type as Float, mismatch("a number or bigint"));
    case Type.Decimal:
      return decimalDomain(type as Decimal, mismatch("a decimal"));
    case Type.Date:
    case Type.Timestamp: {
      const expected = mismatch("a Date, or a bigint in the column's unit");
      return field !== undefined && isInt96(field) ? int96Domain(expected) : instantDomain(type, expected);
    }
    case Type.Utf8:
    case Type.Binary:
    case Type.LargeUtf8:
    case Type.LargeBinary:
    case Type.FixedSizeBinary:
      return bytesDomain(type, mismatch("a string or bytes"));
    case Type.Null:
      return nullDomain();
    default:
      throw new HfStreamError(
        "INVALID_OPTION",
        say`${argument("filters", "filters")}: column ${column} is ${String(type)}, and only plain columns compare. Use \`filter(row => …)\`.`,
      );
  }
}

type Mismatch = (value: FilterValue) => HfStreamError;

/** Whether row `row` of an Arrow column holds a value. */
export function isValid({ nullCount, nullBitmap, offset }: Data, row: number): boolean {
  if (nullCount === 0) return true;
  const bit = row + offset;
  return ((nullBitmap[bit >> 3] as number) & (1 << (bit & 7))) !== 0;
}

function nullable(data: Data, read: (row: number) => Comparable): (row: number) => Comparable | undefined {
  return data.nullCount === 0 ? read : (row) => (isValid(data, row) ? read(row) : undefined);
}

function boolDomain(mismatch: Mismatch): Domain {
  return {
    hasNaN: false,
    literal: (value) => {
      if (value === null) return undefined;
      if (typeof value !== "boolean") throw mismatch(value);
      return Number(value);
    },
    stored: ([byte]) => byte,
    reader: (data) => {
      const bits = data.values as Uint8Array;
      return nullable(data, (row) => ((bits[(row + data.offset) >> 3] as number) >> ((row + data.offset) & 7)) & 1);
    },
    plain: () => undefined,
  };
}

interface IntegerForm {
  readonly bitWidth: number;
  readonly isSigned: boolean;
}

function integerDomain({ bitWidth, isSigned }: IntegerForm, mismatch: Mismatch): Domain {
  return {
    hasNaN: false,
    literal: (value) => {
      if (value === null) return undefined;
      if (typeof value !== "number" && typeof value !== "bigint") throw mismatch(value);
      return value;
    },
    member: (literal) => (typeof literal === "number" ? literal + 0 : literal), // -0 is 0
    stored: (bytes) => storedInteger(bytes, isSigned),
    reader: (data) => {
      const values = data.values as Int32Array | BigInt64Array;
      return nullable(data, (row) => values[row] as number | bigint);
    },
    plain: (value) => plainInteger(value, bitWidth),
  };
}

function storedInteger(bytes: Uint8Array, isSigned: boolean): Comparable | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length === 4) return isSigned ? view.getInt32(0, true) : view.getUint32(0, true);
  if (bytes.length === 8) return isSigned ? view.getBigInt64(0, true) : view.getBigUint64(0, true);
  return undefined;
}

/** Parquet keeps integers of up to 32 bits as INT32, others as INT64. */
function plainInteger(value: Comparable, bitWidth: number): Uint8Array | undefined {
  if (value instanceof Uint8Array || (typeof value === "number" && !Number.isInteger(value))) return undefined;
  const view = new DataView(new ArrayBuffer(bitWidth <= 32 ? 4 : 8));
  if (bitWidth <= 32) view.setInt32(0, Number(value), true);
  else view.setBigInt64(0, BigInt.asIntN(64, BigInt(value)), true);
  return new Uint8Array(view.buffer);
}

function floatDomain({ precision }: { readonly precision: number }, mismatch: Mismatch): Domain {
  const read = (bytes: Uint8Array): number | undefined => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (bytes.length === 2) return halfToNumber(view.getUint16(0, true));
    if (bytes.length === 4) return view.getFloat32(0, true);
    return bytes.length === 8 ? view.getFloat64(0, true) : undefined;
  };
  return {
    hasNaN: true,
    literal: (value) => {
      if (value === null) return undefined;
      if (typeof value !== "number" && typeof value !== "bigint") throw mismatch(value);
      return value;
    },
    ...(precision === 1 ? { member: (literal: Comparable) => Math.fround(Number(literal)) } : {}),
    stored: (bytes) => {
      const value = read(bytes);
      return Number.isNaN(value) ? undefined : value;
    },
    reader: (data) => {
      const values = data.values as Float64Array;
      if (precision !== 0) return nullable(data, (row) => values[row] as number);
      return nullable(data, (row) => halfToNumber(values[row] as number));
    },
    // Zero has two encodings, and a value of another width rounds: a bloom filter cannot be asked.
    plain: () => undefined,
  };
}

/** A half-precision float (IEEE 754 binary16) from its bits. */
export function halfToNumber(bits: number): number {
  const sign = (bits & 0x8000) === 0 ? 1 : -1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/**
 * Decimals as integers in units of a tenth of the column's last digit, so that a literal with more digits stands between
 * two of them.
 */
function decimalDomain({ scale, bitWidth }: { scale: number; bitWidth: number }, mismatch: Mismatch): Domain {
  return {
    hasNaN: false,
    literal: (value) => {
      if (value === null) return undefined;
      const parsed = /^([+-]?)(\d+)(?:\.(\d*))?(?:e([+-]?\d+))?$/i.exec(String(value));
      if (parsed === null || !["number", "bigint", "string"].includes(typeof value)) throw mismatch(value);
      const [, sign, whole = "", fraction = "", exponent = "0"] = parsed;
      const shift = scale - fraction.length + Number(exponent);
      if (Math.abs(shift) > 400) throw mismatch(value);
      const digits = BigInt(whole + fraction);
      const power = 10n ** BigInt(Math.abs(shift));
      const magnitude = shift >= 0 ? digits * power * 10n : (digits / power) * 10n + (digits % power === 0n ? 0n : 5n);
      return sign === "-" ? -magnitude : magnitude;
    },
    stored: () => undefined, // its physical type decides the form; row groups are seldom sorted by a decimal
    reader: (data) => {
      const words = data.values as Uint32Array;
      return nullable(data, (row) => readDecimal(words, row, bitWidth / 32) * 10n);
    },
    plain: () => undefined,
  };
}

/** The unscaled integer of a decimal, little-endian two's complement in 32-bit words. */
export function readDecimal(words: Uint32Array, row: number, wordCount: number): bigint {
  let value = 0n;
  for (let word = wordCount - 1; word >= 0; word -= 1)
    value = (value << 32n) | BigInt(words[row * wordCount + word] as number);
  return BigInt.asIntN(wordCount * 32, value);
}

const PER_MS = [1 / 1000, 1, 1000, 1_000_000] as const;

/** Dates and timestamps as the raw integer of the column's unit; a `Date` between two of them is a fraction. */
function instantDomain(type: DataType, mismatch: Mismatch): Domain {
  const isDays = DataType.isDate(type) && type.unit === DateUnit.DAY;
  const perMs = isDays ? 1 / 86_400_000 : DataType.isTimestamp(type) ? (PER_MS[type.unit] ?? 1) : 1;
  const integers = integerDomain({ bitWidth: isDays ? 32 : 64, isSigned: true }, mismatch);
  return {
    ...integers,
    literal: (value) => {
      if (value === null || typeof value === "bigint") return value ?? undefined;
      if (!(value instanceof Date)) throw mismatch(value);
      if (perMs >= 1) return BigInt(value.getTime()) * BigInt(perMs);
      return value.getTime() / Math.round(1 / perMs);
    },
  };
}

/** Its statistics and bloom filters are of the twelve stored bytes, which say nothing of its order. */
function int96Domain(mismatch: Mismatch): Domain {
  const nanoseconds = instantDomain(new TimestampNanosecond(), mismatch);
  return {
    ...nanoseconds,
    stored: () => undefined,
    plain: () => undefined,
    reader: (data) => {
      if ((data.type as Timestamp).unit === TimeUnit.NANOSECOND) return nanoseconds.reader(data);
      const values = data.values as BigInt64Array;
      return nullable(data, (row) => (values[row] as bigint) * 1000n);
    },
  };
}

function bytesDomain(type: DataType, mismatch: Mismatch): Domain {
  return {
    hasNaN: false,
    literal: (value) => {
      if (value === null) return undefined;
      if (typeof value === "string") return Buffer.from(value, "utf8");
      if (!(value instanceof Uint8Array)) throw mismatch(value);
      return value;
    },
    stored: (bytes) => bytes,
    reader: (data) => {
      const bytes = data.values as Uint8Array;
      if (DataType.isFixedSizeBinary(type)) {
        return nullable(data, (row) => bytes.subarray(row * type.byteWidth, (row + 1) * type.byteWidth));
      }
      const offsets = data.valueOffsets as Int32Array | BigInt64Array;
      return nullable(data, (row) => bytes.subarray(Number(offsets[row]), Number(offsets[row + 1])));
    },
    plain: (value) => (value instanceof Uint8Array ? value : undefined),
  };
}

function nullDomain(): Domain {
  return {
    hasNaN: false,
    literal: (value) => (value === null ? undefined : NaN), // like nothing that is there
    stored: () => undefined,
    reader: () => () => undefined,
    plain: () => undefined,
  };
}

function width(type: DataType): number {
  return DataType.isTime(type) ? type.bitWidth : 64;
}

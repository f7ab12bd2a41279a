import {
  Binary,
  Bool,
  type DataType,
  DateDay,
  DateMillisecond,
  Decimal,
  Duration,
  Field,
  FixedSizeBinary,
  FixedSizeList,
  Float16,
  Float32,
  Float64,
  Int16,
  Int32,
  Int64,
  Int8,
  List,
  Null,
  Struct,
  TimeMicrosecond,
  TimeMillisecond,
  TimeNanosecond,
  TimeSecond,
  Timestamp,
  Uint16,
  Uint32,
  Uint64,
  Uint8,
  Utf8,
} from "apache-arrow";
import { HfStreamError } from "../../errors.ts";
import { type Feature, isStructFeature } from "./features.ts";
import { storageFeature } from "./features-storage.ts";

const UNITS = ["s", "ms", "us", "ns"];

const PLAIN: Readonly<Record<string, () => DataType>> = {
  null: () => new Null(),
  bool: () => new Bool(),
  int8: () => new Int8(),
  int16: () => new Int16(),
  int32: () => new Int32(),
  int64: () => new Int64(),
  uint8: () => new Uint8(),
  uint16: () => new Uint16(),
  uint32: () => new Uint32(),
  uint64: () => new Uint64(),
  float16: () => new Float16(),
  float32: () => new Float32(),
  float64: () => new Float64(),
  date32: () => new DateDay(),
  date64: () => new DateMillisecond(),
  binary: () => new Binary(),
  large_binary: () => new Binary(),
  binary_view: () => new Binary(),
  string: () => new Utf8(),
  large_string: () => new Utf8(),
  string_view: () => new Utf8(),
  "time32[s]": () => new TimeSecond(),
  "time32[ms]": () => new TimeMillisecond(),
  "time64[us]": () => new TimeMicrosecond(),
  "time64[ns]": () => new TimeNanosecond(),
};

/**
 * The Arrow type that a feature is stored as. Types that differ in the width of their offsets only are one: `large_string`
 * is `Utf8`, `LargeList` is `List`.
 */
export function arrowTypeOf(feature: Feature): DataType {
  return storedType(storageFeature(feature));
}

/** A field of rows: it may be null. */
export function arrowField(name: string, type: DataType): Field {
  return new Field(name, type, true);
}

function storedType(feature: Feature): DataType {
  if (isStructFeature(feature))
    return new Struct(Object.entries(feature).map(([name, child]) => arrowField(name, storedType(child))));
  switch (feature._type) {
    case "List":
    case "LargeList": {
      const item = arrowField("item", storedType(feature.feature));
      const length = feature._type === "List" ? feature.length : undefined;
      return length === undefined ? new List(item) : new FixedSizeList(length, item);
    }
    case "Value":
      return valueType(feature.dtype);
    default:
      throw new TypeError(`${feature._type} is not stored as such`);
  }
}

function valueType(dtype: string): DataType {
  const plain = PLAIN[dtype];
  if (plain !== undefined) return plain();
  const [, name, unit = "", zone] = /^(timestamp|duration)\[(\w+)(?:, tz=(.+))?\]$/.exec(dtype) ?? [];
  if (name === "timestamp") return new Timestamp(UNITS.indexOf(unit), zone ?? null);
  if (name === "duration") return new Duration(UNITS.indexOf(unit));
  const [, bits, precision, scale] = /^decimal(128|256)\((\d+), (-?\d+)\)$/.exec(dtype) ?? [];
  if (bits !== undefined) return new Decimal(Number(scale), Number(precision), Number(bits));
  const [, width] = /^fixed_size_binary\[(\d+)\]$/.exec(dtype) ?? [];
  if (width !== undefined) return new FixedSizeBinary(Number(width));
  throw new HfStreamError("UNSUPPORTED_FORMAT", `Columns cannot be given as ${dtype}.`);
}

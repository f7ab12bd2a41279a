import { isUtf8 } from "node:buffer";
import { DataType, type Decimal, type Float, type Int, Precision, Type } from "apache-arrow";
import { floatText, formatDecimal } from "../value-text.ts";
import type { LeafCast } from "./leaf-values.ts";
import { toDecimal, toFloat, toInteger } from "./number-cast.ts";
import { isTemporal, temporalText, toTemporal } from "./temporal-cast.ts";

/**
 * How values of one plain type become those of another: as pyarrow's safe casts, and nothing is rounded. Texts are read
 * and written as pyarrow does. `undefined` where the types have nothing in common. `labels` are the names of a class
 * label.
 */
export function leafCast(from: DataType, to: DataType, labels?: readonly string[]): LeafCast | undefined {
  switch (to.typeId) {
    case Type.Bool:
      return toBool(from);
    case Type.Int:
      return toInteger(from, to as Int, labels);
    case Type.Float:
      return toFloat(from, to as Float);
    case Type.Decimal:
      return toDecimal(from, to as Decimal);
    case Type.Utf8:
      return toText(from);
    case Type.Binary:
      return toBytes(from);
    case Type.FixedSizeBinary:
      return toFixedBytes(from, (to as DataType & { readonly byteWidth: number }).byteWidth);
    case Type.Timestamp:
    case Type.Date:
    case Type.Time:
    case Type.Duration:
      return toTemporal(from, to);
    default:
      return undefined;
  }
}

const TRUTHS: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  ["true", true],
  ["false", false],
  ["1", true],
  ["0", false],
]);

function toBool(from: DataType): LeafCast | undefined {
  if (DataType.isInt(from) || DataType.isFloat(from)) return (value) => TRUTHS.get(`${Number(value)}`);
  return DataType.isUtf8(from) ? (value) => TRUTHS.get((value as string).toLowerCase()) : undefined;
}

function toText(from: DataType): LeafCast | undefined {
  if (DataType.isUtf8(from) || DataType.isInt(from) || DataType.isBool(from)) return String;
  if (DataType.isFloat(from)) return (value) => floatText(value as number, from.precision === Precision.SINGLE);
  if (DataType.isDecimal(from)) return (value) => formatDecimal(value as bigint, from.scale);
  if (isBytes(from)) {
    return (value) => {
      const bytes = value as Uint8Array;
      return isUtf8(bytes) ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8") : undefined;
    };
  }
  return isTemporal(from) ? temporalText(from) : undefined;
}

function toBytes(from: DataType): LeafCast | undefined {
  if (isBytes(from)) return (value) => value;
  return DataType.isUtf8(from) ? (value) => Buffer.from(value as string, "utf8") : undefined;
}

function toFixedBytes(from: DataType, width: number): LeafCast | undefined {
  const cast = toBytes(from);
  return cast === undefined
    ? undefined
    : (value) => {
        const bytes = cast(value) as Uint8Array;
        return bytes.length === width ? bytes : undefined;
      };
}

function isBytes(type: DataType): boolean {
  return DataType.isBinary(type) || DataType.isFixedSizeBinary(type);
}

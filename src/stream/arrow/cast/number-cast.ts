import { DataType, type Decimal, type Float, type Int, Precision } from "apache-arrow";
import { formatDecimal, parseDecimal } from "../value-text.ts";
import { type Leaf, type LeafCast, numberToHalf } from "./leaf-values.ts";
import { isTemporal } from "./temporal-cast.ts";

/** Decimal digits that each precision of floats keeps. */
const FLOAT_DIGITS = { [Precision.HALF]: 3, [Precision.SINGLE]: 6, [Precision.DOUBLE]: 15 } as const;

const SIGNED = /^(?:-?\d{1,20}|0x[\da-f]{1,16})$/i;
const UNSIGNED = /^(?:\d{1,20}|0x[\da-f]{1,16})$/i;

/** Casts to an integer type; to a class label too, from its names or within their number. */
export function toInteger(
  from: DataType,
  { bitWidth, isSigned }: Int,
  labels: readonly string[] | undefined,
): LeafCast | undefined {
  const exact = integerCast(from, isSigned, labels);
  const isHeld = (value: bigint): boolean => {
    if (labels !== undefined && value >= BigInt(labels.length)) return false;
    return (isSigned ? BigInt.asIntN(bitWidth, value) : BigInt.asUintN(bitWidth, value)) === value;
  };
  return exact === undefined
    ? undefined
    : (value) => {
        const integer = exact(value);
        return integer !== undefined && isHeld(integer) ? integer : undefined;
      };
}

function integerCast(
  from: DataType,
  isSigned: boolean,
  labels: readonly string[] | undefined,
): ((value: Leaf) => bigint | undefined) | undefined {
  if (DataType.isBool(from)) return (value) => (value === true ? 1n : 0n);
  if (DataType.isInt(from) || isTemporal(from)) return (value) => value as bigint;
  if (DataType.isFloat(from)) return (value) => (Number.isInteger(value) ? BigInt(value as number) : undefined);
  if (DataType.isDecimal(from)) return (value) => rescale(value as bigint, from.scale, 0);
  if (!DataType.isUtf8(from)) return undefined;
  return (value) => {
    const text = value as string;
    const label = labels?.indexOf(text) ?? -1;
    if (label >= 0) return BigInt(label);
    return (isSigned ? SIGNED : UNSIGNED).test(text) ? BigInt(text) : undefined;
  };
}

/** Casts to a float type. A text is the nearest float; a decimal too, if the float keeps all its digits. */
export function toFloat(from: DataType, { precision }: Float): LeafCast | undefined {
  const isHeld = (value: number): boolean => {
    if (precision === Precision.DOUBLE || Number.isNaN(value)) return true;
    return precision === Precision.SINGLE ? Math.fround(value) === value : numberToHalf(value) !== undefined;
  };
  const held = (value: number): number | undefined => (isHeld(value) ? value : undefined);
  const nearest = (value: number): number | undefined =>
    held(precision === Precision.SINGLE ? Math.fround(value) : value);
  const ofInteger = (value: bigint): number | undefined =>
    BigInt(Number(value)) === value ? held(Number(value)) : undefined;
  if (DataType.isFloat(from)) return (value) => held(value as number);
  if (DataType.isBool(from)) return Number;
  if (DataType.isInt(from)) return (value) => ofInteger(value as bigint);
  if (DataType.isDecimal(from)) {
    return (value) => {
      const text = formatDecimal(value as bigint, from.scale);
      const digits = text
        .replace(/^-?0*\.?0*/, "")
        .replace(".", "")
        .replace(/0+$/, "");
      if (digits.length <= FLOAT_DIGITS[precision]) return nearest(Number(text));
      const integer = rescale(value as bigint, from.scale, 0);
      return integer === undefined ? undefined : ofInteger(integer);
    };
  }
  return DataType.isUtf8(from) ? (value) => parseFloatText(value as string, nearest) : undefined;
}

function parseFloatText(text: string, nearest: (value: number) => number | undefined): number | undefined {
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text)) return nearest(Number(text));
  const [match, sign, name] = /^([+-]?)(nan|inf(?:inity)?)$/i.exec(text) ?? [];
  if (match === undefined) return undefined;
  if (name?.toLowerCase() === "nan") return NaN;
  return sign === "-" ? -Infinity : Infinity;
}

/** Casts to a decimal type. A float counts by its shortest digits, as people write it. */
export function toDecimal(from: DataType, { precision, scale }: Decimal): LeafCast | undefined {
  const limit = 10n ** BigInt(precision);
  const held = (unscaled: bigint | undefined): bigint | undefined =>
    unscaled !== undefined && unscaled < limit && -unscaled < limit ? unscaled : undefined;
  if (DataType.isDecimal(from)) return (value) => held(rescale(value as bigint, from.scale, scale));
  if (DataType.isInt(from)) return (value) => held(rescale(value as bigint, 0, scale));
  if (!DataType.isUtf8(from) && !DataType.isFloat(from)) return undefined;
  return (value) => {
    const parsed = parseDecimal(String(value));
    return parsed === undefined ? undefined : held(rescale(parsed.unscaled, parsed.scale, scale));
  };
}

/** The same decimal with another number of digits behind the point; `undefined` if it has more. */
function rescale(unscaled: bigint, from: number, to: number): bigint | undefined {
  const power = 10n ** BigInt(Math.min(Math.abs(to - from), 1000));
  if (to >= from) return unscaled * power;
  return unscaled % power === 0n ? unscaled / power : undefined;
}

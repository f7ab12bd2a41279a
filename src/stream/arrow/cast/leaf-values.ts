import { type Data, DataType, makeData, Precision, Type } from "apache-arrow";
import { halfToNumber, readDecimal } from "../../../parquet/predicate/domain.ts";

/**
 * A value of a plain column in the form that casts work on: integers, times and the unscaled digits of decimals as
 * bigint, floats as number.
 */
export type Leaf = boolean | bigint | number | string | Uint8Array;

/** Casts one value; `undefined` where the other type cannot hold exactly that. */
export type LeafCast = (value: Leaf) => Leaf | undefined;

/** Reads the values of a plain column that are there. `undefined` for a type that is not plain. */
export function leafReader(data: Data): ((row: number) => Leaf) | undefined {
  const { type } = data;
  switch (type.typeId) {
    case Type.Bool: {
      const bits = data.values as Uint8Array;
      return (row) => (((bits[(row + data.offset) >> 3] as number) >> ((row + data.offset) & 7)) & 1) === 1;
    }
    case Type.Int:
    case Type.Date:
    case Type.Time:
    case Type.Timestamp:
    case Type.Duration: {
      const values = data.values as Int32Array | BigInt64Array;
      return (row) => BigInt(values[row] as number | bigint);
    }
    case Type.Float: {
      const values = data.values as Float64Array | Uint16Array;
      return values instanceof Uint16Array
        ? (row) => halfToNumber(values[row] as number)
        : (row) => values[row] as number;
    }
    case Type.Decimal: {
      const words = data.values as Uint32Array;
      const { bitWidth } = type as DataType & { readonly bitWidth: number };
      return (row) => readDecimal(words, row, bitWidth / 32);
    }
    case Type.Utf8:
    case Type.LargeUtf8: {
      const read = bytesReader(data);
      return (row) => Buffer.from(read(row)).toString("utf8");
    }
    case Type.Binary:
    case Type.LargeBinary:
    case Type.FixedSizeBinary:
      return bytesReader(data);
    default:
      return undefined;
  }
}

function bytesReader(data: Data): (row: number) => Uint8Array {
  const bytes = data.values as Uint8Array;
  if (DataType.isFixedSizeBinary(data.type)) {
    const { byteWidth } = data.type;
    return (row) => bytes.subarray(row * byteWidth, (row + 1) * byteWidth);
  }
  const offsets = data.valueOffsets as Int32Array | BigInt64Array;
  return (row) => bytes.subarray(Number(offsets[row]), Number(offsets[row + 1]));
}

/** Makes a plain column of values, `undefined` for null. They must be what the type can hold. */
export function leafColumn(type: DataType, values: readonly (Leaf | undefined)[]): Data {
  const { length } = values;
  const nullBitmap = new Uint8Array(Math.ceil(length / 8));
  let nullCount = 0;
  for (const [row, value] of values.entries()) {
    if (value === undefined) nullCount += 1;
    else nullBitmap[row >> 3] = (nullBitmap[row >> 3] as number) | (1 << (row & 7));
  }
  const common = { type, length, nullCount, nullBitmap: nullCount === 0 ? null : nullBitmap };
  if (DataType.isUtf8(type) || DataType.isBinary(type)) return makeData({ ...common, ...joinBytes(values) } as never);
  return makeData({ ...common, data: fixedValues(type, values) } as never);
}

function joinBytes(values: readonly (Leaf | undefined)[]): {
  readonly valueOffsets: Int32Array;
  readonly data: Uint8Array;
} {
  const parts = values.map((value) =>
    typeof value === "string" ? Buffer.from(value, "utf8") : ((value as Uint8Array | undefined) ?? new Uint8Array()),
  );
  const valueOffsets = new Int32Array(values.length + 1);
  for (const [row, part] of parts.entries()) valueOffsets[row + 1] = (valueOffsets[row] as number) + part.length;
  return { valueOffsets, data: new Uint8Array(Buffer.concat(parts)) };
}

function fixedValues(type: DataType, values: readonly (Leaf | undefined)[]): ArrayBufferView {
  const { length } = values;
  switch (type.typeId) {
    case Type.Bool: {
      const bits = new Uint8Array(Math.ceil(length / 8));
      for (const [row, value] of values.entries())
        if (value === true) bits[row >> 3] = (bits[row >> 3] as number) | (1 << (row & 7));
      return bits;
    }
    case Type.Decimal: {
      const { bitWidth } = type as DataType & { readonly bitWidth: number };
      const words = new Uint32Array((length * bitWidth) / 32);
      for (const [row, value] of values.entries()) writeWords(words, row, bitWidth / 32, (value ?? 0n) as bigint);
      return words;
    }
    case Type.FixedSizeBinary: {
      const { byteWidth } = type as DataType & { readonly byteWidth: number };
      const bytes = new Uint8Array(length * byteWidth);
      for (const [row, value] of values.entries())
        if (value !== undefined) bytes.set(value as Uint8Array, row * byteWidth);
      return bytes;
    }
    default: {
      const numbers = new (type.ArrayType as Float64ArrayConstructor)(length) as unknown as unknown[];
      const isWide = (numbers as unknown) instanceof BigInt64Array || (numbers as unknown) instanceof BigUint64Array;
      const isHalf = DataType.isFloat(type) && type.precision === Precision.HALF;
      for (const [row, value] of values.entries()) {
        if (value === undefined) continue;
        if (isWide) numbers[row] = value;
        else numbers[row] = isHalf ? numberToHalf(value as number) : Number(value);
      }
      return numbers as unknown as ArrayBufferView;
    }
  }
}

/** Writes an integer little-endian, in two's complement of `count` 32-bit words. */
function writeWords(words: Uint32Array, row: number, count: number, value: bigint): void {
  let left = value;
  for (let word = 0; word < count; word += 1) {
    words[row * count + word] = Number(left & 0xffff_ffffn);
    left >>= 32n;
  }
}

/** The bits of a number as a half-precision float (IEEE 754 binary16), if one is exactly it. */
export function numberToHalf(value: number): number | undefined {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(size)) return 0x7e00;
  if (size === Infinity) return sign | 0x7c00;
  const exponent = Math.max(-14, Math.floor(Math.log2(size)));
  const fraction = size / 2 ** exponent; // in units of the leading bit; below 1 where the number is subnormal
  const steps = fraction * 1024;
  if (!Number.isInteger(steps) || exponent > 15) return undefined;
  return sign | (steps < 1024 ? steps : ((exponent + 15) << 10) | (steps - 1024));
}

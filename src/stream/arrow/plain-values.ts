import { type Data, type DataType, Type } from "apache-arrow";
import { HfStreamError } from "../../errors.ts";
import { halfToNumber, readDecimal } from "../../parquet/predicate/domain.ts";
import { formatDecimal } from "./value-text.ts";

/** Reads one value of a column. */
export type Getter = (row: number) => unknown;

/** Types whose values are read as they are. */
export function plainGetter(data: Data, column: string): Getter {
  const { type } = data;
  switch (type.typeId) {
    case Type.Null:
      return () => null;
    case Type.Bool: {
      const bits = data.values as Uint8Array;
      return (row) => ((bits[(row + data.offset) >> 3] as number) & (1 << ((row + data.offset) & 7))) !== 0;
    }
    case Type.Utf8:
    case Type.LargeUtf8:
      return textGetter(data);
    case Type.Binary:
    case Type.LargeBinary:
      return bytesGetter(data);
    case Type.FixedSizeBinary: {
      const bytes = data.values as Uint8Array;
      const width = (type as DataType & { byteWidth: number }).byteWidth;
      return (row) => bytes.subarray(row * width, (row + 1) * width);
    }
    case Type.Decimal:
      return decimalGetter(data);
    case Type.Float: {
      const values = data.values as Float64Array;
      return data.values instanceof Uint16Array ? (row) => halfToNumber(values[row] as number) : (row) => values[row];
    }
    case Type.Int: {
      const values = data.values as Int32Array;
      return (row) => values[row];
    }
    default:
      throw new HfStreamError(
        "UNSUPPORTED_FORMAT",
        `Column ${column} is ${String(type)}, which cannot be read as rows.`,
      );
  }
}

export function textGetter(data: Data): (row: number) => string {
  const { buffer, byteOffset, length } = data.values as Uint8Array;
  const text = Buffer.from(buffer, byteOffset, length); // one for all rows: a view for each costs more than the string
  const offsets = data.valueOffsets as Int32Array | BigInt64Array;
  if (offsets instanceof BigInt64Array)
    return (row) => text.toString("utf8", Number(offsets[row]), Number(offsets[row + 1]));
  return (row) => text.toString("utf8", offsets[row], offsets[row + 1]);
}

function bytesGetter(data: Data): (row: number) => Uint8Array {
  const bytes = data.values as Uint8Array;
  const offsets = data.valueOffsets as Int32Array | BigInt64Array;
  if (offsets instanceof BigInt64Array) return (row) => bytes.subarray(Number(offsets[row]), Number(offsets[row + 1]));
  return (row) => bytes.subarray(offsets[row], offsets[row + 1]);
}

function decimalGetter(data: Data): Getter {
  const { scale, bitWidth } = data.type as DataType & { scale: number; bitWidth: number };
  const words = data.values as Uint32Array;
  return (row) => formatDecimal(readDecimal(words, row, bitWidth / 32), scale);
}

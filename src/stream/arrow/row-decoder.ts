import { type Data, DataType, type RecordBatch, Type } from "apache-arrow";
import { HfStreamError } from "../../errors.ts";
import { halfToNumber, isValid, readDecimal } from "../../parquet/predicate/domain.ts";

/** How values that JavaScript has no type for are given. */
export interface RowOptions {
  /** 64-bit integers as numbers, which throws where one is not exact, or always as bigints. */
  readonly int64: "number" | "bigint";
  /** Dates and timestamps as `Date`, or as the raw integer of the column's unit. */
  readonly temporal: "date" | "bigint";
}

/** Reads one value of a column. */
type Getter = (row: number) => unknown;

/** Makes row objects of one batch. */
export type RowReader = (row: number) => Record<string, unknown>;

type RowFactory = (getters: readonly Getter[]) => RowReader;

/** A column of the rows: what they call it, and what the file calls it. */
export interface RowColumn {
  readonly name: string;
  readonly source: string;
}

/**
 * Decodes rows by code that is made once per schema and reads the Arrow buffers: no proxies, no look-ups by name. A
 * column that a batch lacks is null.
 */
export class RowDecoder {
  readonly #columns: readonly RowColumn[];
  readonly #options: RowOptions;
  readonly #factory: RowFactory;
  readonly #structs = new Map<string, RowFactory>();

  constructor(columns: readonly RowColumn[], options: RowOptions) {
    this.#columns = columns;
    this.#options = options;
    this.#factory = compileFactory(columns.map(({ name }) => name));
  }

  /** Prepares a batch: the result gives its rows. Values may share the batch's memory. */
  reader(batch: RecordBatch): RowReader {
    const positions = new Map(batch.schema.fields.map(({ name }, index) => [name, index]));
    const getters = this.#columns.map(({ name, source }): Getter => {
      const data = batch.data.children[positions.get(source) ?? -1];
      return data === undefined ? () => null : this.#getter(data, name);
    });
    return this.#factory(getters);
  }

  #getter(data: Data, column: string): Getter {
    const read = this.#valueGetter(data, column);
    if (data.nullCount === 0 || data.typeId === Type.Null) return read;
    return (row) => (isValid(data, row) ? read(row) : null);
  }

  #valueGetter(data: Data, column: string): Getter {
    const { type } = data;
    if (DataType.isInt(type) && type.bitWidth === 64) return this.#wideGetter(data, column);
    if (DataType.isTime(type)) return this.#timeGetter(data, column);
    if (DataType.isDuration(type)) return this.#wideGetter(data, column);
    if (DataType.isTimestamp(type) || DataType.isDate(type)) return this.#instantGetter(data, column);
    if (DataType.isList(type) || DataType.isFixedSizeList(type) || DataType.isLargeList(type))
      return this.#listGetter(data, column);
    if (DataType.isStruct(type)) return this.#structGetter(data, column);
    if (DataType.isMap(type)) return this.#mapGetter(data, column);
    if (DataType.isDictionary(type)) return this.#dictionaryGetter(data, column);
    return plainGetter(data, column);
  }

  /** 64-bit integers. As numbers they are put together from their halves, which makes no bigint. */
  #wideGetter(data: Data, column: string): Getter {
    const wide = data.values as BigInt64Array | BigUint64Array;
    if (this.#options.int64 === "bigint") return (row) => wide[row];
    const isSigned = wide instanceof BigInt64Array;
    const low = new Uint32Array(wide.buffer, wide.byteOffset, wide.length * 2);
    const high = isSigned ? new Int32Array(wide.buffer, wide.byteOffset, wide.length * 2) : low;
    return (row) => {
      const value = (high[row * 2 + 1] as number) * 4294967296 + (low[row * 2] as number);
      if (Number.isSafeInteger(value)) return value;
      throw unsafe(column, wide[row] as bigint, "int64");
    };
  }

  /** Times of day: by the option whatever their width, so that the unit does not decide the kind of value. */
  #timeGetter(data: Data, column: string): Getter {
    const raw = data.values as Int32Array | BigInt64Array;
    if (raw instanceof BigInt64Array) return this.#wideGetter(data, column);
    return this.#options.int64 === "bigint" ? (row) => BigInt(raw[row] as number) : (row) => raw[row];
  }

  #instantGetter(data: Data, column: string): Getter {
    const { type } = data;
    const raw = data.values as Int32Array | BigInt64Array;
    if (this.#options.temporal === "bigint") return (row) => BigInt(raw[row] as number | bigint);
    if (raw instanceof Int32Array) return (row) => new Date((raw[row] as number) * 86_400_000);
    const unit = DataType.isTimestamp(type) ? type.unit : 1;
    return (row) => {
      const value = raw[row] as bigint;
      const date = new Date(toMilliseconds(value, unit));
      if (Number.isNaN(date.getTime())) throw unsafe(column, value, "temporal");
      return date;
    };
  }

  #listGetter(data: Data, column: string): Getter {
    const { type } = data;
    const get = this.#childGetter(data, column);
    const offsets = data.valueOffsets as Int32Array | BigInt64Array;
    const stride = DataType.isFixedSizeList(type) ? type.listSize : 0;
    const at = stride > 0 ? (row: number) => (row + data.offset) * stride : (row: number) => Number(offsets[row]);
    return (row) => {
      const start = at(row);
      const end = at(row + 1);
      const items: unknown[] = [];
      for (let item = start; item < end; item += 1) items.push(get(item));
      return items;
    };
  }

  #structGetter(data: Data, column: string): Getter {
    const names = data.type.children.map(({ name }) => name);
    const key = JSON.stringify(names);
    const factory = this.#structs.get(key) ?? compileFactory(names);
    this.#structs.set(key, factory);
    return factory(data.children.map((child, index) => this.#getter(child, `${column}.${names[index]}`)));
  }

  #mapGetter(data: Data, column: string): Getter {
    const [entries] = data.children;
    const [key, value] = (entries?.children ?? []).map((child) => this.#getter(child, column));
    const offsets = data.valueOffsets as Int32Array;
    return (row) => {
      const pairs: [unknown, unknown][] = [];
      for (let entry = offsets[row] as number; entry < (offsets[row + 1] as number); entry += 1)
        pairs.push([key?.(entry), value?.(entry)]);
      return pairs;
    };
  }

  #dictionaryGetter(data: Data, column: string): Getter {
    const indexes = data.values as Int32Array | BigInt64Array;
    const chunks = data.dictionary?.data ?? [];
    const getters = chunks.flatMap((chunk) => {
      const get = this.#getter(chunk, column);
      return Array.from({ length: chunk.length }, (_, index) => () => get(index));
    });
    return (row) => getters[Number(indexes[row])]?.();
  }

  #childGetter(data: Data, column: string): Getter {
    const [child] = data.children;
    return child === undefined ? () => null : this.#getter(child, `${column}[]`);
  }
}

/** Types whose values are read as they are. */
function plainGetter(data: Data, column: string): Getter {
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

function textGetter(data: Data): (row: number) => string {
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

/** Writes an unscaled integer with its decimal point, every digit kept. */
export function formatDecimal(unscaled: bigint, scale: number): string {
  if (scale <= 0) return `${unscaled * 10n ** BigInt(-scale)}`;
  const digits = `${unscaled < 0n ? -unscaled : unscaled}`.padStart(scale + 1, "0");
  return `${unscaled < 0n ? "-" : ""}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

const PER_SECOND = [1n, 1000n, 1_000_000n, 1_000_000_000n] as const;

/** NaN where milliseconds cannot hold it. */
function toMilliseconds(value: bigint, unit: number): number {
  if (unit === 0) return Number(value) * 1000;
  const perMs = (PER_SECOND[unit] ?? 1000n) / 1000n;
  return value % perMs === 0n ? Number(value / perMs) : NaN;
}

function unsafe(column: string, value: bigint, option: "int64" | "temporal"): HfStreamError {
  const [what, way] =
    option === "int64"
      ? ["a number cannot hold exactly", "int64: 'bigint'"]
      : ["a Date cannot hold", "temporal: 'bigint'"];
  return new HfStreamError(
    "UNSAFE_INTEGER",
    `Column ${column} holds ${value}, which ${what}. Set the option \`${way}\`.`,
  );
}

/** Compiles the object literal of a row. `__proto__` is written computed, so that it is a property like others. */
function compileFactory(names: readonly string[]): RowFactory {
  const properties = names.map((name, index) => {
    const key = JSON.stringify(name);
    return `${name === "__proto__" ? `[${key}]` : key}: g${index}(row)`;
  });
  const getters = names.map((_, index) => `g${index}`);
  // oxlint-disable-next-line no-new-func, typescript/no-implied-eval -- names are the only input, and they are quoted
  return new Function(
    "getters",
    `const [${getters.join(",")}] = getters; return (row) => ({ ${properties.join(", ")} });`,
  ) as RowFactory;
}

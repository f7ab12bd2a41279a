import { type Data, DataType, DateUnit, type RecordBatch, TimeUnit, Type } from "apache-arrow";
import { HfStreamError } from "../../errors.ts";
import { option, say } from "../../message.ts";
import { isValid } from "../../parquet/predicate/domain.ts";
import type { ColumnForm } from "./cast/column-form.ts";
import { parseJson } from "./json-value.ts";
import { type Getter, plainGetter, textGetter } from "./plain-values.ts";
import { compileFactory, type RowFactory, type RowReader } from "./row-factory.ts";
import { dayText, floorDivide, instantText, perSecond } from "./value-text.ts";

/** How values that JavaScript has no type for are given. */
export interface RowOptions {
  /**
   * 64-bit integers: `auto` gives a number where it is exact, else a bigint, value by value; `number` throws
   * `UNSAFE_INTEGER` where it is not exact; `bigint` always gives bigints. @default "auto"
   */
  readonly int64: "auto" | "number" | "bigint";
  /**
   * Dates and timestamps: `date` gives a `Date`, rounded down to the millisecond; `bigint` the raw integer of the column's
   * unit; `string` ISO 8601 with all digits. INT96, which has no unit, is in nanoseconds, or in microseconds in a batch
   * of which nanoseconds cannot hold all. @default "date"
   */
  readonly temporal: "date" | "bigint" | "string";
}

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
  readonly #forms: ReadonlyMap<string, ColumnForm>;
  readonly #options: RowOptions;
  readonly #factory: RowFactory;
  readonly #structs = new Map<string, RowFactory>();

  /** `forms` tells of the columns of the files what their types do not. */
  constructor(
    columns: readonly RowColumn[],
    options: RowOptions,
    forms: ReadonlyMap<string, ColumnForm> = new Map<string, ColumnForm>(),
  ) {
    this.#columns = columns;
    this.#forms = forms;
    this.#options = options;
    this.#factory = compileFactory(columns.map(({ name }) => name));
  }

  /** Prepares a batch: the result gives its rows. Values may share the batch's memory. */
  reader(batch: RecordBatch): RowReader {
    const positions = new Map(batch.schema.fields.map(({ name }, index) => [name, index]));
    const getters = this.#columns.map(({ name, source }): Getter => {
      const data = batch.data.children[positions.get(source) ?? -1];
      return data === undefined ? () => null : this.#getter(data, name, this.#forms.get(source));
    });
    return this.#factory(getters);
  }

  #getter(data: Data, column: string, form: ColumnForm | undefined): Getter {
    const read = this.#valueGetter(data, column, form);
    if (data.nullCount === 0 || data.typeId === Type.Null) return read;
    return (row) => (isValid(data, row) ? read(row) : null);
  }

  #valueGetter(data: Data, column: string, form: ColumnForm | undefined): Getter {
    const { type } = data;
    if (form?.isJson === true && DataType.isUtf8(type)) return this.#jsonGetter(data, column);
    if (DataType.isInt(type) && type.bitWidth === 64) return this.#wideGetter(data, column);
    if (DataType.isTime(type)) return this.#timeGetter(data, column);
    if (DataType.isDuration(type)) return this.#wideGetter(data, column);
    if (DataType.isTimestamp(type) || DataType.isDate(type)) return this.#instantGetter(data, column);
    if (DataType.isList(type) || DataType.isFixedSizeList(type) || DataType.isLargeList(type))
      return this.#listGetter(data, column, form);
    if (DataType.isStruct(type)) return this.#structGetter(data, column, form);
    if (DataType.isMap(type)) return this.#mapGetter(data, column, form);
    if (DataType.isDictionary(type)) return this.#dictionaryGetter(data, column, form);
    return plainGetter(data, column);
  }

  /** 64-bit integers. As numbers they are put together from their halves, which makes no bigint. */
  #wideGetter(data: Data, column: string): Getter {
    const wide = data.values as BigInt64Array | BigUint64Array;
    const { int64 } = this.#options;
    if (int64 === "bigint") return (row) => wide[row];
    const isSigned = wide instanceof BigInt64Array;
    const low = new Uint32Array(wide.buffer, wide.byteOffset, wide.length * 2);
    const high = isSigned ? new Int32Array(wide.buffer, wide.byteOffset, wide.length * 2) : low;
    return (row) => {
      const value = (high[row * 2 + 1] as number) * 4294967296 + (low[row * 2] as number);
      return Number.isSafeInteger(value) ? value : this.#large(column, wide[row] as bigint);
    };
  }

  /** An integer that a number cannot hold. */
  #large(column: string, value: bigint): bigint {
    if (this.#options.int64 !== "number") return value;
    throw new HfStreamError(
      "UNSAFE_INTEGER",
      `Column ${column} holds ${value}, which a number cannot hold exactly. Leave out \`int64: 'number'\`, or set \`int64: 'bigint'\`.`,
    );
  }

  #jsonGetter(data: Data, column: string): Getter {
    const text = textGetter(data);
    return (row) => {
      try {
        return parseJson(text(row), (value) => this.#large(column, value));
      } catch (cause) {
        if (!(cause instanceof SyntaxError)) throw cause;
        throw new HfStreamError(
          "SCHEMA_MISMATCH",
          say`Column ${column} is declared as JSON and holds a text that is none: ${cause.message}. Declare it as a string with ${option("features")}.`,
          { cause },
        );
      }
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
    const { temporal } = this.#options;
    if (temporal === "bigint") return (row) => BigInt(raw[row] as number | bigint);
    if (temporal === "string") {
      const write = instantWriter(type);
      return (row) => write(BigInt(raw[row] as number | bigint)) ?? tooFar(column, raw[row] as bigint);
    }
    if (raw instanceof Int32Array) return (row) => new Date((raw[row] as number) * 86_400_000);
    const unit = DataType.isTimestamp(type) ? type.unit : TimeUnit.MILLISECOND;
    return (row) => {
      const value = raw[row] as bigint;
      const date = new Date(toMilliseconds(value, unit));
      return Number.isNaN(date.getTime()) ? tooFar(column, value) : date;
    };
  }

  #listGetter(data: Data, column: string, form: ColumnForm | undefined): Getter {
    const { type } = data;
    const [child] = data.children;
    const get = child === undefined ? () => null : this.#getter(child, `${column}[]`, form?.children[0]);
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

  #structGetter(data: Data, column: string, form: ColumnForm | undefined): Getter {
    const names = data.type.children.map(({ name }) => name);
    const key = JSON.stringify(names);
    const factory = this.#structs.get(key) ?? compileFactory(names);
    this.#structs.set(key, factory);
    return factory(
      data.children.map((child, index) => this.#getter(child, `${column}.${names[index]}`, form?.children[index])),
    );
  }

  #mapGetter(data: Data, column: string, form: ColumnForm | undefined): Getter {
    const [entries] = data.children;
    const [key, value] = (entries?.children ?? []).map((child, index) =>
      this.#getter(child, column, form?.children[0]?.children[index]),
    );
    const offsets = data.valueOffsets as Int32Array;
    return (row) => {
      const pairs: [unknown, unknown][] = [];
      for (let entry = offsets[row] as number; entry < (offsets[row + 1] as number); entry += 1)
        pairs.push([key?.(entry), value?.(entry)]);
      return pairs;
    };
  }

  #dictionaryGetter(data: Data, column: string, form: ColumnForm | undefined): Getter {
    const indexes = data.values as Int32Array | BigInt64Array;
    const chunks = data.dictionary?.data ?? [];
    const getters = chunks.flatMap((chunk) => {
      const get = this.#getter(chunk, column, form);
      return Array.from({ length: chunk.length }, (_, index) => () => get(index));
    });
    return (row) => getters[Number(indexes[row])]?.();
  }
}

/** Rounded down. */
function toMilliseconds(value: bigint, unit: TimeUnit): number {
  if (unit === TimeUnit.SECOND) return Number(value) * 1000;
  return Number(unit === TimeUnit.MILLISECOND ? value : floorDivide(value, perSecond(unit) / 1000n));
}

/** Writes instants in ISO 8601, those of a column with a zone in UTC; `undefined` for a year that no `Date` holds. */
function instantWriter(type: DataType): (value: bigint) => string | undefined {
  if (!DataType.isTimestamp(type)) {
    const perDay = DataType.isDate(type) && type.unit === DateUnit.MILLISECOND ? 86_400_000n : 1n;
    return (value) => dayText(Number(floorDivide(value, perDay)));
  }
  const zone = (type.timezone ?? "") === "" ? "" : "Z";
  return (value) => {
    const text = instantText(value, type.unit, "T");
    return text === undefined ? undefined : text + zone;
  };
}

function tooFar(column: string, value: bigint): never {
  throw new HfStreamError(
    "UNSAFE_INTEGER",
    say`Column ${column} holds ${`${value}`}, in a year that no Date can hold. Set ${option("temporal", "bigint")}.`,
  );
}

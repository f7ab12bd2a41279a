import { type Data, DataType, makeData, RecordBatch, type Struct, Type } from "apache-arrow";
import { HfStreamError } from "../../errors.ts";
import { isValid } from "../../parquet/predicate/domain.ts";

/** Rows `[start, end)` of an Arrow column. */
export interface Run {
  readonly data: Data;
  readonly start: number;
  readonly end: number;
}

/** One row of a batch, as a batch of its own that holds nothing else. */
export function batchOfRow(batch: RecordBatch, row: number): RecordBatch {
  const runs = [{ data: batch.data as Data, start: row, end: row + 1 }];
  return new RecordBatch(batch.schema, gatherColumn(batch.data.type, runs) as Data<Struct>);
}

type TypedArray = Uint8Array | Int32Array | BigInt64Array;

/** Makes one Arrow column of runs of others of the same type, copying just those rows. */
export function gatherColumn(type: DataType, runs: readonly Run[]): Data {
  const length = runs.reduce((sum, { start, end }) => sum + end - start, 0);
  if (DataType.isNull(type)) return makeData({ type, length }); // no bitmap: all are null
  const { nullCount, nullBitmap } = gatherNulls(runs, length);
  const common = { type, length, nullCount, nullBitmap };
  switch (type.typeId) {
    case Type.Bool:
      return makeData({ ...common, data: gatherBits(runs, length) } as never);
    case Type.Utf8:
    case Type.Binary:
    case Type.LargeUtf8:
    case Type.LargeBinary: {
      const { valueOffsets, children } = gatherOffsets(runs, length);
      const data = gatherValues(children, 1);
      return makeData({ ...common, valueOffsets, data } as never);
    }
    case Type.List:
    case Type.LargeList:
    case Type.Map: {
      const { valueOffsets, children } = gatherOffsets(runs, length);
      return makeData({ ...common, valueOffsets, child: gatherChild(type, children, 0) } as never);
    }
    case Type.FixedSizeList: {
      const size = (type as DataType & { listSize: number }).listSize;
      const children = runs.map(({ data, start, end }) => ({
        data,
        start: (start + data.offset) * size,
        end: (end + data.offset) * size,
      }));
      return makeData({ ...common, child: gatherChild(type, children, 0) } as never);
    }
    case Type.Struct: {
      const children = type.children.map((_, index) => gatherChild(type, runs, index));
      return makeData({ ...common, children } as never);
    }
    case Type.Dictionary:
    case Type.Union:
      throw new HfStreamError("UNSUPPORTED_FORMAT", `Columns of type ${String(type)} cannot be cut into batches.`);
    default:
      return makeData({ ...common, data: gatherValues(runs, strideOf(type)) } as never);
  }
}

function gatherChild(type: DataType, runs: readonly Run[], index: number): Data {
  const field = type.children[index];
  if (field === undefined) throw new RangeError(`${String(type)} has no child ${index}`);
  return gatherColumn(
    field.type as DataType,
    runs.map(({ data, start, end }) => ({ data: data.children[index] as Data, start, end })),
  );
}

function gatherNulls(runs: readonly Run[], length: number): { nullCount: number; nullBitmap: Uint8Array | null } {
  if (runs.every(({ data }) => data.nullCount === 0)) return { nullCount: 0, nullBitmap: null };
  const nullBitmap = new Uint8Array(Math.ceil(length / 8));
  let nullCount = 0;
  let at = 0;
  for (const { data, start, end } of runs) {
    for (let row = start; row < end; row += 1, at += 1) {
      if (isValid(data, row)) nullBitmap[at >> 3] = (nullBitmap[at >> 3] as number) | (1 << (at & 7));
      else nullCount += 1;
    }
  }
  return { nullCount, nullBitmap };
}

function gatherBits(runs: readonly Run[], length: number): Uint8Array {
  const bits = new Uint8Array(Math.ceil(length / 8));
  let at = 0;
  for (const { data, start, end } of runs) {
    const values = data.values as Uint8Array;
    for (let row = start + data.offset; row < end + data.offset; row += 1, at += 1) {
      if (((values[row >> 3] as number) & (1 << (row & 7))) !== 0)
        bits[at >> 3] = (bits[at >> 3] as number) | (1 << (at & 7));
    }
  }
  return bits;
}

/** Offsets counted anew from 0, and the runs of the values that they point at. */
function gatherOffsets(runs: readonly Run[], length: number): { valueOffsets: Int32Array; children: Run[] } {
  const valueOffsets = new Int32Array(length + 1);
  let at = 0;
  let total = 0;
  const children = runs.map(({ data, start, end }) => {
    const offsets = data.valueOffsets as Int32Array | BigInt64Array;
    const from = Number(offsets[start]);
    for (let row = start; row < end; row += 1) {
      at += 1;
      valueOffsets[at] = total + Number(offsets[row + 1]) - from;
    }
    const to = Number(offsets[end]);
    total += to - from;
    return { data, start: from, end: to };
  });
  if (total > 0x7fffffff)
    throw new HfStreamError(
      "INVALID_OPTION",
      "batches({ batchSize }): a batch would hold more than 2 GiB in one column, choose a smaller size.",
    );
  return { valueOffsets, children };
}

function gatherValues(runs: readonly Run[], stride: number): TypedArray {
  const total = runs.reduce((sum, { start, end }) => sum + end - start, 0) * stride;
  const sample = runs[0]?.data.values as TypedArray | undefined;
  const Values = (sample?.constructor ?? Uint8Array) as Uint8ArrayConstructor;
  const values = new Values(total);
  let at = 0;
  for (const { data, start, end } of runs) {
    const part = (data.values as Uint8Array).subarray(start * stride, end * stride);
    values.set(part, at);
    at += part.length;
  }
  return values;
}

/** Elements of the values array that make one value. */
export function strideOf(type: DataType): number {
  if (DataType.isFixedSizeBinary(type)) return type.byteWidth;
  if (DataType.isDecimal(type)) return type.bitWidth / 32;
  return DataType.isInterval(type) ? 2 : 1;
}

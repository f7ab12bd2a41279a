import {
  type Data,
  type DataType,
  type Field,
  FixedSizeBinary,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  tableFromIPC,
} from "apache-arrow";
import { HfStreamError } from "../../errors.ts";
import { releaseMemory } from "../../memory.ts";
import { isInt96 } from "../footer/arrow-schema.ts";
import { MIN_POOLED_BYTES } from "./buffer-pool.ts";
import { buffersOf, type ColumnData, type DecodedBatch } from "./column-data.ts";
import { convertInt96, hasInt96 } from "./int96.ts";

/**
 * Makes a record batch, which shares the bytes. `schema`: of columns that are given by their buffers. A column of INT96 is
 * of microseconds in a batch whose values need it.
 */
export function toBatch(decoded: DecodedBatch, schema: Schema): RecordBatch {
  const batch = "columns" in decoded ? fromColumns(decoded, schema) : fromIpc(decoded.ipc);
  if (!schema.fields.some(hasInt96)) return batch;
  const columns = batch.data.children.map((data, index) =>
    convertInt96({ field: batch.schema.fields[index] as Field, data }, schema.fields[index] as Field),
  );
  return batchOf(
    new Schema(columns.map(({ field }) => field)),
    batch.numRows,
    columns.map(({ data }) => data),
  );
}

function fromColumns({ rows, columns }: { rows: number; columns: readonly ColumnData[] }, schema: Schema): RecordBatch {
  const children = columns.map((column, index) => toData(column, schema.fields[index] as Field));
  return batchOf(schema, rows, children);
}

function batchOf(schema: Schema, length: number, children: Data[]): RecordBatch {
  return new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length, nullCount: 0, children }));
}

function fromIpc(ipc: Uint8Array): RecordBatch {
  const [batch] = tableFromIPC(ipc).batches;
  if (batch === undefined) throw new HfStreamError("WORKER_FAILED", "The decoder gave a batch that cannot be read.");
  return batch;
}

/** What gives the memory of a batch back: its buffers for use again, those that are worth it. */
export function freeing(decoded: DecodedBatch, giveBack: (buffers: readonly ArrayBuffer[]) => void): () => void {
  if ("ipc" in decoded) return () => releaseMemory(decoded.ipc);
  return () => {
    const worthwhile = buffersOf(decoded).filter(({ byteLength }) => byteLength >= MIN_POOLED_BYTES);
    if (worthwhile.length > 0) giveBack(worthwhile);
  };
}

function toData({ rows, nullCount, validity, offsets, values, children }: ColumnData, field: Field): Data {
  const type = isInt96(field) ? STORED_INT96 : (field.type as DataType);
  const common = { type, length: rows, nullCount, nullBitmap: validity ?? null };
  const fieldsBelow = (type.children as readonly Field[] | null) ?? [];
  const below = children?.map((child, index) => toData(child, fieldsBelow[index] as Field));
  if (below !== undefined && offsets === undefined) return makeData({ ...common, children: below } as never);
  if (below !== undefined) return makeData({ ...common, valueOffsets: offsets, child: below[0] } as never);
  if (offsets !== undefined) return makeData({ ...common, valueOffsets: offsets, data: values } as never);
  const Values = type.ArrayType as unknown as Int32ArrayConstructor;
  const { buffer, byteOffset = 0, byteLength = 0 } = values ?? {};
  return makeData({
    ...common,
    data: new Values(buffer as ArrayBuffer, byteOffset, byteLength / Values.BYTES_PER_ELEMENT),
  } as never);
}

const STORED_INT96 = new FixedSizeBinary(12);

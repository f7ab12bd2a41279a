import { type Data, type DataType, makeData, RecordBatch, type Schema, Struct, tableFromIPC } from "apache-arrow";
import { HfStreamError } from "../../errors.ts";
import { releaseMemory } from "../../memory.ts";
import { MIN_POOLED_BYTES } from "./buffer-pool.ts";
import { buffersOf, type ColumnData, type DecodedBatch } from "./column-data.ts";

/** Makes a record batch, which shares the bytes. `schema`: of columns that are given by their buffers. */
export function toBatch(decoded: DecodedBatch, schema: Schema): RecordBatch {
  if ("columns" in decoded) {
    const children = decoded.columns.map((column, index) => toData(column, schema.fields[index]?.type as DataType));
    const length = decoded.columns[0]?.rows ?? 0;
    return new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length, nullCount: 0, children }));
  }
  const [batch] = tableFromIPC(decoded.ipc).batches;
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

function toData({ rows, nullCount, validity, offsets, values, children }: ColumnData, type: DataType): Data {
  const common = { type, length: rows, nullCount, nullBitmap: validity ?? null };
  const typesBelow = (type.children as DataType["children"] | null)?.map((field) => field.type as DataType) ?? [];
  const below = children?.map((child, index) => toData(child, typesBelow[index] as DataType));
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

import { type Data, DataType, type RecordBatch } from "apache-arrow";

/** An `ArrayBuffer` of Node 22 or later, which can be given back before the garbage collector comes. */
type Transferable = ArrayBuffer & { transfer?(length: number): ArrayBuffer };

/** Below this the call costs more than it saves. */
const WORTHWHILE_BYTES = 64 * 1024;

/**
 * Gives the memory of a batch back at once: hundreds of megabytes a second that wait for the garbage collector make it
 * come often. Does nothing where rows share the memory, which those with binary values do.
 */
export function freeBatch({ data }: RecordBatch): void {
  if (!sharesMemory(data.type)) freeData(data);
}

/** Whether values of rows are views of the batch. */
function sharesMemory(type: DataType): boolean {
  if (DataType.isBinary(type) || DataType.isLargeBinary(type) || DataType.isFixedSizeBinary(type)) return true;
  if (DataType.isDictionary(type)) return true; // its values belong to other batches too
  return ((type.children as DataType["children"] | null) ?? []).some((field) => sharesMemory(field.type as DataType));
}

function freeData({ values, valueOffsets, nullBitmap, children }: Data): void {
  for (const view of [values, valueOffsets, nullBitmap] as (ArrayBufferView | null | undefined)[]) {
    const buffer = view?.buffer as Transferable | undefined;
    if (buffer !== undefined && buffer.byteLength >= WORTHWHILE_BYTES) buffer.transfer?.(0);
  }
  for (const child of children) freeData(child);
}

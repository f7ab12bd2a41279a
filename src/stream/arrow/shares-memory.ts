import { DataType } from "apache-arrow";

/** Whether values of rows are views of their batch, so that its memory belongs to whoever has a row. */
export function sharesMemory(type: DataType): boolean {
  if (DataType.isBinary(type) || DataType.isLargeBinary(type) || DataType.isFixedSizeBinary(type)) return true;
  if (DataType.isDictionary(type)) return true; // its values belong to other batches too
  return ((type.children as DataType["children"] | null) ?? []).some((field) => sharesMemory(field.type as DataType));
}

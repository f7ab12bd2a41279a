import { DataType, type Field, type Schema, Type } from "apache-arrow";
import { HfStreamError } from "../../errors.ts";
import type { OpenFile } from "../../formats/types.ts";

/**
 * Compares a file's columns with those of the first file: a missing column is null, numbers may be of another width; a
 * column more, or one of another kind, is `SCHEMA_MISMATCH`, naming file and column.
 */
export function findMismatch(
  file: OpenFile,
  schema: Schema,
  columns: readonly string[] | undefined,
): HfStreamError | undefined {
  const expected = new Map(schema.fields.map((field) => [field.name, field]));
  for (const field of file.schema.fields) {
    if (columns !== undefined && !columns.includes(field.name)) continue;
    const first = expected.get(field.name);
    if (first !== undefined && sameKind(first.type, field.type)) continue;
    const how =
      first === undefined
        ? "which the first file does not have"
        : `of type ${String(field.type)}, which is ${String(first.type)} in the first file`;
    return new HfStreamError(
      "SCHEMA_MISMATCH",
      `${file.path} has a column '${field.name}' ${how}. Choose the columns to read with \`columns\`, or the files with \`dataFiles\`.`,
      { path: file.path },
    );
  }
  return undefined;
}

/** Whether rows hold the same kind of value for both types. */
export function sameKind(a: DataType, b: DataType): boolean {
  if (a.typeId === Type.Null || b.typeId === Type.Null) return true;
  const [kindA, kindB] = [kindOf(a), kindOf(b)];
  if (kindA !== kindB) return false;
  if (DataType.isTimestamp(a) && DataType.isTimestamp(b)) return a.unit === b.unit;
  const [childrenA, childrenB] = [childrenOf(a), childrenOf(b)];
  if (kindA !== "struct")
    return childrenA.every((child, index) => sameKind(child.type, (childrenB[index] as Field).type));
  const byName = new Map(childrenB.map((child) => [child.name, child]));
  return (
    childrenA.length === childrenB.length &&
    childrenA.every(({ name, type }) => byName.has(name) && sameKind(type, (byName.get(name) as Field).type))
  );
}

function childrenOf(type: DataType): readonly Field[] {
  return (type.children as readonly Field[] | null | undefined) ?? [];
}

function kindOf(type: DataType): string {
  if (DataType.isInt(type) || DataType.isFloat(type)) return "number";
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type)) return "string";
  if (DataType.isBinary(type) || DataType.isLargeBinary(type) || DataType.isFixedSizeBinary(type)) return "binary";
  if (DataType.isList(type) || DataType.isLargeList(type) || DataType.isFixedSizeList(type)) return "list";
  if (DataType.isStruct(type)) return "struct";
  return `${type.typeId}`;
}

import { DataType, type Field, Type } from "apache-arrow";

/** Whether columns hold the same kind of thing, so that it makes sense to join them: widths, units and fields may differ. */
export function sameKind(a: DataType, b: DataType): boolean {
  if (a.typeId === Type.Null || b.typeId === Type.Null) return true;
  const [kindA, kindB] = [kindOf(a), kindOf(b)];
  if (kindA !== kindB) return false;
  const childrenB = childrenOf(b);
  if (kindA !== "struct")
    return childrenOf(a).every((child, index) => sameKind(child.type, (childrenB[index] as Field).type));
  const byName = new Map(childrenB.map((child) => [child.name, child]));
  return childrenOf(a).every(({ name, type }) => {
    const other = byName.get(name);
    return other === undefined || sameKind(type, other.type);
  });
}

function childrenOf(type: DataType): readonly Field[] {
  return (type.children as readonly Field[] | null | undefined) ?? [];
}

function kindOf(type: DataType): string {
  if (DataType.isInt(type) || DataType.isFloat(type)) return "number";
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type)) return "bytes";
  if (DataType.isBinary(type) || DataType.isLargeBinary(type) || DataType.isFixedSizeBinary(type)) return "bytes";
  if (DataType.isList(type) || DataType.isLargeList(type) || DataType.isFixedSizeList(type)) return "list";
  if (DataType.isStruct(type)) return "struct";
  return `${type.typeId}`;
}

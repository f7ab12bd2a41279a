import { type Data, DataType, makeData, Type } from "apache-arrow";
import { strideOf } from "./gather.ts";

/** Makes an Arrow column of `length` nulls. */
export function nullColumn(type: DataType, length: number): Data {
  if (DataType.isNull(type)) return makeData({ type, length });
  const common = { type, length, nullCount: length, nullBitmap: new Uint8Array(Math.ceil(length / 8)) };
  const children = ((type.children as DataType["children"] | null) ?? []).map((field) => field.type as DataType);
  const [item] = children;
  switch (type.typeId) {
    case Type.Struct:
      return makeData({ ...common, children: children.map((child) => nullColumn(child, length)) } as never);
    case Type.List:
    case Type.Map:
      return makeData({
        ...common,
        valueOffsets: new Int32Array(length + 1),
        child: nullColumn(item as DataType, 0),
      } as never);
    case Type.FixedSizeList: {
      const { listSize } = type as DataType & { listSize: number };
      return makeData({ ...common, child: nullColumn(item as DataType, length * listSize) } as never);
    }
    case Type.Utf8:
    case Type.Binary:
      return makeData({ ...common, valueOffsets: new Int32Array(length + 1), data: new Uint8Array() } as never);
    default: {
      const Values = type.ArrayType as Uint8ArrayConstructor;
      return makeData({ ...common, data: new Values(length * strideOf(type)) } as never);
    }
  }
}

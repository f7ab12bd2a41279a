import {
  readThrift,
  type ThriftField,
  type ThriftList,
  type ThriftStruct,
  type ThriftValue,
} from "../../src/parquet/footer/thrift.ts";
import { writeThrift } from "../../src/parquet/footer/thrift-writer.ts";

/** Makes a copy of a Parquet file with another footer. */
export function editFooter(file: Uint8Array, edit: (footer: ThriftStruct) => ThriftStruct): Uint8Array<ArrayBuffer> {
  const start = footerStart(file);
  const footer = writeThrift(edit(readThrift(file.subarray(start)).struct));
  const edited = new Uint8Array(start + footer.length + 8);
  edited.set(file.subarray(0, start));
  edited.set(footer, start);
  new DataView(edited.buffer).setUint32(start + footer.length, footer.length, true);
  edited.set(file.subarray(-4), edited.length - 4);
  return edited;
}

/** Where the footer of a Parquet file begins. */
export function footerStart(file: Uint8Array): number {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  return file.length - 8 - view.getUint32(file.length - 8, true);
}

/** A copy of `struct` with fields replaced or added. */
export function withFields(struct: ThriftStruct, fields: Readonly<Record<number, ThriftField>>): ThriftStruct {
  return new Map([
    ...struct,
    ...Object.entries(fields).map(([id, field]): [number, ThriftField] => [Number(id), field]),
  ]);
}

/** A copy of `struct` in which the value of field `id` is changed. */
export function mapField(struct: ThriftStruct, id: number, change: (value: ThriftValue) => ThriftValue): ThriftStruct {
  const field = struct.get(id);
  return field === undefined ? struct : withFields(struct, { [id]: { ...field, value: change(field.value) } });
}

/** A copy of `struct` in which each struct of the list in field `id` is changed; `undefined` leaves it out. */
export function mapList(
  struct: ThriftStruct,
  id: number,
  change: (item: ThriftStruct, index: number) => ThriftStruct | undefined,
): ThriftStruct {
  return mapField(struct, id, (value) => {
    const list = value as ThriftList;
    return {
      ...list,
      values: (list.values as readonly ThriftStruct[]).map(change).filter((item) => item !== undefined),
    };
  });
}

/** A copy of a footer in which every column chunk (`ColumnChunk` of parquet.thrift) is changed. */
export function mapChunks(
  footer: ThriftStruct,
  change: (chunk: ThriftStruct, index: number) => ThriftStruct,
): ThriftStruct {
  return mapList(footer, 4, (group) => mapList(group, 1, change));
}

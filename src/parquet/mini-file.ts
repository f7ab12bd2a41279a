import {
  type ColumnChunk,
  type FileMetadata,
  PhysicalType,
  type RowGroup,
  type SchemaNode,
} from "./footer/metadata.ts";
import { readThrift, type ThriftField, type ThriftStruct, ThriftType } from "./footer/thrift.ts";
import { writeThrift } from "./footer/thrift-writer.ts";

/** Where a column chunk stands in a small file. */
export interface MiniChunk {
  /** Of its dictionary page if it has one, else of its first data page. */
  readonly offset: number;
  readonly length: number;
  /** Where its first data page is, if that is not where the chunk begins. */
  readonly data?: number | undefined;
  /** How its pages are compressed. @default as they were stored */
  readonly codec?: number | undefined;
  /** How many values its pages have; left out where nobody knows. */
  readonly values: number | undefined;
  /** Bytes that its pages become at most, headers included. */
  readonly uncompressedLength: number;
}

export interface MiniFooterOptions {
  /** Places of top-level columns, ascending. */
  readonly columns: readonly number[];
  /** By the place of the leaf. */
  readonly chunks: ReadonlyMap<number, MiniChunk>;
  readonly rows: number;
  /** Says that INT96 values are the twelve bytes that they are stored as: the decoder would make nanoseconds of them, which may overflow. */
  readonly int96AsBytes?: boolean | undefined;
}

/** Fields of `ColumnMetaData` that a decoder needs, beside those that are written anew. */
const KEPT_COLUMN_FIELDS = [1, 2, 3, 4];

/**
 * Makes the footer of a file that holds part of one row group: the schema cut down to the wanted columns, the chunks where
 * they are now, and none of what describes the whole file (statistics, indexes, `ARROW:schema`, column orders).
 */
export function makeMiniFooter(metadata: FileMetadata, rowGroup: RowGroup, options: MiniFooterOptions): Uint8Array {
  const { schema, leaves, stored } = metadata;
  const { columns, chunks, rows, int96AsBytes = false } = options;
  const asRead = int96AsBytes ? int96ToBytes : (element: ThriftStruct): ThriftStruct => element;
  const root = withFields(schema.element, [[5, ThriftType.I32, columns.length]]);
  const nodes = columns.flatMap((column) => flatten(schema.children[column] as SchemaNode)).map(asRead);
  const miniChunks = leaves.flatMap((_, index) => {
    const chunk = chunks.get(index);
    return chunk === undefined
      ? []
      : [miniChunk(asRead(readThrift((rowGroup.columns[index] as ColumnChunk).stored).struct), chunk)];
  });
  const miniGroup = structOf([
    [1, ThriftType.LIST, { elementType: ThriftType.STRUCT, values: miniChunks }],
    [2, ThriftType.I64, sizeOf(chunks)],
    [3, ThriftType.I64, rows],
  ]);
  return writeThrift(
    structOf([
      ...keptFields(stored, [1]),
      [2, ThriftType.LIST, { elementType: ThriftType.STRUCT, values: [root, ...nodes] }],
      [3, ThriftType.I64, rows],
      [4, ThriftType.LIST, { elementType: ThriftType.STRUCT, values: [miniGroup] }],
      ...keptFields(stored, [6]),
    ]),
  );
}

/** Of a schema element or a column chunk, both of which begin with the type; only an element has a length in field 2. */
function int96ToBytes(stored: ThriftStruct): ThriftStruct {
  if (stored.get(1)?.value !== PhysicalType.INT96) return stored;
  const isChunk = stored.get(2)?.type === ThriftType.LIST;
  const type = [1, ThriftType.I32, PhysicalType.FIXED_LEN_BYTE_ARRAY] as const;
  return withFields(stored, isChunk ? [type] : [type, [2, ThriftType.I32, 12]]);
}

function flatten(node: SchemaNode): ThriftStruct[] {
  return [node.element, ...node.children.flatMap(flatten)];
}

function sizeOf(chunks: ReadonlyMap<number, MiniChunk>): number {
  let size = 0;
  for (const { uncompressedLength } of chunks.values()) size += uncompressedLength;
  return size;
}

function miniChunk(stored: ThriftStruct, chunk: MiniChunk): ThriftStruct {
  const { offset, length, data, codec, values, uncompressedLength } = chunk;
  const metadata = structOf([
    ...keptFields(stored, KEPT_COLUMN_FIELDS),
    ...(codec === undefined ? [] : [[4, ThriftType.I32, codec] as const]),
    ...(values === undefined ? [] : [[5, ThriftType.I64, values] as const]),
    [6, ThriftType.I64, uncompressedLength],
    [7, ThriftType.I64, length],
    [9, ThriftType.I64, data ?? offset],
    ...(data === undefined ? [] : [[11, ThriftType.I64, offset] as const]),
  ]);
  return structOf([
    [2, ThriftType.I64, offset],
    [3, ThriftType.STRUCT, metadata],
  ]);
}

type FieldTuple = readonly [id: number, type: number, value: ThriftField["value"]];

/** Fields as they were stored; those that are absent are left out. */
function keptFields(stored: ThriftStruct, ids: readonly number[]): FieldTuple[] {
  return ids.flatMap((id): FieldTuple[] => {
    const field = stored.get(id);
    return field === undefined ? [] : [[id, field.type, field.value]];
  });
}

function structOf(fields: readonly FieldTuple[]): ThriftStruct {
  return new Map(fields.map(([id, type, value]) => [id, { type, value }]));
}

function withFields(struct: ThriftStruct, fields: readonly FieldTuple[]): ThriftStruct {
  return new Map([...struct, ...structOf(fields)]);
}

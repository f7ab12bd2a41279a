import type { ColumnChunk, FileMetadata, RowGroup, SchemaNode } from "./footer/metadata.ts";
import { type ThriftField, type ThriftStruct, ThriftType } from "./footer/thrift.ts";
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
}

export interface MiniFooterOptions {
  /** Places of top-level columns, ascending. */
  readonly columns: readonly number[];
  /** By the place of the leaf. */
  readonly chunks: ReadonlyMap<number, MiniChunk>;
  readonly rows: number;
}

/** Fields of `ColumnMetaData` that a decoder needs, beside those that are written anew. */
const KEPT_COLUMN_FIELDS = [1, 2, 3, 4, 5, 6];

/**
 * Makes the footer of a file that holds part of one row group: the schema cut down to the wanted columns, the chunks where
 * they are now, and none of what describes the whole file (statistics, indexes, `ARROW:schema`, column orders).
 */
export function makeMiniFooter(metadata: FileMetadata, rowGroup: RowGroup, options: MiniFooterOptions): Uint8Array {
  const { schema, leaves, stored } = metadata;
  const { columns, chunks, rows } = options;
  const root = withFields(schema.element, [[5, ThriftType.I32, columns.length]]);
  const nodes = columns.flatMap((column) => flatten(schema.children[column] as SchemaNode));
  const miniChunks = leaves.flatMap((_, index) => {
    const chunk = chunks.get(index);
    return chunk === undefined ? [] : [miniChunk(rowGroup.columns[index] as ColumnChunk, chunk)];
  });
  const miniGroup = structOf([
    [1, ThriftType.LIST, { elementType: ThriftType.STRUCT, values: miniChunks }],
    ...keptFields(rowGroup.stored, [2]),
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

function flatten(node: SchemaNode): ThriftStruct[] {
  return [node.element, ...node.children.flatMap(flatten)];
}

function miniChunk({ stored }: ColumnChunk, { offset, length, data, codec }: MiniChunk): ThriftStruct {
  const metadata = structOf([
    ...keptFields(stored, KEPT_COLUMN_FIELDS),
    ...(codec === undefined ? [] : [[4, ThriftType.I32, codec] as const]),
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

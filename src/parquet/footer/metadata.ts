import type { ThriftStruct } from "./thrift.ts";

/** Physical types (parquet.thrift, `Type`). */
export const PhysicalType = {
  BOOLEAN: 0,
  INT32: 1,
  INT64: 2,
  INT96: 3,
  FLOAT: 4,
  DOUBLE: 5,
  BYTE_ARRAY: 6,
  FIXED_LEN_BYTE_ARRAY: 7,
} as const;

/** What values mean beyond their physical type: logical and converted types in one (LogicalTypes.md). */
export type LogicalType =
  | { readonly kind: "string" | "date" | "list" | "map" | "float16" | "null" | "uuid" | "json" | "interval" | "other" }
  | { readonly kind: "integer"; readonly bits: 8 | 16 | 32 | 64; readonly signed: boolean }
  | { readonly kind: "decimal"; readonly precision: number; readonly scale: number }
  | { readonly kind: "time" | "timestamp"; readonly unit: "ms" | "us" | "ns"; readonly utc: boolean };

/** A node of the schema tree. */
export interface SchemaNode {
  readonly name: string;
  /** Absent on the root, where it has no meaning. */
  readonly repetition: "required" | "optional" | "repeated";
  /** One of {@link PhysicalType}; `undefined` on a group. */
  readonly physicalType: number | undefined;
  /** Bytes of a FIXED_LEN_BYTE_ARRAY. */
  readonly typeLength: number;
  readonly logicalType: LogicalType | undefined;
  readonly children: readonly SchemaNode[];
  /** Its own entry of the footer's flat list. */
  readonly element: ThriftStruct;
}

/** A leaf of the schema: what a column chunk holds. */
export interface LeafColumn {
  readonly node: SchemaNode;
  readonly path: readonly string[];
  /** The place of its top-level column in the schema. */
  readonly top: number;
  readonly maxDefinitionLevel: number;
  readonly maxRepetitionLevel: number;
  /** The outermost repeated node that it is part of, or is; `undefined` where each row has one value of it. */
  readonly list: SchemaNode | undefined;
}

/** Smallest and largest value, as stored (plain-encoded), and how many are null. */
export interface Statistics {
  readonly min: Uint8Array | undefined;
  readonly max: Uint8Array | undefined;
  readonly nullCount: number | undefined;
}

/** A place in the file. */
export interface FileRange {
  readonly offset: number;
  readonly length: number;
}

/** A column chunk: the values of one leaf in one row group. */
export interface ColumnChunk {
  /** Where its pages are, the dictionary page included. */
  readonly offset: number;
  /** Bytes to read, {@link padding} included. */
  readonly length: number;
  /** Bytes at the end that may not be of the chunk: its writer did not count all that are. */
  readonly padding: number;
  readonly uncompressedLength: number;
  readonly dictionaryPageOffset: number | undefined;
  readonly dataPageOffset: number;
  /** Nulls and empty lists counted; `undefined` where only part of the chunk is there. */
  readonly values: number | undefined;
  /** How its pages are compressed (parquet.thrift, `CompressionCodec`). */
  readonly codec: number;
  readonly encodings: readonly number[];
  readonly statistics: Statistics | undefined;
  readonly columnIndex: FileRange | undefined;
  readonly offsetIndex: FileRange | undefined;
  /** Its length is `undefined` where the writer did not say it. */
  readonly bloomFilter: { readonly offset: number; readonly length: number | undefined } | undefined;
  /** Its `ColumnMetaData`, as it stands in the footer. */
  readonly stored: Uint8Array;
}

/** A row group, of which there may be many: what is known of each at once. */
export interface RowGroupSummary {
  readonly rows: number;
  /** As stored, all columns. */
  readonly bytes: number;
  /** Decompressed, all columns. */
  readonly decodedBytes: number;
}

export interface RowGroup {
  readonly rows: number;
  /** One per leaf, in schema order. */
  readonly columns: readonly ColumnChunk[];
}

/** What a Parquet footer says. */
export interface FileMetadata {
  readonly path: string;
  readonly rows: number;
  readonly schema: SchemaNode;
  readonly leaves: readonly LeafColumn[];
  readonly rowGroups: readonly RowGroupSummary[];
  /** Decompressed bytes of each leaf, in all row groups. */
  readonly leafBytes: Float64Array;
  readonly keyValues: ReadonlyMap<string, string>;
  /** The fields of the `FileMetaData` that decoding needs, beside those above. */
  readonly stored: ThriftStruct;
  /** Reads the column chunks of a row group, which would fill the memory if all were kept. */
  readRowGroup(place: number): RowGroup;
}

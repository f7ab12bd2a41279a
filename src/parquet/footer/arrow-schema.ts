import {
  Binary,
  Bool,
  type DataType,
  DateDay,
  Decimal,
  Field,
  FixedSizeBinary,
  Float16,
  Float32,
  Float64,
  Int16,
  Int32,
  Int64,
  Int8,
  List,
  Map_,
  Null,
  Schema,
  Struct,
  TimeMicrosecond,
  TimeMillisecond,
  TimeNanosecond,
  Timestamp,
  TimeUnit,
  Uint16,
  Uint32,
  Uint64,
  Uint8,
  Utf8,
} from "apache-arrow";
import { HfStreamError } from "../../errors.ts";
import { type FileMetadata, PhysicalType, type SchemaNode } from "./metadata.ts";

/**
 * The Arrow schema that a file decodes to, from its Parquet types alone. The writer's own schema (`ARROW:schema`) is left
 * aside, with and without projection, so that a column's type does not depend on which others are read.
 */
export function decodedSchema(metadata: FileMetadata): Schema {
  return new Schema(metadata.schema.children.map((node) => fieldOf(node, metadata.path)));
}

/** What the field of an INT96 column carries: its unit is told by each batch. */
const INT96_MARK: ReadonlyMap<string, string> = new Map([["parquet:type", "INT96"]]);

/** Whether a field is a timestamp that is stored in 96 bits. Nanoseconds, where they fit; else microseconds. */
export function isInt96({ metadata }: Field): boolean {
  return metadata.get("parquet:type") === "INT96";
}

function fieldOf(node: SchemaNode, path: string): Field {
  if (node.repetition === "repeated") {
    const item = leafField({ ...node, repetition: "required" }, typeOf(node, path));
    return new Field(node.name, new List(item), false);
  }
  return leafField(node, typeOf(node, path));
}

function leafField(node: SchemaNode, type: DataType): Field {
  const mark = node.physicalType === PhysicalType.INT96 ? new Map(INT96_MARK) : undefined;
  return new Field(node.name, type, node.repetition === "optional", mark);
}

function typeOf(node: SchemaNode, path: string): DataType {
  if (node.physicalType !== undefined) return leafType(node, path);
  const kind = node.logicalType?.kind;
  const [only] = node.children;
  if (kind === "list" && only?.repetition === "repeated") return new List(listItem(node, only, path));
  if (kind === "map" && only !== undefined && only.children.length === 2) {
    const entries = new Struct<{ key: DataType; value: DataType }>(only.children.map((child) => fieldOf(child, path)));
    return new Map_(new Field(only.name, entries, false));
  }
  return new Struct(node.children.map((child) => fieldOf(child, path)));
}

/** The item of a list, by the rules for lists written before there was one form (LogicalTypes.md, "Lists"). */
function listItem(list: SchemaNode, repeated: SchemaNode, path: string): Field {
  const isItem =
    repeated.physicalType !== undefined ||
    repeated.children.length > 1 ||
    repeated.name === "array" ||
    repeated.name === `${list.name}_tuple`;
  const [child] = repeated.children;
  if (!isItem && child !== undefined) return fieldOf(child, path);
  return leafField({ ...repeated, repetition: "required" }, typeOf(repeated, path));
}

function leafType(node: SchemaNode, path: string): DataType {
  if (node.physicalType === PhysicalType.INT96) return new Timestamp(TimeUnit.NANOSECOND, null);
  const logical = node.logicalType;
  switch (logical?.kind) {
    case "null":
      return new Null();
    case "decimal":
      return new Decimal(logical.scale, logical.precision, logical.precision > 38 ? 256 : 128);
    case "timestamp":
      return new Timestamp(timeUnit(logical.unit), logical.utc ? "UTC" : null);
    case "time":
      if (logical.unit === "ms") return new TimeMillisecond();
      return logical.unit === "us" ? new TimeMicrosecond() : new TimeNanosecond();
    case "date":
      return new DateDay();
    case "integer":
      return integerType(logical.bits, logical.signed);
    case "float16":
      return new Float16();
    default:
      return physicalType(node, path);
  }
}

function integerType(bits: 8 | 16 | 32 | 64, signed: boolean): DataType {
  const types = { 8: [Uint8, Int8], 16: [Uint16, Int16], 32: [Uint32, Int32], 64: [Uint64, Int64] } as const;
  return new types[bits][signed ? 1 : 0]();
}

function timeUnit(unit: "ms" | "us" | "ns"): TimeUnit {
  return { ms: TimeUnit.MILLISECOND, us: TimeUnit.MICROSECOND, ns: TimeUnit.NANOSECOND }[unit];
}

function physicalType(node: SchemaNode, path: string): DataType {
  const kind = node.logicalType?.kind;
  switch (node.physicalType) {
    case PhysicalType.BOOLEAN:
      return new Bool();
    case PhysicalType.INT32:
      return new Int32();
    case PhysicalType.INT64:
      return new Int64();
    case PhysicalType.FLOAT:
      return new Float32();
    case PhysicalType.DOUBLE:
      return new Float64();
    case PhysicalType.BYTE_ARRAY:
      return kind === "string" || kind === "json" ? new Utf8() : new Binary();
    case PhysicalType.FIXED_LEN_BYTE_ARRAY:
      return new FixedSizeBinary(node.typeLength);
    default:
      throw new HfStreamError("UNSUPPORTED_FORMAT", `${path}: column ${node.name} has an unknown Parquet type.`, {
        path,
      });
  }
}

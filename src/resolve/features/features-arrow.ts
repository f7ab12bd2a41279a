import { DataType, DateUnit, type Field, type Schema } from "apache-arrow";
import { HfStreamError } from "../../errors.ts";
import type { Feature, Features } from "./features.ts";
import { featureFromJson } from "./features-json.ts";
import { storageFeature } from "./features-storage.ts";
import { isRecord, type PlainRecord } from "../card/plain-record.ts";

/** Whether extension types are told by what they mean, or by how they are stored. */
interface InferOptions {
  readonly extensions: boolean;
}

const ARRAY_EXTENSION = /^datasets\.features\.features\.(Array[2-5]D)ExtensionType$/;
const UNITS = ["s", "ms", "us", "ns"] as const;
const FLOATS = ["float16", "float32", "float64"] as const;

/**
 * Infers features from the types of an Arrow schema alone, with the names of Python `datasets`
 * (`generate_from_arrow_type`): dictionaries count as their values, `Array2D`… and `arrow.json` are known by the field's
 * extension metadata, and `struct<bytes, path>` stays a struct. A map, which Python refuses, is a list of structs
 * `{ key, value }`. Throws `UNSUPPORTED_FORMAT` naming the column for unions and intervals.
 */
export function featuresFromArrow(schema: Schema): Features {
  return Object.fromEntries(schema.fields.map((field) => [field.name, featureOfField(field, field.name)]));
}

/**
 * Gives the features of a Parquet or Arrow file that carries metadata of Python `datasets`: `metadata` is the text under
 * the key `huggingface`, undefined where there is none. As `Features.from_arrow_schema` does, an entry counts only where
 * the column exists and its type agrees; all else is inferred from `schema`. Unlike there, a column that may not be
 * null agrees too, and metadata that cannot be read is passed over.
 */
export function featuresFromParquetMetadata(metadata: string | undefined, schema: Schema): Features {
  const declared = parseMetadata(metadata);
  return Object.fromEntries(
    schema.fields.map((field) => [field.name, declaredFeature(declared, field) ?? featureOfField(field, field.name)]),
  );
}

function parseMetadata(metadata: string | undefined): PlainRecord {
  try {
    const parsed: unknown = metadata === undefined ? undefined : JSON.parse(metadata);
    const info = isRecord(parsed) ? parsed["info"] : undefined;
    const features = isRecord(info) ? info["features"] : undefined;
    return isRecord(features) ? features : {};
  } catch {
    return {}; // not written by `datasets`: the schema says enough
  }
}

function declaredFeature(declared: PlainRecord, field: Field): Feature | undefined {
  if (!Object.hasOwn(declared, field.name)) return undefined;
  try {
    const feature = featureFromJson(declared[field.name], field.name);
    const stored = featureOfField(field, field.name, { extensions: false });
    return JSON.stringify(storageFeature(feature)) === JSON.stringify(stored) ? feature : undefined;
  } catch {
    return undefined; // a feature type newer than this package: the schema says enough
  }
}

function featureOfField(field: Field, where: string, options: InferOptions = { extensions: true }): Feature {
  const type: DataType = field.type;
  if (!options.extensions) return featureOfType(type, where, options);
  const extension = field.metadata.get("ARROW:extension:name") ?? "";
  if (extension === "arrow.json") return { _type: "Json" };
  const array = ARRAY_EXTENSION.exec(extension)?.[1];
  return (
    (array === undefined ? undefined : arrayFeature(array, field.metadata.get("ARROW:extension:metadata"), where)) ??
    featureOfType(type, where, options)
  );
}

/** The metadata is the JSON of `[shape, dtype]`; where it is broken, the storage type says enough. */
function arrayFeature(type: string, metadata: string | undefined, where: string): Feature | undefined {
  try {
    const parsed: unknown = JSON.parse(metadata ?? "");
    const [shape, dtype] = Array.isArray(parsed) ? (parsed as unknown[]) : [];
    return featureFromJson({ shape, dtype, _type: type }, where);
  } catch {
    return undefined;
  }
}

function featureOfType(type: DataType, where: string, options: InferOptions): Feature {
  if (DataType.isDictionary(type)) return featureOfType(type.dictionary, where, options);
  if (DataType.isStruct(type)) {
    const fields = type.children.map((field): [string, Feature] => [
      field.name,
      featureOfField(field, `${where}.${field.name}`, options),
    ]);
    return Object.fromEntries(fields);
  }
  const item = (): Feature => featureOfField(type.children[0]!, `${where}[]`, options);
  if (DataType.isFixedSizeList(type)) return { feature: item(), length: type.listSize, _type: "List" };
  if (DataType.isList(type) || DataType.isMap(type)) return { feature: item(), _type: "List" };
  if (DataType.isLargeList(type)) return { feature: item(), _type: "LargeList" };
  const dtype = numberDtype(type) ?? temporalDtype(type) ?? textDtype(type);
  if (dtype !== undefined) return { dtype, _type: "Value" };
  throw new HfStreamError(
    "UNSUPPORTED_FORMAT",
    `Column '${where}' is of Arrow type ${type.constructor.name}, which no dataset feature can hold; \`columns\` can leave it out`,
  );
}

// The names are those of `datasets.features._arrow_to_datasets_dtype`.

function numberDtype(type: DataType): string | undefined {
  if (DataType.isNull(type)) return "null";
  if (DataType.isBool(type)) return "bool";
  if (DataType.isInt(type)) return `${type.isSigned ? "" : "u"}int${type.bitWidth}`;
  if (DataType.isFloat(type)) return FLOATS[type.precision];
  if (DataType.isDecimal(type)) return `decimal${type.bitWidth > 128 ? 256 : 128}(${type.precision}, ${type.scale})`;
  return undefined;
}

function temporalDtype(type: DataType): string | undefined {
  if (DataType.isDate(type)) return type.unit === DateUnit.DAY ? "date32" : "date64";
  if (DataType.isTime(type)) return `time${type.bitWidth}[${UNITS[type.unit]}]`;
  if (DataType.isDuration(type)) return `duration[${UNITS[type.unit]}]`;
  if (!DataType.isTimestamp(type)) return undefined;
  const zone = type.timezone ?? "";
  return zone === "" ? `timestamp[${UNITS[type.unit]}]` : `timestamp[${UNITS[type.unit]}, tz=${zone}]`;
}

function textDtype(type: DataType): string | undefined {
  if (DataType.isUtf8(type)) return "string";
  if (DataType.isLargeUtf8(type)) return "large_string";
  if (DataType.isUtf8View(type)) return "string_view";
  if (DataType.isBinary(type)) return "binary";
  if (DataType.isLargeBinary(type)) return "large_binary";
  if (DataType.isBinaryView(type)) return "binary_view";
  if (DataType.isFixedSizeBinary(type)) return `fixed_size_binary[${type.byteWidth}]`;
  return undefined;
}

import { type Feature, type Features, isStructFeature } from "./features.ts";
import { storageFeature } from "./features-storage.ts";

export interface TypeScriptOptions {
  /** The interface's name. */
  readonly name: string;
  /** Whether each value may be `null`, as files can tell; else the reader knows that none is. */
  readonly hasNulls: boolean;
}

/** Prints the TypeScript interface of a dataset's rows, as they come by default: `int64` and `temporal` change it. */
export function printInterface(features: Features, options: TypeScriptOptions): string {
  const fields = Object.entries(features).map(([name, feature]) => field(name, feature, options, "  "));
  return `export interface ${options.name} {\n${fields.join("")}}\n`;
}

/** A name for the rows of a dataset: `FineVisionMaxRow` for `HuggingFaceM4/FineVisionMax`. */
export function interfaceName(id: string): string {
  const words =
    id
      .split("/")
      .at(-1)
      ?.match(/[\p{L}\p{N}]+/gu) ?? [];
  const name = words.map((word) => word[0]?.toUpperCase() + word.slice(1)).join("");
  return `${/^\p{L}/u.test(name) ? name : `Dataset${name}`}Row`;
}

function field(name: string, feature: Feature, options: TypeScriptOptions, indent: string): string {
  const key = /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
  const note = noteOn(feature);
  return `${note === undefined ? "" : `${indent}/** ${note} */\n`}${indent}${key}: ${typeOf(feature, options, indent)};\n`;
}

function typeOf(feature: Feature, options: TypeScriptOptions, indent: string): string {
  const type = bareType(feature, options, indent);
  return options.hasNulls && type !== "unknown" && type !== "null" ? `${type} | null` : type;
}

function bareType(feature: Feature, options: TypeScriptOptions, indent: string): string {
  if (isStructFeature(feature)) return structType(feature, options, indent);
  if (feature._type === "Json") return "unknown";
  if (feature._type === "Value") return valueType(feature.dtype);
  if ("feature" in feature) return `(${typeOf(feature.feature, options, indent)})[]`.replace(/^\(([\w.]+)\)/, "$1");
  return bareType(storageFeature(feature), options, indent);
}

function structType(feature: Features, options: TypeScriptOptions, indent: string): string {
  const deeper = `${indent}  `;
  const fields = Object.entries(feature).map(([name, child]) => field(name, child, options, deeper));
  return `{\n${fields.join("")}${indent}}`;
}

function valueType(dtype: string): string {
  switch (/^[a-z_]+\d*/.exec(dtype)?.[0]) {
    case "null":
      return "null";
    case "bool":
      return "boolean";
    case "string":
    case "large_string":
    case "string_view":
    case "decimal128":
    case "decimal256":
      return "string";
    case "binary":
    case "large_binary":
    case "binary_view":
    case "fixed_size_binary":
      return "Uint8Array";
    case "date32":
    case "date64":
    case "timestamp":
      return "Date";
    case "int64":
    case "uint64":
    case "time32":
    case "time64":
    case "duration":
      return "number | bigint";
    default:
      return "number";
  }
}

/** What the type alone does not tell. */
function noteOn(feature: Feature): string | undefined {
  if (isStructFeature(feature)) return undefined;
  switch (feature._type) {
    case "ClassLabel":
      return feature.names
        .map((name, index) => `${index}: ${name}`)
        .join(", ")
        .replaceAll("*/", "*\\/");
    case "Value":
      return /^(?:decimal|time|duration|timestamp|date|fixed)/.test(feature.dtype) ? feature.dtype : undefined;
    case "List":
    case "LargeList":
      return "length" in feature && feature.length !== undefined && feature.length >= 0
        ? `${feature.length} values`
        : undefined;
    case "Array2D":
    case "Array3D":
    case "Array4D":
    case "Array5D":
      return `${feature.shape.map((size) => size ?? "any").join(" × ")} ${feature.dtype}`;
    default:
      return feature._type;
  }
}

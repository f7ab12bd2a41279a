import { HfStreamError } from "../../errors.ts";
import type { Features } from "./features.ts";
import { featuresFromJson } from "./features-json.ts";
import { isRecord, type PlainRecord, showValue } from "../card/plain-record.ts";
import { normalizeValueDtype } from "./value-dtype.ts";

/** How deep features may nest: deeper ones are an attack, not a schema. */
const MAX_DEPTH = 64;

/**
 * Reads features as a dataset card lists them (`Features._to_yaml_list`): `[{ name: a, dtype: int64 }, …]`, with
 * `list`, `large_list`, `sequence` and `struct` for what nests. Throws `INVALID_OPTION` naming the column.
 */
export function featuresFromYaml(yaml: unknown): Features {
  if (!Array.isArray(yaml)) throw invalid("features", "a list of columns", yaml);
  return featuresFromJson(columns(yaml, "features", 0));
}

function columns(items: readonly unknown[], where: string, depth: number): PlainRecord {
  if (depth > MAX_DEPTH) throw invalid(where, `features nested at most ${MAX_DEPTH} deep`, "more");
  return Object.fromEntries(
    items.map((item) => {
      const fields = record(item, where, "a column such as { name: a, dtype: int64 }");
      const { name, ...rest } = fields;
      if (typeof name !== "string") throw invalid(where, "a `name` for each column", item);
      return [name, toJson(rest, `${where}.${name}`, depth + 1)];
    }),
  );
}

/** Turns one entry into the JSON form. As in Python, its first key says what it is. */
function toJson(yaml: unknown, where: string, depth: number): unknown {
  if (depth > MAX_DEPTH) throw invalid(where, `features nested at most ${MAX_DEPTH} deep`, "more");
  if (Array.isArray(yaml)) return columns(yaml, where, depth);
  const fields = record(yaml, where, "a feature such as { dtype: int64 }");
  const kind = ["large_list", "list", "sequence", "struct", "dtype"].find((key) => Object.hasOwn(fields, key));
  switch (kind) {
    case "large_list":
    case "list":
    case "sequence": {
      const { [kind]: item, ...rest } = fields;
      const feature = toJson(typeof item === "string" ? { dtype: item } : item, `${where}[]`, depth + 1);
      const type = { large_list: "LargeList", list: "List", sequence: "Sequence" }[kind];
      return { ...rest, feature, _type: kind === "sequence" && !Array.isArray(item) ? "List" : type };
    }
    case "struct": {
      const { struct } = fields;
      if (!Array.isArray(struct)) throw invalid(where, "`struct` to be a list of fields", struct);
      return columns(struct, where, depth + 1);
    }
    case "dtype": {
      const { dtype, ...rest } = fields;
      if (typeof dtype !== "string") return toJson(dtype, where, depth + 1);
      if (normalizeValueDtype(dtype) !== undefined) return { ...rest, dtype, _type: "Value" };
      return { _type: toCamelCase(dtype) };
    }
    default:
      return namedType(fields, where);
  }
}

/** `{ class_label: { names: … } }` and the like. Nothing at all is a struct without fields. */
function namedType(fields: PlainRecord, where: string): unknown {
  const [entry] = Object.entries(fields);
  if (entry === undefined) return {};
  const [name, inner] = entry;
  const members = inner === null ? {} : record(inner, where, `the fields of '${name}'`);
  const { names } = members;
  const labels = name === "class_label" && isRecord(names) ? { names: labelNames(names, where) } : {};
  return { ...members, ...labels, _type: toCamelCase(name) };
}

function labelNames(names: PlainRecord, where: string): unknown[] {
  const ids = Object.keys(names).sort((a, b) => Number(a) - Number(b));
  const gap = ids.findIndex((id, index) => Number(id) !== index);
  if (gap >= 0) throw invalid(where, `a name for each label from 0 to ${ids.length - 1}`, ids);
  return ids.map((id) => names[id]);
}

/** `array2_d` → `Array2D`, `class_label` → `ClassLabel` (`datasets.naming.snakecase_to_camelcase`). */
function toCamelCase(name: string): string {
  return name
    .split("_")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase())
    .join("");
}

function record(value: unknown, where: string, expected: string): PlainRecord {
  if (isRecord(value)) return value;
  throw invalid(where, expected, value);
}

function invalid(where: string, expected: string, got: unknown): HfStreamError {
  return new HfStreamError("INVALID_OPTION", `Feature '${where}': expected ${expected}, got ${showValue(got)}`);
}

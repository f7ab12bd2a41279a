import { HfStreamError } from "../../errors.ts";
import { FEATURE_TYPES, type Feature, type Features, isStructFeature, type TypedFeature } from "./features.ts";
import { isRecord, type PlainRecord, showValue } from "../card/plain-record.ts";
import { normalizeValueDtype, VALUE_DTYPES } from "./value-dtype.ts";

type Parser = (fields: PlainRecord, where: string) => Feature;

/** How deep features may nest: deeper ones are an attack, not a schema. */
const MAX_DEPTH = 64;

const MEDIA_DEFAULTS: PlainRecord = {
  decode: true,
  dimension_order: "NCHW",
  num_ffmpeg_threads: 1,
  device: "cpu",
  seek_mode: "exact",
};

const PARSERS: ReadonlyMap<string, Parser> = new Map<string, Parser>([
  ["Value", parseValue],
  ["ClassLabel", parseClassLabel],
  ["Image", (fields) => pick("Image", fields, { mode: "string", decode: "boolean" })],
  [
    "Audio",
    (fields) =>
      pick("Audio", fields, {
        sampling_rate: "number",
        num_channels: "number",
        stream_index: "number",
        decode: "boolean",
      }),
  ],
  ["Video", parseVideo],
  ["Pdf", (fields) => pick("Pdf", fields, { decode: "boolean" })],
  ["Nifti", (fields) => pick("Nifti", fields, { decode: "boolean" })],
  ["Mesh", (fields) => pick("Mesh", fields, { decode: "boolean" })],
  ["Json", () => ({ _type: "Json" })],
  ...([2, 3, 4, 5] as const).map((rank): [string, Parser] => [
    `Array${rank}D`,
    (fields, where) => parseArray(rank, fields, where),
  ]),
  ["Translation", parseTranslation],
  ["TranslationVariableLanguages", parseVariableLanguages],
]);

/**
 * Reads features in their JSON form (`Features.to_dict()`, `dataset_infos.json`, Parquet and Arrow metadata) and brings
 * old spellings to today's: `id: null` and fields at their default go, `Sequence` and `[feature]` become `List`, a
 * `Sequence` of a struct a struct of lists. Throws `INVALID_OPTION` naming the column.
 */
export function featuresFromJson(json: unknown): Features {
  if (!isRecord(json)) throw invalid("features", "an object of columns", json);
  return Object.fromEntries(Object.entries(json).map(([name, value]) => [name, parseFeature(value, name, 0)]));
}

/** Reads one feature in its JSON form; `where` names it in messages. Throws `INVALID_OPTION`. */
export function featureFromJson(json: unknown, where: string): Feature {
  return parseFeature(json, where, 0);
}

function parseFeature(json: unknown, where: string, depth: number): Feature {
  if (depth > MAX_DEPTH) throw invalid(where, `features nested at most ${MAX_DEPTH} deep`, "more");
  if (Array.isArray(json)) {
    if (json.length !== 1) throw invalid(where, "a list with the one feature of its items", json);
    return { feature: parseFeature(json[0], `${where}[]`, depth + 1), _type: "List" };
  }
  if (!isRecord(json)) throw invalid(where, "a feature such as { dtype: 'int64', _type: 'Value' }", json);
  const type = Object.hasOwn(json, "_type") ? json["_type"] : undefined;
  if (type === undefined || isRecord(type)) return parseStruct(json, where, depth);
  if (type === "List" || type === "LargeList" || type === "Sequence") return parseList(type, json, where, depth);
  const parser = typeof type === "string" ? PARSERS.get(type) : undefined;
  if (parser !== undefined) return parser(json, where);
  throw new HfStreamError(
    "INVALID_OPTION",
    `Feature type ${showValue(type)} of '${where}' not found. Available feature types: ${FEATURE_TYPES.join(", ")}; ` +
      `available dtypes of Value: ${VALUE_DTYPES.join(", ")}`,
  );
}

function parseStruct(json: PlainRecord, where: string, depth: number): Feature {
  return Object.fromEntries(
    Object.entries(json).map(([name, value]) => [name, parseFeature(value, `${where}.${name}`, depth + 1)]),
  );
}

function parseList(type: string, json: PlainRecord, where: string, depth: number): Feature {
  const feature = parseFeature(json["feature"], `${where}[]`, depth + 1);
  if (type === "LargeList") return { feature, _type: "LargeList" };
  const length = json["length"] ?? -1;
  if (typeof length !== "number" || !Number.isInteger(length)) throw invalid(where, "an integer `length`", length);
  const listOf = (item: Feature): Feature => ({ feature: item, ...(length < 0 ? {} : { length }), _type: "List" });
  if (type === "Sequence" && isStructFeature(feature) && !Object.values(feature).every(isList)) {
    return Object.fromEntries(Object.entries(feature).map(([name, item]) => [name, listOf(item)]));
  }
  return listOf(feature);
}

function parseValue(fields: PlainRecord, where: string): Feature {
  const dtype = fields["dtype"];
  const known = typeof dtype === "string" ? normalizeValueDtype(dtype) : undefined;
  if (known === undefined) throw invalid(where, `a dtype that is one of ${VALUE_DTYPES.join(", ")}`, dtype);
  return { dtype: known, _type: "Value" };
}

function parseClassLabel(fields: PlainRecord, where: string): Feature {
  const { names, num_classes: count } = fields;
  if (names === undefined || names === null) {
    if (typeof count !== "number" || !Number.isInteger(count) || count < 0 || count > 1e6) {
      throw invalid(where, "a ClassLabel with `names` or `num_classes` (`names_file` cannot be read)", fields);
    }
    return { names: Array.from({ length: count }, (_, label) => String(label)), _type: "ClassLabel" };
  }
  if (!Array.isArray(names)) throw invalid(where, "ClassLabel `names` to be a list", names);
  const texts = names.map(String);
  if (new Set(texts).size !== texts.length) throw invalid(where, "each ClassLabel name once", texts);
  if (typeof count === "number" && count !== texts.length) {
    throw invalid(where, `${count} ClassLabel names, as \`num_classes\` says`, texts.length);
  }
  return { names: texts, _type: "ClassLabel" };
}

function parseVideo(fields: PlainRecord): Feature {
  return pick("Video", fields, {
    stream_index: "number",
    dimension_order: "string",
    num_ffmpeg_threads: "number",
    device: "string",
    seek_mode: "string",
    decode: "boolean",
  });
}

function parseArray(rank: 2 | 3 | 4 | 5, fields: PlainRecord, where: string): Feature {
  const { shape, dtype } = fields;
  const known = typeof dtype === "string" ? normalizeValueDtype(dtype) : undefined;
  if (known === undefined) throw invalid(where, "an array dtype such as 'float32'", dtype);
  const isDimension = (size: unknown, index: number): boolean =>
    (typeof size === "number" && Number.isInteger(size) && size >= 0) || (index === 0 && size === null);
  if (!Array.isArray(shape) || shape.length !== rank || !shape.every(isDimension)) {
    throw invalid(where, `a shape of ${rank} sizes, of which only the first may be null`, shape);
  }
  return { shape, dtype: known, _type: `Array${rank}D` };
}

function parseTranslation(fields: PlainRecord, where: string): Feature {
  const { languages } = fields;
  if (!Array.isArray(languages)) throw invalid(where, "`languages` to be a list", languages);
  return { languages: languages.map(String), _type: "Translation" };
}

function parseVariableLanguages(fields: PlainRecord, where: string): Feature {
  const { languages } = fields;
  if (languages === undefined || languages === null) return { _type: "TranslationVariableLanguages" };
  if (!Array.isArray(languages)) throw invalid(where, "`languages` to be a list", languages);
  const sorted = [...new Set(languages.map(String))].sort();
  return { languages: sorted, num_languages: sorted.length, _type: "TranslationVariableLanguages" };
}

/** Keeps the fields that are of their type and not at their default. */
function pick(type: TypedFeature["_type"], fields: PlainRecord, types: Readonly<Record<string, string>>): Feature {
  const kept = Object.entries(types).filter(
    ([name, expected]) =>
      Object.hasOwn(fields, name) && typeof fields[name] === expected && fields[name] !== MEDIA_DEFAULTS[name],
  );
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each member was picked by its type
  return { ...Object.fromEntries(kept.map(([name]) => [name, fields[name]])), _type: type } as Feature;
}

function isList(feature: Feature): boolean {
  return feature["_type" as keyof Feature] === ("List" as unknown);
}

function invalid(where: string, expected: string, got: unknown): HfStreamError {
  return new HfStreamError("INVALID_OPTION", `Feature '${where}': expected ${expected}, got ${showValue(got)}`);
}

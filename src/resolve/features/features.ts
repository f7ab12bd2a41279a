/** A plain column: `dtype` is a name such as `int64`, `string` or `timestamp[us, tz=UTC]`, as Python `datasets` prints it. */
export interface ValueFeature {
  readonly _type: "Value";
  readonly dtype: string;
}

/** Integer labels with names; stored as int64, -1 where unknown. */
export interface ClassLabelFeature {
  readonly _type: "ClassLabel";
  readonly names: readonly string[];
}

/** A list, of fixed length where `length` is given. */
export interface ListFeature {
  readonly _type: "List";
  readonly feature: Feature;
  readonly length?: number | undefined;
}

/** A list with 64-bit offsets. */
export interface LargeListFeature {
  readonly _type: "LargeList";
  readonly feature: Feature;
}

/** A struct is a plain object of its fields; a field may itself be called `_type`. */
export interface StructFeature {
  readonly [field: string]: Feature;
}

/** Images, stored as struct `{ bytes, path }`. */
export interface ImageFeature {
  readonly _type: "Image";
  readonly mode?: string | undefined;
  /** Left out: true. */
  readonly decode?: boolean | undefined;
}

/** Sounds, stored as struct `{ bytes, path }`. */
export interface AudioFeature {
  readonly _type: "Audio";
  readonly sampling_rate?: number | undefined;
  readonly num_channels?: number | undefined;
  readonly stream_index?: number | undefined;
  readonly decode?: boolean | undefined;
}

/** Videos, stored as struct `{ bytes, path }`. */
export interface VideoFeature {
  readonly _type: "Video";
  readonly stream_index?: number | undefined;
  readonly dimension_order?: string | undefined;
  readonly num_ffmpeg_threads?: number | undefined;
  readonly device?: string | undefined;
  readonly seek_mode?: string | undefined;
  readonly decode?: boolean | undefined;
}

/** Other files, stored as struct `{ bytes, path }`. */
export interface DocumentFeature {
  readonly _type: "Pdf" | "Nifti" | "Mesh";
  readonly decode?: boolean | undefined;
}

/** Any JSON value, stored as its text. */
export interface JsonFeature {
  readonly _type: "Json";
}

/** An array of fixed rank; only the first dimension may be open (`null`). */
export interface ArrayFeature {
  readonly _type: "Array2D" | "Array3D" | "Array4D" | "Array5D";
  readonly shape: readonly (number | null)[];
  readonly dtype: string;
}

/** One text per language, stored as struct with the languages in sorted order. */
export interface TranslationFeature {
  readonly _type: "Translation";
  readonly languages: readonly string[];
}

/** Any number of texts per language, stored as struct `{ language, translation }` of lists. */
export interface TranslationVariableLanguagesFeature {
  readonly _type: "TranslationVariableLanguages";
  readonly languages?: readonly string[] | undefined;
  readonly num_languages?: number | undefined;
}

/** Features that carry a `_type`: all but structs. */
export type TypedFeature =
  | ValueFeature
  | ClassLabelFeature
  | ListFeature
  | LargeListFeature
  | ImageFeature
  | AudioFeature
  | VideoFeature
  | DocumentFeature
  | JsonFeature
  | ArrayFeature
  | TranslationFeature
  | TranslationVariableLanguagesFeature;

/** What a column holds, in the JSON form that Python `datasets` writes (`Features.to_dict()`), defaults left out. */
export type Feature = TypedFeature | StructFeature;

/** The columns of a dataset, in order. Look columns up by `Object.hasOwn`: a name may be `constructor`. */
export type Features = Readonly<Record<string, Feature>>;

/** The names of all feature types, in the order of Python's error message. */
export const FEATURE_TYPES: readonly TypedFeature["_type"][] = [
  "Value",
  "ClassLabel",
  "Translation",
  "TranslationVariableLanguages",
  "LargeList",
  "List",
  "Array2D",
  "Array3D",
  "Array4D",
  "Array5D",
  "Audio",
  "Image",
  "Mesh",
  "Video",
  "Pdf",
  "Nifti",
  "Json",
];

/** Tells a struct from all else, also a struct with a field called `_type`. */
export function isStructFeature(feature: Feature): feature is StructFeature {
  return !Object.hasOwn(feature, "_type") || typeof feature["_type"] !== "string";
}

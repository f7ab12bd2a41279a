/** The formats that can be read, by the names that Python `datasets` gives them. */
export type FormatName = "parquet" | "json" | "csv" | "text" | "arrow" | "webdataset";

/** What a file extension stands for. */
export interface ExtensionFormat {
  /** A {@link FormatName}, or a format known by name only, such as `imagefolder`. */
  readonly format: string;
  /** Reader parameters that the extension implies. */
  readonly options: Readonly<Record<string, unknown>>;
}

const READABLE: ReadonlySet<string> = new Set<FormatName>(["parquet", "json", "csv", "text", "arrow", "webdataset"]);

const IMAGES =
  ".blp .bmp .dib .bufr .cur .pcx .dcx .dds .ps .eps .fit .fits .fli .flc .ftc .ftu .gbr .gif .grib .png .apng .jp2 .j2k " +
  ".jpc .jpf .jpx .j2c .icns .ico .im .iim .tif .tiff .jfif .jpe .jpg .jpeg .msp .pcd .pxr .pbm .pgm .ppm .pnm .psd .bw " +
  ".rgb .rgba .sgi .ras .tga .icb .vda .vst .webp .wmf .emf .xbm .xpm";
const SOUNDS =
  ".mpg .aiff .au .avr .caf .flac .htk .svx .mat4 .mat5 .mpc2k .ogg .paf .pvf .raw .rf64 .sd2 .sds .ircam .voc .w64 .wav " +
  ".nist .wavex .wve .xi .mp3 .opus .3gp .3g2 .asf .flv .m4v .webm .f4v .wmv .wma .ogm .mxf .nut";

/** The table `_EXTENSION_TO_MODULE` of `datasets.packaged_modules`, without its upper-case doubles. */
const ROWS: readonly (readonly [format: string, extensions: string, options?: ExtensionFormat["options"]])[] = [
  ["csv", ".csv"],
  ["csv", ".tsv", { sep: "\t" }],
  ["json", ".json .jsonl .ndjson"],
  ["parquet", ".parquet .geoparquet .gpq"],
  ["arrow", ".arrow"],
  ["text", ".txt"],
  ["conll", ".conll"],
  ["conll", ".conllu", { comment_prefix: "#" }],
  ["webdataset", ".tar"],
  ["xml", ".xml"],
  ["hdf5", ".hdf5 .h5"],
  ["eval", ".eval"],
  ["harbor", ".toml .md"],
  ["lance", ".lance"],
  ["tsfile", ".tsfile"],
  ["vortex", ".vortex"],
  ["fasta", ".fa .fasta .fna .ffn .faa .frn .afa"],
  ["genbank", ".gb .gbk .genbank"],
  ["fastq", ".fq .fastq"],
  ["pdb", ".pdb .ent"],
  ["mmcif", ".cif .mmcif"],
  ["imagefolder", IMAGES],
  ["audiofolder", SOUNDS],
  ["videofolder", ".mpeg .avi .mp4 .mov .mkv"],
  ["meshfolder", ".glb .gltf .ply .stl"],
  ["pdffolder", ".pdf"],
  ["niftifolder", ".nii"],
];

const BY_EXTENSION: ReadonlyMap<string, ExtensionFormat> = new Map(
  ROWS.flatMap(([format, extensions, options = {}]) => {
    const row: ExtensionFormat = { format, options };
    return extensions.split(" ").map((extension): [string, ExtensionFormat] => [extension, row]);
  }),
);

/** Accepted although no format is read from them: archives, and the side files of Lance. */
const SIDE_EXTENSIONS: ReadonlySet<string> = new Set([".zip", ".idx", ".manifest", ".txn"]);

/** Files that describe the media beside them; they decide no format. */
const METADATA_NAMES: ReadonlySet<string> = new Set(["metadata.csv", "metadata.jsonl", "metadata.parquet"]);
const LANCE_METADATA_NAME = "latest_version_hint.json";
const HARBOR_METADATA_NAMES: ReadonlySet<string> = new Set(["task.toml", "instruction.md"]);
const OWN_NAME = /(?:latest_version_hint\.json|task\.toml|instruction\.md)$/;
/** Formats, beside folders, that metadata files may describe. */
const DESCRIBED: ReadonlySet<string> = new Set(["pdb", "mmcif"]);

/** Tells whether a format is one that this package reads. */
export function isReadableFormat(format: string): format is FormatName {
  return READABLE.has(format);
}

/** Looks up what a lower-case extension with its dot stands for: one object for all that are read alike. */
export function getExtensionFormat(extension: string): ExtensionFormat | undefined {
  return BY_EXTENSION.get(extension);
}

/** The last part of a path; of a web address, without query and fragment. */
export function baseName(path: string): string {
  const whole = path.startsWith("http") ? path.replace(/^(https?:\/\/[^?#]*).*$/s, "$1") : path;
  return whole.slice(whole.lastIndexOf("/") + 1);
}

/**
 * Gives every dot-suffix of a file name, in lower case with its dot: `a.csv.gz` has `.csv` and `.gz`. Python compares
 * most extensions in the case they are written in and so passes over `TRAIN.CSV`; here case does not matter.
 */
export function extensionsOf(name: string): string[] {
  const dot = name.indexOf(".");
  if (dot < 0) return [];
  const suffixes = name.slice(dot).toLowerCase();
  if (!suffixes.includes(".", 1)) return [suffixes]; // the common case, for long listings
  return suffixes
    .slice(1)
    .split(".")
    .map((suffix) => `.${suffix}`);
}

/**
 * Answers as `tell` does, which is asked once for all names that end alike: for long listings. What it says must depend on
 * nothing but a name's extensions and {@link isMetadataName}.
 */
export function tellByEnding<T>(tell: (name: string) => T): (path: string) => T {
  const known = new Map<string, T>();
  return (path) => {
    const start = path.lastIndexOf("/") + 1;
    const isPlain = !path.startsWith("metadata.", start) && !OWN_NAME.test(path) && !path.startsWith("http");
    const dot = path.indexOf(".", start);
    const ending = isPlain ? path.slice(dot < 0 ? path.length : dot) : path;
    let told = known.get(ending);
    if (told === undefined) {
      told = tell(baseName(path));
      known.set(ending, told);
    }
    return told;
  };
}

/** Tells whether any of a file's extensions is of a known format (`_ALL_ALLOWED_EXTENSIONS`). */
export function hasKnownExtension(name: string): boolean {
  return extensionsOf(name).some((extension) => BY_EXTENSION.has(extension) || SIDE_EXTENSIONS.has(extension));
}

/** Tells whether a file is one that describes others (`_ALL_METADATA_FILENAMES`). */
export function isMetadataName(name: string): boolean {
  if (name.startsWith("metadata.")) return METADATA_NAMES.has(name);
  return name === LANCE_METADATA_NAME || HARBOR_METADATA_NAMES.has(name);
}

/** Tells whether a file belongs to a dataset of `format` (`DataFilesDict.filter` with the extensions of the format). */
export function belongsToFormat(name: string, format: string): boolean {
  if ((format.endsWith("folder") || DESCRIBED.has(format)) && METADATA_NAMES.has(name)) return true;
  if (format === "harbor" && HARBOR_METADATA_NAMES.has(name)) return true;
  if (format === "lance" && name === LANCE_METADATA_NAME) return true;
  return extensionsOf(name).some(
    (extension) =>
      BY_EXTENSION.get(extension)?.format === format ||
      extension === ".zip" ||
      (format === "lance" && SIDE_EXTENSIONS.has(extension)),
  );
}

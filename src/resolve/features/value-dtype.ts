const PLAIN = [
  "null",
  "bool",
  "int8",
  "int16",
  "int32",
  "int64",
  "uint8",
  "uint16",
  "uint32",
  "uint64",
  "float16",
  "float32",
  "float64",
  "date32",
  "date64",
  "binary",
  "large_binary",
  "binary_view",
  "string",
  "large_string",
  "string_view",
];

/** Other names pyarrow has for the same types; `datasets` itself rewrites the first two. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ["float", "float32"],
  ["double", "float64"],
  ["bool_", "bool"],
  ["utf8", "string"],
  ["large_utf8", "large_string"],
]);

const KNOWN: ReadonlySet<string> = new Set(PLAIN);
const TIME = /^(?:time32\[(?:s|ms)\]|time64\[(?:us|ns)\]|duration\[(?:s|ms|us|ns)\]|timestamp\[(?:s|ms|us|ns)\])$/;
const ZONED = /^timestamp\[(s|ms|us|ns),\s*tz=([a-zA-Z0-9/_+\-:]+)\]$/;
const DECIMAL = /^decimal(128|256)\((\d+),\s*(-?\d+)\)$/;
const FIXED_BINARY = /^fixed_size_binary\[\d+\]$/;

/** What a `Value` may hold, for messages. */
export const VALUE_DTYPES: readonly string[] = [
  ...PLAIN,
  "time32[s|ms]",
  "time64[us|ns]",
  "timestamp[s|ms|us|ns]",
  "timestamp[us, tz=UTC]",
  "duration[s|ms|us|ns]",
  "decimal128(10, 2)",
  "decimal256(10, 2)",
  "fixed_size_binary[16]",
];

/**
 * Gives the one spelling of a `Value` dtype, that of `datasets.features._arrow_to_datasets_dtype`; undefined where it
 * names no type.
 */
export function normalizeValueDtype(dtype: string): string | undefined {
  const name = ALIASES.get(dtype) ?? dtype;
  if (KNOWN.has(name) || TIME.test(name) || FIXED_BINARY.test(name)) return name;
  const zoned = ZONED.exec(name);
  if (zoned !== null) return `timestamp[${zoned[1]}, tz=${zoned[2]}]`;
  const decimal = DECIMAL.exec(name);
  if (decimal !== null) return `decimal${decimal[1]}(${Number(decimal[2])}, ${Number(decimal[3])})`;
  return undefined;
}

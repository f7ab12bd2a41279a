/**
 * Writes a row as one line of JSON. Nothing is lost, and each column has one form:
 * - integers are JSON numbers with all their digits, whether they are numbers or bigints here. JavaScript's own
 *   `JSON.parse` rounds those beyond 2^53; Python's `json`, DuckDB and `jq` 1.7 keep them;
 * - dates and timestamps are ISO 8601: with all digits as texts of `temporal: "string"`, in milliseconds as `Date`;
 * - bytes are `{ "$bytes": "<base64>" }`, other typed arrays are arrays of numbers;
 * - floats that JSON has no number for are the texts `"NaN"`, `"Infinity"` and `"-Infinity"`, which `float()` in Python
 *   and `Number()` here read; -0 keeps its sign;
 * - decimals stay texts, maps stay arrays of pairs.
 *
 * It is a text, and no object for `JSON.stringify`, since that cannot write a bigint as a number on every Node.
 */
export function toJsonRow(row: object): string {
  return toJson(row);
}

/** Writes any value as {@link toJsonRow} does. */
export function toJson(value: unknown): string {
  if (typeof value === "number") return numberText(value);
  if (typeof value === "bigint") return `${value}`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  if (value instanceof Uint8Array) return `{"$bytes":"${base64(value)}"}`;
  if (Array.isArray(value)) return `[${value.map(toJson).join(",")}]`;
  if (ArrayBuffer.isView(value) && Symbol.iterator in value)
    return `[${Array.from(value as unknown as Iterable<unknown>, toJson).join(",")}]`;
  if ("toJSON" in value && typeof value.toJSON === "function") return toJson(value.toJSON()); // dates
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${toJson(member)}`).join(",")}}`;
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? "-0.0" : `${value}`;
  return `"${value}"`;
}

function base64({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString("base64");
}

import type { FilterValue } from "../parquet/predicate/filters.ts";
import type { Feature } from "../resolve/features/features.ts";

/** A word of a condition, and where it begins. */
export interface Token {
  readonly kind: "word" | "text" | "sign" | "end";
  readonly text: string;
  readonly at: number;
}

/** A word as it is, a text without its quotes. */
export function plainText({ kind, text }: Token): string {
  if (kind !== "text") return text;
  const quote = text[0] as string;
  return text.slice(1, -1).replaceAll(quote + quote, quote);
}

/** What a word or text stands for in a column; `value` is `undefined` where it is not what was expected. */
export function valueOf(
  token: Token,
  feature: Feature,
): { readonly value: FilterValue | undefined; readonly expected: string } {
  const text = plainText(token);
  if (token.kind === "word" && text.toLowerCase() === "null") return { value: null, expected: "" };
  if ("names" in feature && Array.isArray(feature.names)) return labelOf(text, feature.names as readonly string[]);
  const dtype = "dtype" in feature ? String(feature.dtype) : "";
  if (dtype === "bool") return { value: BOOLEANS.get(text.toLowerCase()), expected: "true or false" };
  if (/^(timestamp|date)/.test(dtype))
    return { value: dateOf(text), expected: "a date such as 2024-01-31 or 2024-01-31T12:30:00.000Z" };
  if (/^(u?int|float|time|duration)/.test(dtype)) return { value: numberOf(text), expected: "a number" };
  return { value: text, expected: "" };
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["false", false],
]);
const SPECIAL_FLOATS: ReadonlyMap<string, number> = new Map([
  ["nan", NaN],
  ["inf", Infinity],
  ["-inf", -Infinity],
]);
const DATE = /^[+-]?\d{4,6}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)?(Z|[+-]\d\d:?\d\d)?$/;

/** The number of a class, by its name or as it is. */
function labelOf(
  text: string,
  names: readonly string[],
): { readonly value: FilterValue | undefined; readonly expected: string } {
  const index = names.indexOf(text);
  const value = index === -1 ? numberOf(text) : index;
  return { value, expected: `one of ${names.slice(0, 20).join(", ")}${names.length > 20 ? ", …" : ""}` };
}

/** An instant; without a zone it is in UTC. */
function dateOf(text: string): Date | undefined {
  const match = DATE.exec(text);
  if (match === null) return undefined;
  const date = new Date(/[T ]/.test(text) && match[1] === undefined ? `${text}Z` : text);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

function numberOf(text: string): number | bigint | undefined {
  if (/^[+-]?\d+$/.test(text)) return Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text);
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : SPECIAL_FLOATS.get(text.toLowerCase());
}

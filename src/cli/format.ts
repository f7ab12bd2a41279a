import type { Feature, Features } from "../resolve/features/features.ts";
import { isStructFeature } from "../resolve/features/features.ts";
import { describeImage } from "./image-kind.ts";

/** `1.2 MB`, in powers of a thousand. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  return step === 0 ? `${bytes} B` : `${(bytes / 1000 ** step).toFixed(1)} ${units[step]}`;
}

/** A count with its thousands apart. */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

/** A value of a row in one line: binary as its size, media as kind and size. */
export function formatValue(value: unknown, feature: Feature | undefined): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "string") return oneLine(value);
  if (value instanceof Uint8Array) return describeImage(value) ?? formatBytes(value.length);
  if (typeof value === "bigint" && isValue(feature)) return formatInteger(value, feature.dtype);
  if (Array.isArray(value)) return `[${value.map((item) => formatValue(item, itemOf(feature))).join(", ")}]`;
  if (typeof value === "object") return formatObject(value as Record<string, unknown>, feature);
  return String(value);
}

function formatObject(value: Record<string, unknown>, feature: Feature | undefined): string {
  const { bytes, path } = value;
  if (feature !== undefined && "_type" in feature && "bytes" in value && "path" in value) {
    if (bytes instanceof Uint8Array)
      return describeImage(bytes) ?? `${String(feature._type)} ${formatBytes(bytes.length)}`;
    return `${String(feature._type)} ${String(path)}`;
  }
  const children = feature !== undefined && isStructFeature(feature) ? (feature as Features) : undefined;
  const parts = Object.entries(value).map(([name, item]) => `${name}: ${formatValue(item, children?.[name])}`);
  return `{${parts.join(", ")}}`;
}

function itemOf(feature: Feature | undefined): Feature | undefined {
  return feature !== undefined && "feature" in feature ? feature.feature : undefined;
}

function isValue(feature: Feature | undefined): feature is Feature & { readonly dtype: string } {
  return feature !== undefined && "dtype" in feature && typeof feature.dtype === "string";
}

const DIGITS: Readonly<Record<string, number>> = { s: 0, ms: 3, us: 6, ns: 9 };

/** Integers as they are; timestamps and dates as ISO text with all their digits. */
function formatInteger(value: bigint, dtype: string): string {
  if (dtype === "date32") return new Date(Number(value) * 86_400_000).toISOString().slice(0, 10);
  const unit = /^timestamp\[(s|ms|us|ns)/.exec(dtype)?.[1];
  if (unit === undefined) return `${value}`;
  const digits = DIGITS[unit] ?? 0;
  const perSecond = 10n ** BigInt(digits);
  const fraction = ((value % perSecond) + perSecond) % perSecond;
  const date = new Date(Number((value - fraction) / perSecond) * 1000);
  if (Number.isNaN(date.getTime())) return `${value} ${unit}`;
  const seconds = date.toISOString().replace(/\.000Z$/, "");
  return digits === 0 || fraction === 0n ? seconds : `${seconds}.${`${fraction}`.padStart(digits, "0")}`;
}

function oneLine(value: string): string {
  return value
    .slice(0, 2000)
    .replaceAll("\n", "↵")
    .replaceAll(/\p{Cc}/gu, "·");
}

/** A row as JSON: binary in base64, integers that JSON numbers cannot hold as strings. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => {
    if (item instanceof Uint8Array) return Buffer.from(item).toString("base64");
    if (typeof item !== "bigint") return item;
    return Number.isSafeInteger(Number(item)) ? Number(item) : `${item}`;
  });
}

import { type Feature, type Features, isStructFeature } from "../../resolve/features/features.ts";
import { describeImage } from "./image-kind.ts";

/** `1.2 MB`, in powers of a thousand. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  return step === 0 ? `${Math.round(bytes)} B` : `${(bytes / 1000 ** step).toFixed(1)} ${units[step]}`;
}

/** A count with its thousands apart: `20 000`. */
export function formatCount(count: number): string {
  return `${count}`.replaceAll(/\B(?=(\d{3})+$)/g, " ");
}

/** `1 file`, `2 files`. */
export function countOf(count: number, name: string): string {
  return `${formatCount(count)} ${name}${count === 1 ? "" : "s"}`;
}

/** Significant digits of a float in a table. */
const DIGITS = 6;
/** Of a longer text no more is looked at: it is cut anyway. */
const MAX_TEXT = 2000;

/** A value of a row in one line, for a table: floats rounded, binary as its size, media as kind and size. */
export function formatValue(value: unknown, feature: Feature | undefined): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "string") return oneLine(value);
  if (typeof value === "number") return formatNumber(value);
  if (value instanceof Uint8Array) return describeImage(value) ?? formatBytes(value.length);
  if (Array.isArray(value)) return `[${value.map((item) => formatValue(item, itemOf(feature))).join(", ")}]`;
  if (typeof value === "object") return formatObject(value as Record<string, unknown>, feature);
  return String(value);
}

/** Integers whole, floats to six digits. */
function formatNumber(value: number): string {
  return Number.isInteger(value) ? `${value}` : `${Number(value.toPrecision(DIGITS))}`;
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

function oneLine(value: string): string {
  return value
    .slice(0, MAX_TEXT)
    .replaceAll("\n", "↵")
    .replaceAll(/\p{Cc}/gu, "·");
}

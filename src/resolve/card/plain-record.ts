/** An object read from YAML or JSON; ask `Object.hasOwn` where a name may be one that objects inherit. */
export type PlainRecord = Readonly<Record<string, unknown>>;

/** Tells a mapping from lists, null and scalars. */
export function isRecord(value: unknown): value is PlainRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Writes a value into a message, cut where it is long. */
export function showValue(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

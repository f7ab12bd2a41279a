import { type DataType, type Field, RecordBatchReader, type Schema, Type } from "apache-arrow";
import type { FileMetadata } from "./metadata.ts";

/**
 * The Arrow schema that the writer kept in the file, if there is one that can be read and is of the file's columns. It may be
 * finer than the Parquet schema: dictionaries, extensions.
 */
export function storedSchema({ keyValues, schema }: FileMetadata): Schema | undefined {
  const encoded = keyValues.get("ARROW:schema");
  if (encoded === undefined) return undefined;
  try {
    const bytes = new Uint8Array(Buffer.from(encoded, "base64"));
    checkMessage(bytes);
    const stored = RecordBatchReader.from(bytes).open().schema as Schema | undefined;
    const names = schema.children.map(({ name }) => name);
    const isOfFile =
      stored?.fields.length === names.length && names.every((name, at) => stored.fields[at]?.name === name);
    return isOfFile && stored.fields.every(isWhole) ? stored : undefined;
  } catch {
    return undefined; // only features are read from it
  }
}

const LISTS: ReadonlySet<Type> = new Set([Type.List, Type.LargeList, Type.FixedSizeList, Type.Map]);

/** Whether a field has all that its type is made of: what was damaged may still be parsed. */
function isWhole({ type }: Field): boolean {
  const known = type as DataType | null | undefined;
  const children = (known?.children ?? []) as readonly (Field | undefined)[];
  if (known === undefined || known === null || (LISTS.has(known.typeId) && children.length !== 1)) return false;
  return children.every((child) => child !== undefined && isWhole(child));
}

/** Fields of the FlatBuffers tables that hold lists (Arrow's Message.fbs and Schema.fbs). */
const MESSAGE_HEADER = 2;
const SCHEMA_FIELDS = 1;
const SCHEMA_METADATA = 2;
const FIELD_CHILDREN = 5;
const FIELD_METADATA = 6;

/**
 * Checks that the lists of an encapsulated schema message are within its bytes, which the parser takes on trust: a damaged
 * length would keep it busy for hours. Throws a RangeError.
 */
function checkMessage(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = view.getInt32(0, true) === -1 ? 8 : 4; // the length, in newer files behind a mark
  const message = follow(view, start);
  const header = fieldAt(view, message, MESSAGE_HEADER);
  if (header === undefined) throw new RangeError("no schema");
  const schema = follow(view, header);
  tablesOf(view, schema, SCHEMA_METADATA);
  // Each field takes at least the four bytes of its offset, unless fields are shared, which no writer does.
  let budget = bytes.length / 4;
  const check = (fields: readonly number[]): void => {
    budget -= fields.length;
    if (budget < 0) throw new RangeError("more fields than bytes");
    for (const field of fields) {
      tablesOf(view, field, FIELD_METADATA);
      check(tablesOf(view, field, FIELD_CHILDREN));
    }
  };
  check(tablesOf(view, schema, SCHEMA_FIELDS));
}

/** Where the tables of a list are. */
function tablesOf(view: DataView, table: number, field: number): number[] {
  const at = fieldAt(view, table, field);
  if (at === undefined) return [];
  const list = follow(view, at);
  const length = view.getUint32(list, true);
  if (list + 4 + length * 4 > view.byteLength) throw new RangeError("a list is longer than its bytes");
  return Array.from({ length }, (_, index) => follow(view, list + 4 + index * 4));
}

/** Where an offset points. */
function follow(view: DataView, at: number): number {
  return at + view.getUint32(at, true);
}

/** Where a field of a table is; `undefined` if the table lacks it. */
function fieldAt(view: DataView, table: number, field: number): number | undefined {
  const vtable = table - view.getInt32(table, true);
  const entry = 4 + field * 2;
  if (entry >= view.getUint16(vtable, true)) return undefined;
  const offset = view.getUint16(vtable + entry, true);
  return offset === 0 ? undefined : table + offset;
}

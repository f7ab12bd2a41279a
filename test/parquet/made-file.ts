import { ThriftType, type ThriftField, type ThriftStruct, type ThriftValue } from "../../src/parquet/footer/thrift.ts";
import { writeThrift } from "../../src/parquet/footer/thrift-writer.ts";

/** Says what a page holds; whatever it says need not be so. */
export interface MadePage {
  readonly values: number;
  /** As it is stored. */
  readonly body: Uint8Array;
  readonly encoding?: number;
  /** Decompressed. @default that of the body */
  readonly size?: number;
  readonly isDictionary?: boolean;
  readonly checksum?: number;
  /** Makes it a page of version 2. */
  readonly version2?: {
    readonly rows: number;
    readonly nulls: number;
    readonly definitions?: number;
    readonly repetitions?: number;
  };
}

export interface MadeColumn {
  readonly name: string;
  /** Of parquet.thrift: 1 INT32, 2 INT64, 3 INT96, 6 BYTE_ARRAY, 7 FIXED_LEN_BYTE_ARRAY. */
  readonly type: number;
  readonly width?: number;
  readonly isOptional?: boolean;
  /** Makes it a list of required items. */
  readonly isList?: boolean;
  readonly isText?: boolean;
  readonly pages: readonly MadePage[];
  readonly codec?: number;
  readonly encodings?: readonly number[];
  /** What the footer counts. @default that of the pages */
  readonly values?: number;
  readonly uncompressedLength?: number;
  /** Where the footer says that it begins. */
  readonly offset?: number;
}

export interface MadeFile {
  readonly rows: number;
  readonly columns: readonly MadeColumn[];
  readonly fileRows?: number;
  readonly createdBy?: string;
  /** Bytes of each chunk that the footer leaves out. */
  readonly uncounted?: number;
}

/** Writes a Parquet file of one row group by hand. */
export function makeFile({
  rows,
  columns,
  fileRows = rows,
  createdBy,
  uncounted = 0,
}: MadeFile): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [Buffer.from("PAR1")];
  let at = 4;
  const chunks = columns.map((column) => {
    const pages = column.pages.map(makePage);
    const offset = column.offset ?? at;
    const length = sizeOf(pages);
    parts.push(...pages);
    at += length;
    return makeChunk(column, { offset, length: length - uncounted, dictionary: pages[0]?.length ?? 0 });
  });
  const group = struct({ 1: list(chunks), 2: long(at - 4), 3: long(rows) });
  const schema = [struct({ 4: text("schema"), 5: int(columns.length) }), ...columns.flatMap(makeElements)];
  const footer = writeThrift(
    struct({
      1: int(1),
      2: list(schema),
      3: long(fileRows),
      4: list([group]),
      ...(createdBy === undefined ? {} : { 6: text(createdBy) }),
    }),
  );
  return withFooter(Buffer.concat(parts), footer);
}

/** Puts a footer, and what is after it, behind the beginning of a file. */
export function withFooter(start: Uint8Array, footer: Uint8Array): Uint8Array<ArrayBuffer> {
  const length = new Uint8Array(new Uint32Array([footer.length]).buffer);
  return new Uint8Array(Buffer.concat([start, footer, length, Buffer.from("PAR1")]));
}

/** A run of one level or dictionary index, of a byte. */
export function run(times: number, value: number): Uint8Array {
  return Uint8Array.from([...varint(times * 2), value]);
}

/** A page's levels of version 1: their length comes first. */
export function lengthed(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([new Uint8Array(new Uint32Array([bytes.length]).buffer), bytes]);
}

/** A dictionary page of one value. */
export function dictionaryPage(body: Uint8Array): MadePage {
  return { values: 1, body, isDictionary: true };
}

/** Places in a dictionary, of a byte each: a run of one of them. */
export function indices(times: number, value: number): Uint8Array {
  return Buffer.concat([Uint8Array.from([8]), run(times, value)]);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return [...bytes, rest];
}

function makePage({
  values,
  body,
  encoding = 0,
  size = body.length,
  isDictionary,
  checksum,
  version2,
}: MadePage): Uint8Array {
  const kind =
    version2 !== undefined
      ? {
          8: nested({
            1: int(values),
            2: int(version2.nulls),
            3: int(version2.rows),
            4: int(encoding),
            5: int(version2.definitions ?? 0),
            6: int(version2.repetitions ?? 0),
          }),
        }
      : isDictionary === true
        ? { 7: nested({ 1: int(values), 2: int(0) }) }
        : { 5: nested({ 1: int(values), 2: int(encoding), 3: int(3), 4: int(3) }) };
  const type = version2 !== undefined ? 3 : isDictionary === true ? 2 : 0;
  const crc = checksum === undefined ? {} : { 4: int(checksum | 0) };
  return Buffer.concat([
    writeThrift(struct({ 1: int(type), 2: int(size), 3: int(body.length), ...crc, ...kind })),
    body,
  ]);
}

function makeChunk(
  column: MadeColumn,
  { offset, length, dictionary }: { readonly offset: number; readonly length: number; readonly dictionary: number },
): ThriftStruct {
  const hasDictionary = column.pages[0]?.isDictionary === true;
  const data = column.pages.filter(({ isDictionary }) => isDictionary !== true);
  const path = column.isList === true ? [column.name, "list", "element"] : [column.name];
  const metadata = nested({
    1: int(column.type),
    2: { type: ThriftType.LIST, value: { elementType: ThriftType.I32, values: column.encodings ?? [0, 3, 8] } },
    3: {
      type: ThriftType.LIST,
      value: { elementType: ThriftType.BINARY, values: path.map((name) => Buffer.from(name)) },
    },
    4: int(column.codec ?? 0),
    5: long(column.values ?? data.reduce((sum, { values }) => sum + values, 0)),
    6: long(
      column.uncompressedLength ?? column.pages.reduce((sum, { size, body }) => sum + (size ?? body.length) + 100, 0),
    ),
    7: long(length),
    9: long(hasDictionary ? offset + dictionary : offset),
    ...(hasDictionary ? { 11: long(offset) } : {}),
  });
  return struct({ 2: long(offset), 3: metadata });
}

function makeElements({ name, type, width, isOptional, isList, isText }: MadeColumn): ThriftStruct[] {
  const leaf = {
    1: int(type),
    ...(width === undefined ? {} : { 2: int(width) }),
    ...(isText === true ? { 6: int(0) } : {}),
  };
  if (isList !== true) return [struct({ ...leaf, 3: int(isOptional === true ? 1 : 0), 4: text(name) })];
  return [
    struct({ 3: int(0), 4: text(name), 5: int(1), 6: int(3) }),
    struct({ 3: int(2), 4: text("list"), 5: int(1) }),
    struct({ ...leaf, 3: int(0), 4: text("element") }),
  ];
}

function sizeOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}

function struct(fields: Readonly<Record<number, ThriftField>>): ThriftStruct {
  return new Map(Object.entries(fields).map(([id, field]) => [Number(id), field]));
}

function nested(fields: Readonly<Record<number, ThriftField>>): ThriftField {
  return { type: ThriftType.STRUCT, value: struct(fields) };
}

function list(values: readonly ThriftValue[]): ThriftField {
  return { type: ThriftType.LIST, value: { elementType: ThriftType.STRUCT, values } };
}

function int(value: number): ThriftField {
  return { type: ThriftType.I32, value };
}

function long(value: number): ThriftField {
  return { type: ThriftType.I64, value };
}

function text(value: string): ThriftField {
  return { type: ThriftType.BINARY, value: Buffer.from(value) };
}

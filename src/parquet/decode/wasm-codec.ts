import { tableFromIPC } from "apache-arrow";
import { DamageError } from "../failures.ts";
import { PhysicalType } from "../footer/metadata.ts";
import { type ThriftField, type ThriftStruct, ThriftType, type ThriftValue } from "../footer/thrift.ts";
import { writeThrift } from "../footer/thrift-writer.ts";
import { concatenated } from "./byte-pieces.ts";
import { decodeParquet } from "./decode.ts";
import { PageType } from "./page-header.ts";
import { checkLz4 } from "./lz4-frames.ts";

const LZ4 = 5;
export const MAGIC: Uint8Array = new TextEncoder().encode("PAR1");

/**
 * Decompresses with the WebAssembly decoder: reads a file whose only value is the bytes. Throws a {@link DamageError} where
 * they are damaged.
 */
export function decompressByWasm(codec: number, bytes: Uint8Array, size: number): Uint8Array {
  if (size === 0) return new Uint8Array();
  if (codec === LZ4) checkLz4(bytes, size);
  const page = writeThrift(
    struct(
      [1, int(PageType.DATA)],
      [2, int(size)],
      [3, int(bytes.length)],
      [5, nested([1, int(1)], [2, int(0)], [3, int(3)], [4, int(3)])],
    ),
  );
  const footer = footerOf(codec, size, page.length + bytes.length);
  const file = parquetFile([page, bytes], footer);
  const [batch] = [...decodeParquet({ file, rows: { start: 0, end: 1 }, batchRows: 1 })];
  const values =
    batch === undefined || !("ipc" in batch) ? undefined : tableFromIPC(batch.ipc).getChildAt(0)?.data[0]?.values;
  if (!(values instanceof Uint8Array) || values.length !== size)
    throw new DamageError("a page decompresses to another size than it says");
  return values;
}

/** Puts a Parquet file together. */
export function parquetFile(parts: readonly Uint8Array[], footer: Uint8Array, into?: Uint8Array): Uint8Array {
  const length = Uint8Array.from([0, 8, 16, 24], (shift) => (footer.length >>> shift) & 0xff);
  const pieces = [MAGIC, ...parts, footer, length, MAGIC];
  const size = pieces.reduce((sum, piece) => sum + piece.length, 0);
  return concatenated(pieces, size, into);
}

function footerOf(codec: number, size: number, length: number): Uint8Array {
  const name = binary("bytes");
  const root = struct([4, name], [5, int(1)]);
  const leaf = struct([1, int(PhysicalType.FIXED_LEN_BYTE_ARRAY)], [2, int(size)], [3, int(0)], [4, name]);
  const metadata = nested(
    [1, int(PhysicalType.FIXED_LEN_BYTE_ARRAY)],
    [2, list(ThriftType.I32, [0])],
    [3, list(ThriftType.BINARY, [name.value])],
    [4, int(codec)],
    [5, long(1)],
    [6, long(size)],
    [7, long(length)],
    [9, long(MAGIC.length)],
  );
  const chunk = struct([2, long(MAGIC.length)], [3, metadata]);
  const group = struct([1, list(ThriftType.STRUCT, [chunk])], [2, long(size)], [3, long(1)]);
  return writeThrift(
    struct(
      [1, int(1)],
      [2, list(ThriftType.STRUCT, [root, leaf])],
      [3, long(1)],
      [4, list(ThriftType.STRUCT, [group])],
    ),
  );
}

function struct(...fields: readonly (readonly [number, ThriftField])[]): ThriftStruct {
  return new Map(fields);
}

function nested(...fields: readonly (readonly [number, ThriftField])[]): ThriftField {
  return { type: ThriftType.STRUCT, value: struct(...fields) };
}

function int(value: number): ThriftField {
  return { type: ThriftType.I32, value };
}

function long(value: number): ThriftField {
  return { type: ThriftType.I64, value };
}

function binary(text: string): ThriftField {
  return { type: ThriftType.BINARY, value: new TextEncoder().encode(text) };
}

function list(elementType: number, values: readonly ThriftValue[]): ThriftField {
  return { type: ThriftType.LIST, value: { elementType, values } };
}

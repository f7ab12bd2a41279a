import { HfStreamError } from "../../errors.ts";
import type { ByteSource, ReadOptions } from "../../fs/types.ts";
import type { ColumnChunk, FileMetadata, FileRange, LeafColumn, RowGroup, Statistics } from "./metadata.ts";
import { readSchema } from "./schema.ts";
import { binaryField, intField, listField, readThrift, structField, type ThriftStruct } from "./thrift.ts";

/** Enough for the footer of most files, and little to fetch. */
const TAIL_BYTES = 128 * 1024;
const MAGIC = 0x31524150; // "PAR1", little-endian
const ENCRYPTED_MAGIC = 0x45524150; // "PARE"
/** The length of the footer and the magic number, at the end of the file. */
const TRAILER_BYTES = 8;

/**
 * Reads the footer of a Parquet file, the Thrift `FileMetaData` alone: one read of its tail, a second one only when the
 * footer is larger. Throws `CORRUPT_FILE` where there is none.
 */
export async function readFooter(source: ByteSource, options: ReadOptions = {}): Promise<Uint8Array> {
  const { path, size } = source;
  if (size < 12) throw corrupt(path, `it has ${size} bytes, too few for a Parquet file`);
  const tailLength = Math.min(size, TAIL_BYTES);
  const tail = await source.read({ offset: size - tailLength, length: tailLength }, options);
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  const magic = view.getUint32(tailLength - 4, true);
  if (magic === ENCRYPTED_MAGIC)
    throw new HfStreamError("UNSUPPORTED_FORMAT", `${path} is encrypted, which is not supported.`, { path });
  if (magic !== MAGIC) throw corrupt(path, "it does not end as a Parquet file does; it may be cut short");
  const length = view.getUint32(tailLength - TRAILER_BYTES, true);
  const start = size - TRAILER_BYTES - length;
  if (start < 4) throw corrupt(path, `its footer claims ${length} bytes, more than the file has`);
  const end = tailLength - TRAILER_BYTES;
  if (length <= end) return tail.slice(end - length, end);
  const footer = new Uint8Array(length);
  const missing = length - end;
  await source.read({ offset: start, length: missing }, { ...options, into: footer.subarray(0, missing) });
  footer.set(tail.subarray(0, end), missing);
  return footer;
}

/** The file that a footer is of. */
export type FooterOwner = Pick<ByteSource, "path" | "size">;

/** Parses a footer (parquet.thrift, `FileMetaData`). Throws `CORRUPT_FILE`, also where it points out of the file. */
export function parseFooter(bytes: Uint8Array, file: FooterOwner): FileMetadata {
  const { path } = file;
  try {
    const stored = readThrift(bytes).struct;
    const { root, leaves } = readSchema(listField(stored, 2) as readonly ThriftStruct[]);
    const rowGroups = (listField(stored, 4) as readonly ThriftStruct[]).map((group) =>
      readRowGroup(group, leaves, file),
    );
    return {
      path,
      // Some writers leave the file's count at 0: the row groups know better.
      rows: rowGroups.reduce((sum, { rows }) => sum + rows, 0),
      schema: root,
      leaves,
      rowGroups,
      keyValues: readKeyValues(stored),
      stored,
    };
  } catch (cause) {
    if (cause instanceof HfStreamError) throw cause;
    throw corrupt(path, `its footer cannot be read (${(cause as Error).message})`, cause);
  }
}

/** Says that a file is not what its format promises. */
export function corrupt(path: string, how: string, cause?: unknown): HfStreamError {
  return new HfStreamError(
    "CORRUPT_FILE",
    `${path} is corrupt: ${how}. Set \`onBadFile: 'skip'\` to go on without such files.`,
    { path, cause },
  );
}

function readRowGroup(stored: ThriftStruct, leaves: readonly LeafColumn[], file: FooterOwner): RowGroup {
  const columns = listField(stored, 1) as readonly ThriftStruct[];
  if (columns.length !== leaves.length)
    throw corrupt(file.path, `a row group has ${columns.length} column chunks for ${leaves.length} columns`);
  const rows = intField(stored, 3) ?? 0;
  if (rows < 0) throw corrupt(file.path, `a row group claims ${rows} rows`);
  return { rows, columns: columns.map((chunk) => readColumnChunk(chunk, file)), stored };
}

function readColumnChunk(chunk: ThriftStruct, { path, size }: FooterOwner): ColumnChunk {
  const stored = structField(chunk, 3);
  const file = binaryField(chunk, 1);
  if (stored === undefined || chunk.has(8))
    throw new HfStreamError("UNSUPPORTED_FORMAT", `${path} has encrypted columns, which are not supported.`, { path });
  if (file !== undefined && file.length > 0)
    throw new HfStreamError("UNSUPPORTED_FORMAT", `${path} keeps columns in other files, which is not supported.`, {
      path,
    });
  const dataPageOffset = intField(stored, 9) ?? 0;
  const dictionary = intField(stored, 11);
  // Some writers put 0 where there is no dictionary.
  const dictionaryPageOffset =
    dictionary !== undefined && dictionary > 0 && dictionary < dataPageOffset ? dictionary : undefined;
  const offset = dictionaryPageOffset ?? dataPageOffset;
  const [uncompressedLength = 0, length = 0] = [intField(stored, 6), intField(stored, 7)];
  if (offset < 0 || length < 0 || uncompressedLength < 0 || offset + length > size)
    throw corrupt(path, `a column chunk claims ${length} bytes at ${offset}, of ${size} that the file has`);
  const bloomOffset = intField(stored, 14);
  return {
    offset,
    length,
    uncompressedLength,
    dictionaryPageOffset,
    dataPageOffset,
    statistics: readStatistics(structField(stored, 12)),
    columnIndex: rangeWithin(size, intField(chunk, 6), intField(chunk, 7)),
    offsetIndex: rangeWithin(size, intField(chunk, 4), intField(chunk, 5)),
    bloomFilter: bloomOffset === undefined ? undefined : { offset: bloomOffset, length: intField(stored, 15) },
    stored,
  };
}

function readStatistics(stored: ThriftStruct | undefined): Statistics | undefined {
  if (stored === undefined) return undefined;
  // Fields 1 and 2 are of an older time, whose order of strings and unsigned numbers nobody can tell: left alone.
  return { min: binaryField(stored, 6), max: binaryField(stored, 5), nullCount: intField(stored, 3) };
}

/** A place that need not be read: one that cannot be in the file is as good as none. */
function rangeWithin(size: number, offset: number | undefined, length: number | undefined): FileRange | undefined {
  if (offset === undefined || length === undefined) return undefined;
  return offset < 0 || length <= 0 || offset + length > size ? undefined : { offset, length };
}

function readKeyValues(stored: ThriftStruct): Map<string, string> {
  const text = new TextDecoder();
  const pairs = (listField(stored, 5) as readonly ThriftStruct[]).map((pair): [string, string] => [
    text.decode(binaryField(pair, 1)),
    text.decode(binaryField(pair, 2)),
  ]);
  return new Map(pairs);
}

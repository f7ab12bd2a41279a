import { HfStreamError, isHfStreamError, messageOf } from "../../errors.ts";
import type { ByteSource, ReadOptions } from "../../fs/types.ts";
import { say } from "../../message.ts";
import { blaming, corrupt, DamageError, TooLargeError } from "../failures.ts";
import { ChunkLayout } from "./chunk-layout.ts";
import type { FileMetadata } from "./metadata.ts";
import { type FooterFields, readRowGroups } from "./row-groups.ts";
import { readSchema } from "./schema.ts";
import { type ThriftField, ThriftReader, type ThriftStruct } from "./thrift.ts";
import { binaryField } from "./thrift-fields.ts";

/** Enough for the footer of most files, and little to fetch. */
const TAIL_BYTES = 128 * 1024;
const MAGIC = 0x31524150; // "PAR1", little-endian
const ENCRYPTED_MAGIC = 0x45524150; // "PARE"
/** Enough for a million column chunks. */
const MAX_FOOTER_BYTES = 128 * 1024 * 1024;
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
  const tail = await readTail(source, tailLength, options);
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  const magic = view.getUint32(tailLength - 4, true);
  if (magic === ENCRYPTED_MAGIC)
    throw new HfStreamError("UNSUPPORTED_FORMAT", `${path} is encrypted, which is not supported.`, { path });
  if (magic !== MAGIC) throw corrupt(path, "it does not end as a Parquet file does; it may be cut short");
  const length = view.getUint32(tailLength - TRAILER_BYTES, true);
  const start = size - TRAILER_BYTES - length;
  if (start < 4) throw corrupt(path, `its footer claims ${length} bytes, more than the file has`);
  if (length > MAX_FOOTER_BYTES)
    throw new HfStreamError("UNSUPPORTED_FORMAT", `${path} has a footer of ${length} bytes, more than can be read.`, {
      path,
    });
  const end = tailLength - TRAILER_BYTES;
  if (length <= end) return tail.slice(end - length, end);
  const footer = new Uint8Array(length);
  const missing = length - end;
  await source.read({ offset: start, length: missing }, { ...options, into: footer.subarray(0, missing) });
  footer.set(tail.subarray(0, end), missing);
  return footer;
}

/** Offline, a footer alone is enough for much: that it is missing, too, is worth a word. */
async function readTail(source: ByteSource, length: number, options: ReadOptions): Promise<Uint8Array> {
  try {
    return await source.read({ offset: source.size - length, length }, options);
  } catch (error) {
    if (!isHfStreamError(error, "OFFLINE")) throw error;
    const message = say`The footer of ${source.path} is not in the cache. ${messageOf(error)}`;
    throw new HfStreamError("OFFLINE", message, error);
  }
}

/** The file that a footer is of. */
export type FooterOwner = Pick<ByteSource, "path" | "size">;

/** Each becomes some objects. */
const MAX_SCHEMA_ELEMENTS = 16 * 1024;
const MAX_KEY_VALUES = 32 * 1024;

/**
 * Parses a footer (parquet.thrift, `FileMetaData`). Throws `CORRUPT_FILE`, also where it points out of the file or
 * contradicts itself.
 */
export function parseFooter(bytes: Uint8Array, { path, size }: FooterOwner): FileMetadata {
  return blaming(path, "its footer", () => {
    const parsed = readFields(bytes);
    const end = size - TRAILER_BYTES - bytes.length;
    const owner = { path, bytes, end, padding: paddingOf(parsed.stored), isPart: false };
    const layout = new ChunkLayout();
    const metadata = readRowGroups(parsed, owner, (chunk) => layout.add(chunk));
    layout.check();
    // Some writers leave the file's count at 0: the row groups know better.
    if (parsed.rows !== 0 && parsed.rows !== metadata.rows)
      throw new DamageError(`it counts ${parsed.rows} rows, and its row groups ${metadata.rows}`);
    return metadata;
  });
}

/** Parses the footer that a read plan makes for a part of a row group: where its chunks are does not matter. */
export function parseUnitFooter(bytes: Uint8Array, path: string): FileMetadata {
  return blaming(path, "its footer", () => {
    const parsed = readFields(bytes);
    return readRowGroups(parsed, { path, bytes, end: Infinity, padding: paddingOf(parsed.stored), isPart: true });
  });
}

function readFields(bytes: Uint8Array): FooterFields {
  const reader = new ThriftReader(bytes);
  const elements: ThriftStruct[] = [];
  const stored = new Map<number, ThriftField>();
  const keyValues = new Map<string, string>();
  let rows = 0;
  let groups: FooterFields["groups"];
  reader.walk((id, type) => {
    if (id === 2)
      reader.eachStruct(type, (index) => {
        if (index >= MAX_SCHEMA_ELEMENTS) throw new TooLargeError(`more than ${MAX_SCHEMA_ELEMENTS} schema elements`);
        const element = reader.struct();
        if (!element.has(4)) throw new DamageError("a schema element without a name");
        elements.push(element);
      });
    else if (id === 3) rows = reader.int(type);
    else if (id === 5) readKeyValues(reader, type, keyValues);
    else if (id === 1 || id === 6) stored.set(id, reader.field(type));
    else {
      if (id === 4) groups = { position: reader.position, type };
      reader.skip(type);
    }
  });
  const { root, leaves } = readSchema(elements);
  return { root, leaves, rows, groups, keyValues, stored };
}

/** The keys that anything is read from. */
const KNOWN_KEYS: ReadonlySet<string> = new Set(["huggingface", "ARROW:schema"]);

function readKeyValues(reader: ThriftReader, type: number, into: Map<string, string>): void {
  reader.eachStruct(type, (index) => {
    if (index >= MAX_KEY_VALUES) throw new TooLargeError(`more than ${MAX_KEY_VALUES} keys`);
    let key = new Uint8Array() as Uint8Array;
    let value = key;
    reader.walk((id, fieldType) => {
      if (id === 1) key = reader.binary(fieldType);
      else if (id === 2) value = reader.binary(fieldType);
      else reader.skip(fieldType);
    });
    const name = Buffer.from(key.subarray(0, 64)).toString("latin1");
    if (KNOWN_KEYS.has(name)) into.set(name, new TextDecoder().decode(value));
  });
}

/**
 * Bytes that a chunk may have beyond those it counts: parquet-mr left out the header of the dictionary page before 1.2.9
 * (PARQUET-816), which is at most so long.
 */
function paddingOf(stored: ThriftStruct): number {
  const createdBy = Buffer.from(binaryField(stored, 6) ?? []).toString("latin1");
  const writer = /^parquet-mr(?: version (\d+)\.(\d+)\.(\d+))?/.exec(createdBy);
  if (writer === null) return 0;
  const [major, minor, patch] = writer.slice(1).map((part) => Number(part ?? 0)) as [number, number, number];
  return major * 1e6 + minor * 1e3 + patch < 1_002_009 ? 100 : 0;
}

import { DamageError } from "../failures.ts";
import { readThrift, ThriftEndError, type ThriftField, type ThriftStruct, ThriftType } from "../footer/thrift.ts";
import { booleanField, intField, structField } from "../footer/thrift-fields.ts";
import { writeThrift } from "../footer/thrift-writer.ts";

/** Page types (parquet.thrift, `PageType`). */
export const PageType = { DATA: 0, DICTIONARY: 2, DATA_V2: 3 } as const;

/** Encodings of levels in pages of version 1 (parquet.thrift, `Encoding`). */
export const LevelEncoding = { RLE: 3, BIT_PACKED: 4 } as const;

/** What a page says of itself. Counts and sizes are none below 0. */
export interface PageHeader {
  /** One of {@link PageType}, or of a kind that is passed over. */
  readonly type: number;
  /** Its own bytes. */
  readonly length: number;
  readonly bodyLength: number;
  /** Bytes of the body, decompressed. */
  readonly size: number;
  readonly checksum: number | undefined;
  /** Nulls and empty lists counted. */
  readonly entries: number;
  /** How its values are encoded (parquet.thrift, `Encoding`). */
  readonly encoding: number | undefined;
  /** What version 2 says beyond that. */
  readonly version2: Version2 | undefined;
  readonly levelEncodings: { readonly definitions: number; readonly repetitions: number };
  readonly fields: ThriftStruct;
}

interface Version2 {
  readonly rows: number;
  readonly nulls: number;
  /** Bytes of the levels, which come first and are not compressed. */
  readonly definitions: number;
  readonly repetitions: number;
  readonly isCompressed: boolean;
}

/** A header holds statistics at most: one that is longer is none. */
export const MAX_HEADER_BYTES: number = 64 * 1024;

const NO_FIELDS: ThriftStruct = new Map();

/** Reads the header that `start` begins with; `undefined` if it has not come as a whole. */
export function readPageHeader(start: Uint8Array): PageHeader | undefined {
  try {
    const { struct: fields, end: length } = readThrift(start);
    const version2 = structField(fields, 8);
    const version1 = structField(fields, 5) ?? NO_FIELDS;
    const kind = version2 ?? structField(fields, 5) ?? structField(fields, 7) ?? NO_FIELDS;
    return {
      type: intField(fields, 1) ?? -1,
      length,
      bodyLength: count(fields, 3),
      size: count(fields, 2),
      checksum: intField(fields, 4),
      entries: kind === NO_FIELDS ? 0 : count(kind, 1),
      encoding: intField(kind, version2 === undefined ? 2 : 4),
      version2: version2 === undefined ? undefined : readVersion2(version2),
      levelEncodings: {
        definitions: intField(version1, 3) ?? LevelEncoding.RLE,
        repetitions: intField(version1, 4) ?? LevelEncoding.RLE,
      },
      fields,
    };
  } catch (error) {
    if (error instanceof ThriftEndError && start.length < MAX_HEADER_BYTES) return undefined;
    throw error;
  }
}

function readVersion2(fields: ThriftStruct): Version2 {
  return {
    nulls: count(fields, 2),
    rows: count(fields, 3),
    definitions: count(fields, 5),
    repetitions: count(fields, 6),
    isCompressed: booleanField(fields, 7) ?? true,
  };
}

function count(fields: ThriftStruct, id: number): number {
  const value = intField(fields, id);
  if (value === undefined || value < 0 || value > 0x7fffffff) throw new DamageError("a page of a negative size");
  return value;
}

/** Writes the header of the same page, decompressed. */
export function plainHeader({ fields, size, version2 }: PageHeader): Uint8Array {
  const plain = new Map<number, ThriftField>(fields);
  plain.delete(4); // the checksum is that of the compressed page
  plain.set(3, { type: ThriftType.I32, value: size });
  if (version2 !== undefined) {
    const uncompressed = new Map(structField(fields, 8)).set(7, { type: ThriftType.FALSE, value: false });
    plain.set(8, { type: ThriftType.STRUCT, value: uncompressed });
  }
  return writeThrift(plain);
}

import { HfStreamError } from "../../errors.ts";
import { corrupt, DamageError } from "../failures.ts";
import type { ColumnChunk, FileRange, LeafColumn, Statistics } from "./metadata.ts";
import { type ThriftReader, type ThriftStruct, ThriftType } from "./thrift.ts";
import { binaryField, intField } from "./thrift-fields.ts";

/** What column chunks are read for. */
export interface ChunkOwner {
  readonly path: string;
  /** The footer. */
  readonly bytes: Uint8Array;
  /** Where in the file the footer begins, and so chunks end. */
  readonly end: number;
  /** Bytes that may follow a chunk uncounted. */
  readonly padding: number;
  /** Whether it is a part of a row group that a read plan made, which has no places, and may lack counts. */
  readonly isPart: boolean;
}

/** The fields of `ColumnChunk` (parquet.thrift) and, from 100 on, of its `ColumnMetaData`. */
type Fields = Map<number, number>;
const METADATA = 100;
const NUMBERS = new Set([101, 104, 105, 106, 107, 109, 111]);
/** Where indexes and bloom filters are, which need not be read; some writers have put other things there. */
const PLACES = new Set([4, 5, 6, 7, 114, 115]);

/** Reads the column chunk that follows. Throws a {@link DamageError}, or `CORRUPT_FILE`, on one that cannot be. */
export function readColumnChunk(reader: ThriftReader, leaf: LeafColumn, owner: ChunkOwner): ColumnChunk {
  const { path } = owner;
  const fields: Fields = new Map();
  const parts: { encodings: number[]; statistics?: ThriftStruct; stored?: Uint8Array } = { encodings: [] };
  reader.walk((id, type) => {
    if (id === 1 && reader.binary(type).length > 0) throw unsupported(path, "keeps columns in other files");
    else if (id === 8) throw unsupported(path, "has encrypted columns");
    else if (id === 3 && type === ThriftType.STRUCT) {
      const start = reader.position;
      reader.walk((inner, innerType) => {
        if (inner === 2) parts.encodings = reader.field(innerType).value as never;
        else if (inner === 12) parts.statistics = reader.struct(innerType);
        else readNumber(reader, fields, METADATA + inner, innerType);
      });
      parts.stored = owner.bytes.subarray(start, reader.position);
    } else if (id !== 1) readNumber(reader, fields, id, type);
  });
  if (parts.stored === undefined) throw unsupported(path, "has encrypted columns");
  if (fields.get(101) !== leaf.node.physicalType)
    throw corrupt(path, `a chunk of column ${leaf.path.join(".")} is of another type`);
  return {
    ...placeOf(fields, owner),
    values: fields.get(105),
    codec: fields.get(104) ?? 0,
    encodings: encodingsOf(parts.encodings),
    statistics: readStatistics(parts.statistics),
    columnIndex: rangeWithin(owner.end, fields.get(6), fields.get(7)),
    offsetIndex: rangeWithin(owner.end, fields.get(4), fields.get(5)),
    bloomFilter: bloomFilterOf(fields),
    stored: parts.stored,
  };
}

function readNumber(reader: ThriftReader, fields: Fields, id: number, type: number): void {
  const isPlace = PLACES.has(id) && (type === ThriftType.I32 || type === ThriftType.I64);
  if (NUMBERS.has(id) || isPlace) fields.set(id, reader.int(type));
  else reader.skip(type);
}

type Place = Pick<
  ColumnChunk,
  "offset" | "length" | "padding" | "uncompressedLength" | "dictionaryPageOffset" | "dataPageOffset"
>;

function placeOf(fields: Fields, { path, end, padding, isPart }: ChunkOwner): Place {
  const dataPageOffset = fields.get(109) ?? 0;
  const dictionary = fields.get(111);
  // Some writers put 0 where there is no dictionary.
  const dictionaryPageOffset =
    dictionary !== undefined && dictionary > 0 && dictionary < dataPageOffset ? dictionary : undefined;
  const offset = dictionaryPageOffset ?? dataPageOffset;
  const [uncompressedLength = 0, length = 0] = [fields.get(106), fields.get(107)];
  if (offset < 0 || length < 0 || uncompressedLength < 0 || offset + length > end)
    throw corrupt(path, `a column chunk claims ${length} bytes at ${offset}, of ${end} that are before the footer`);
  const padded = length === 0 ? 0 : Math.min(padding, end - offset - length);
  return {
    offset,
    length: isPart ? length : length + padded, // a plan has them among its bytes
    padding: padded,
    uncompressedLength,
    dictionaryPageOffset,
    dataPageOffset,
  };
}

function encodingsOf(value: unknown): readonly number[] {
  const values = (value as { values?: unknown }).values ?? value;
  if (Array.isArray(values) && values.every(Number.isInteger)) return values as number[];
  throw new DamageError("the encodings of a column chunk are no list of integers");
}

function bloomFilterOf(fields: Fields): ColumnChunk["bloomFilter"] {
  const offset = fields.get(METADATA + 14);
  return offset === undefined || offset < 0 ? undefined : { offset, length: fields.get(METADATA + 15) };
}

function readStatistics(stored: ThriftStruct | undefined): Statistics | undefined {
  if (stored === undefined) return undefined;
  // Fields 1 and 2 are of an older time, whose order of strings and unsigned numbers nobody can tell: left alone.
  return { min: binaryField(stored, 6), max: binaryField(stored, 5), nullCount: intField(stored, 3) };
}

/** A page index larger than this costs more than it may save. */
const MAX_INDEX_BYTES = 4 * 1024 * 1024;

/** A place that need not be read: one that cannot be in the file is as good as none. */
function rangeWithin(end: number, offset: number | undefined, length: number | undefined): FileRange | undefined {
  if (offset === undefined || length === undefined || length > MAX_INDEX_BYTES) return undefined;
  return offset < 0 || length <= 0 || offset + length > end ? undefined : { offset, length };
}

function unsupported(path: string, what: string): HfStreamError {
  return new HfStreamError("UNSUPPORTED_FORMAT", `${path} ${what}, which is not supported.`, { path });
}

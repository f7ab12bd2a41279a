import xxhash from "xxhash-wasm";
import type { ByteSource, ReadOptions } from "../../fs/types.ts";
import type { ColumnChunk } from "../footer/metadata.ts";
import { readThrift } from "../footer/thrift.ts";
import { intField, structField } from "../footer/thrift-fields.ts";
import type { BoundComparison } from "./evaluate.ts";

/** A header is a few bytes; where the writer did not say how long the filter is, this much is read first. */
const FIRST_READ = 4096;
const BLOCK_BYTES = 32;
/** A filter larger than this costs more than it may save. */
const MAX_BYTES = 16 * 1024 * 1024;
const SALT = [0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d, 0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31] as const;

/** A split block bloom filter (parquet-format, BloomFilter.md): says of some values that a column chunk lacks them. */
export type BloomFilter = (plainValue: Uint8Array) => boolean;

/** Reads the bloom filter of a column chunk; `undefined` where there is none that can be used. */
export async function readBloomFilter(
  source: ByteSource,
  { bloomFilter }: ColumnChunk,
  options: ReadOptions = {},
): Promise<BloomFilter | undefined> {
  if (bloomFilter === undefined) return undefined;
  const { offset } = bloomFilter;
  const known = Math.min(bloomFilter.length ?? FIRST_READ, source.size - offset);
  if (known <= 0 || known > MAX_BYTES) return undefined;
  const first = await source.read({ offset, length: known }, options);
  const header = readHeader(first);
  if (header === undefined || offset + header.end + header.bytes > source.size) return undefined;
  const { bytes, end } = header;
  const bits =
    end + bytes <= first.length
      ? first.subarray(end, end + bytes)
      : await source.read({ offset: offset + end, length: bytes }, options);
  const { h64Raw } = await xxhash();
  return (plainValue) => contains(new DataView(bits.buffer, bits.byteOffset, bytes), h64Raw(plainValue));
}

/** The length of the filter and where it begins; `undefined` where it is not of the one kind that there is. */
function readHeader(read: Uint8Array): { readonly bytes: number; readonly end: number } | undefined {
  try {
    const { struct, end } = readThrift(read);
    const bytes = intField(struct, 1) ?? 0;
    const isKnown = [2, 3, 4].every((kind) => structField(struct, kind)?.has(1)); // block, xxHash, uncompressed
    const isWhole = bytes >= BLOCK_BYTES && bytes % BLOCK_BYTES === 0 && bytes <= MAX_BYTES;
    return isKnown && isWhole ? { bytes, end } : undefined;
  } catch {
    return undefined; // rows are right without it
  }
}

/** Whether the filter leaves it open that a comparison holds: only `==` and `in` can be ruled out. */
export function bloomMayMatch({ operator, literals, domain }: BoundComparison, has: BloomFilter): boolean {
  if (operator !== "==" && operator !== "in") return true;
  return literals.some((literal) => {
    if (literal === undefined) return operator === "in";
    const plain = domain.plain(literal);
    return plain === undefined || has(plain);
  });
}

function contains(bits: DataView, hash: bigint): boolean {
  const blocks = BigInt(bits.byteLength / BLOCK_BYTES);
  const block = Number(((hash >> 32n) * blocks) >> 32n) * BLOCK_BYTES;
  const key = Number(hash & 0xffffffffn);
  return SALT.every((salt, word) => {
    const mask = 1 << (Math.imul(key, salt) >>> 27);
    return (bits.getUint32(block + word * 4, true) & mask) !== 0;
  });
}

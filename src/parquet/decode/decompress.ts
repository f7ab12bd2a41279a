import zlib from "node:zlib";
import { snappyUncompressor } from "hysnappy";
import { joined } from "./byte-pieces.ts";
import { copySnappy } from "./copy-snappy.ts";
import { readVarint } from "./direct/hybrid.ts";

/**
 * Decompresses bytes that are known to become `size`, into memory that `allocate` gives where it can choose. Throws on
 * bytes that are damaged.
 */
export type Decompress = (pieces: readonly Uint8Array[], size: number, allocate?: Allocate) => Uint8Array;

/** Gives that many bytes, whatever they hold. */
export type Allocate = (size: number) => Uint8Array;

/** How all of zlib's functions are called here: one piece of the right size, and no more than that. */
interface OneShot {
  (bytes: Uint8Array, options: { readonly chunkSize: number; readonly maxOutputLength: number }): Uint8Array;
}

/** Node has zstd from 22.15 on. */
const { zstdDecompressSync } = zlib as { readonly zstdDecompressSync?: OneShot };

/** By `CompressionCodec` of parquet.thrift: what Node decompresses faster than WebAssembly does. */
const NATIVE = new Map<number, OneShot | undefined>([
  [2, zlib.gunzipSync],
  [4, zlib.brotliDecompressSync],
  [6, zstdDecompressSync],
]);

/** What decompresses pages natively; `undefined` for a codec that is left to the decoder. */
export function nativeDecompress(codec: number): Decompress | undefined {
  const run = NATIVE.get(codec);
  if (run === undefined) return undefined;
  return (pieces, size) => {
    const plain = run(joined(pieces), { chunkSize: Math.max(64, size), maxOutputLength: Math.max(1, size) });
    return new Uint8Array(plain.buffer, plain.byteOffset, plain.length); // the `slice` of a Buffer does not copy
  };
}

const SNAPPY = 1;
/** What shrinks by less than this is mostly literals. */
const LITERAL_SHARE = 0.9;
const uncompressSnappy = snappyUncompressor();
const snappy: Decompress = (pieces, size, allocate = (length) => new Uint8Array(length)) => {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  if (length > size * LITERAL_SHARE) return copySnappy(pieces, allocate(size));
  const bytes = joined(pieces);
  // WebAssembly would grow by any size, and give what earlier pages left there.
  if (readVarint(bytes, 0)[0] !== size) throw new RangeError("snappy of another size than its page says");
  return uncompressSnappy(bytes, size);
};
const stored: Decompress = joined;

/** What decompresses pages that do not go to the decoder; `undefined` for a codec that only the decoder knows. */
export function directDecompress(codec: number): Decompress | undefined {
  if (codec === 0) return stored;
  return codec === SNAPPY ? snappy : nativeDecompress(codec);
}

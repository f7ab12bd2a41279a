import zlib from "node:zlib";
import { releaseMemory } from "../../memory.ts";
import { joined } from "./byte-pieces.ts";
import type { Workspace } from "./workspace.ts";

/** Decompresses bytes that are known to become `size`. Throws on bytes that are damaged. */
export type Decompress = (pieces: readonly Uint8Array[], size: number) => Decompressed;

export interface Decompressed {
  readonly bytes: Uint8Array;
  /** Gives their memory back, which is then used for others; left out where they are those that were given. */
  readonly free?: () => void;
}

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
    const bytes = new Uint8Array(plain.buffer, plain.byteOffset, plain.length); // the `slice` of a Buffer does not copy
    return { bytes, free: () => releaseMemory(bytes) };
  };
}

const SNAPPY = 1;
const stored: Decompress = (pieces) => ({ bytes: joined(pieces) });

/** What decompresses pages that do not go to the decoder; `undefined` for a codec that only the decoder knows. */
export function directDecompress(codec: number, { snappy }: Workspace): Decompress | undefined {
  if (codec === 0) return stored;
  return codec === SNAPPY ? (pieces, size) => snappy.uncompress(pieces, size) : nativeDecompress(codec);
}

import zlib from "node:zlib";
import { HfStreamError } from "../../errors.ts";
import { releaseMemory } from "../../memory.ts";
import { DamageError } from "../failures.ts";
import { joined } from "./byte-pieces.ts";
import type { Workspace } from "./workspace.ts";

/** Decompresses bytes that are known to become `size`, and never more. Throws a {@link DamageError} on bytes that are damaged. */
export type Decompress = (pieces: readonly Uint8Array[], size: number) => Decompressed;

export interface Decompressed {
  readonly bytes: Uint8Array;
  /** Gives their memory back, which is then used for others; left out where they are those that were given. */
  readonly free?: () => void;
}

/** Decompresses with the WebAssembly decoder what nothing else can. */
export type WasmCodec = (codec: number, bytes: Uint8Array, size: number) => Uint8Array;

/** How all of zlib's functions are called here: one piece of the right size, and no more than that. */
interface OneShot {
  (bytes: Uint8Array, options: { readonly chunkSize: number; readonly maxOutputLength: number }): Uint8Array;
}

/** Node has zstd from 22.15 on. */
const { zstdDecompressSync } = zlib as { readonly zstdDecompressSync?: OneShot };

/** By `CompressionCodec` of parquet.thrift: what Node decompresses faster than WebAssembly does. */
const NATIVE = new Map<number, OneShot>([
  [2, zlib.gunzipSync],
  [4, zlib.brotliDecompressSync],
  ...(zstdDecompressSync === undefined ? [] : [[6, zstdDecompressSync] as const]),
]);

const UNCOMPRESSED = 0;
const SNAPPY = 1;
const ZSTD = 6;
/** Those of the WebAssembly decoder: LZ4 as Hadoop frames it, LZ4 alone. */
const WASM = new Set([5, 7]);

/** Whether a codec needs the WebAssembly decoder. */
export function needsWasm(codec: number): boolean {
  return WASM.has(codec);
}

/** Whether a codec needs the zstd of the workspace to be loaded. */
export function needsZstd(codec: number): boolean {
  return codec === ZSTD && !NATIVE.has(ZSTD);
}

/** What decompresses the pages of a codec. Throws `UNSUPPORTED_FORMAT` for one that nobody uses. */
export function decompressor(codec: number, { snappy, zstd }: Workspace, wasm: WasmCodec | undefined): Decompress {
  if (codec === UNCOMPRESSED) return (pieces) => ({ bytes: joined(pieces) });
  if (codec === SNAPPY) return (pieces, size) => snappy.uncompress(pieces, size);
  const native = NATIVE.get(codec);
  if (native !== undefined) return (pieces, size) => owned(inflate(native, joined(pieces), size));
  if (codec === ZSTD) return (pieces, size) => zstd.decompress(pieces, size);
  if (wasm !== undefined && WASM.has(codec)) return (pieces, size) => owned(wasm(codec, joined(pieces), size));
  throw new HfStreamError("UNSUPPORTED_FORMAT", `Parquet's compression codec ${codec} is not supported.`);
}

function inflate(run: OneShot, bytes: Uint8Array, size: number): Uint8Array {
  try {
    const plain = run(bytes, { chunkSize: Math.max(64, size), maxOutputLength: Math.max(1, size) });
    return new Uint8Array(plain.buffer, plain.byteOffset, plain.length); // the `slice` of a Buffer does not copy
  } catch (cause) {
    // What zlib says of the bytes has a code; memory that cannot be had has another, or none.
    const { code } = cause as NodeJS.ErrnoException;
    if (code === undefined || code === "Z_MEM_ERROR") throw cause;
    throw new DamageError(code === "ERR_BUFFER_TOO_LARGE" ? "a page becomes more bytes than it says" : String(cause), {
      cause,
    });
  }
}

function owned(bytes: Uint8Array): Decompressed {
  return { bytes, free: () => releaseMemory(bytes) };
}

import { readParquet, wasmMemory } from "parquet-wasm";
import { HfStreamError } from "../../errors.ts";

/** A small Parquet file to decode. */
export interface DecodeRequest {
  /** What it was made of, for messages. */
  readonly path: string;
  readonly file: Uint8Array<ArrayBuffer>;
  /** Rows of each batch but the last. */
  readonly batchRows: number;
}

/**
 * Decodes a whole Parquet file into Arrow record batches, each an IPC stream of its own in its own buffer, which can be
 * transferred. Throws `CORRUPT_FILE`.
 */
export function* decodeParquet({ path, file, batchRows }: DecodeRequest): Generator<Uint8Array<ArrayBuffer>> {
  const table = guarded(path, () => readParquet(file, { batchSize: batchRows }));
  try {
    for (let index = 0; index < table.numBatches; index += 1) {
      const batch = guarded(path, () => table.recordBatch(index)?.intoIPCStream());
      if (batch !== undefined) yield batch as Uint8Array<ArrayBuffer>;
    }
  } finally {
    table.free();
  }
}

function guarded<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw decodeError(path, cause);
  }
}

/** Bytes of the decoder's memory, which only grows. */
export function decoderMemory(): number {
  return (wasmMemory() as { readonly buffer: ArrayBuffer }).buffer.byteLength;
}

function decodeError(path: string, cause: unknown): HfStreamError {
  const said = cause instanceof Error ? cause.message : String(cause);
  return new HfStreamError(
    "CORRUPT_FILE",
    `${path} is corrupt: its pages cannot be decoded (${said}). Set \`onBadFile: 'skip'\` to go on without such files.`,
    { path, cause },
  );
}

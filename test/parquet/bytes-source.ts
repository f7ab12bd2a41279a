import { checkRange } from "../../src/fs/byte-source.ts";
import type { ByteRange, ByteSource } from "../../src/fs/types.ts";

/** A file in memory that notes what is read of it. */
export interface BytesSource extends ByteSource {
  readonly reads: readonly ByteRange[];
}

/** Makes a {@link BytesSource} of bytes. */
export function bytesSource(bytes: Uint8Array, path = "memory.parquet"): BytesSource {
  const reads: ByteRange[] = [];
  return {
    path,
    size: bytes.length,
    reads,
    async read(range, { into } = {}) {
      checkRange({ path, size: bytes.length }, range);
      reads.push(range);
      const target = into ?? new Uint8Array(range.length);
      target.set(bytes.subarray(range.offset, range.offset + range.length));
      return target;
    },
  };
}

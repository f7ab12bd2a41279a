import { DamageError } from "../failures.ts";
import { littleEndian } from "./direct/hybrid.ts";

const ZSTD_MAGIC = 0xfd2fb528;
const LZ4_MAGIC = 0x184d2204;
const SKIPPABLE_MAGIC = 0x184d2a50;
const MAX_ZSTD_BLOCK = 128 * 1024;
/** Blocks beyond those that the bytes need: a writer may end one early when it is flushed. */
const SPARE_BLOCKS = 64;
const SPARE_LZ4_BLOCKS = 4;

/**
 * Checks that zstd bytes (RFC 8878) become little more than `size` at most, for a decoder that knows no limit: by the heads of
 * their blocks, each of which becomes 128 KiB at most. Throws a {@link DamageError}.
 */
export function checkZstd(bytes: Uint8Array, size: number): void {
  let [at, most, compressed] = [0, 0, 0];
  while (at < bytes.length) {
    const magic = littleEndian(bytes, at, 4);
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC) {
      at += 8 + littleEndian(bytes, at + 4, 4);
      continue;
    }
    if (magic !== ZSTD_MAGIC) throw new DamageError("damaged zstd");
    const descriptor = littleEndian(bytes, at + 4, 1);
    at += headerBytes(descriptor);
    for (let isLast = false; !isLast;) {
      const head = littleEndian(bytes, at, 3);
      const [type, length] = [(head >> 1) & 3, head >> 3];
      isLast = (head & 1) === 1;
      at += 3 + (type === 1 ? 1 : length);
      if (type === 2) compressed += 1;
      else most += length;
      if (at > bytes.length || type === 3) throw new DamageError("damaged zstd");
    }
    if ((descriptor & 4) !== 0) at += 4; // its checksum
  }
  if (most > size || compressed > Math.ceil(size / MAX_ZSTD_BLOCK) + SPARE_BLOCKS)
    throw new DamageError("a page becomes more bytes than it says");
}

/** Bytes of a frame's header, by its descriptor: magic number, descriptor, window, dictionary, content size. */
function headerBytes(descriptor: number): number {
  const isSingle = (descriptor & 0x20) !== 0;
  const dictionary = [0, 1, 2, 4][descriptor & 3] as number;
  const content = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6] as number;
  return 5 + (isSingle ? 0 : 1) + dictionary + content;
}

/**
 * The same for LZ4 in frames (lz4_Frame_format.md), which old writers put where Hadoop has a form of its own: each block
 * becomes 64 KiB to 4 MiB, as the frame says.
 */
export function checkLz4(bytes: Uint8Array, size: number): void {
  if (bytes.length < 7 || littleEndian(bytes, 0, 4) !== LZ4_MAGIC) return; // of the other forms the sizes are known
  const [flags, largest] = [littleEndian(bytes, 4, 1), littleEndian(bytes, 5, 1)];
  const blockBytes = 2 ** (8 + 2 * ((largest >> 4) & 7));
  let at = 7 + ((flags & 8) === 0 ? 0 : 8) + ((flags & 1) === 0 ? 0 : 4);
  let blocks = 0;
  for (
    let length = littleEndian(bytes, at, 4);
    length !== 0 && at + 8 <= bytes.length;
    length = littleEndian(bytes, at, 4)
  ) {
    at += 4 + (length & 0x7fffffff) + ((flags & 16) === 0 ? 0 : 4);
    blocks += 1;
  }
  if (blocks * blockBytes > size + SPARE_LZ4_BLOCKS * blockBytes)
    throw new DamageError("a page becomes more bytes than it says");
}

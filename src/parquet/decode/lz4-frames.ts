import { DamageError } from "../failures.ts";
import { littleEndian } from "./direct/hybrid.ts";

const MAGIC = 0x184d2204;
const SPARE_BLOCKS = 4;

/**
 * Checks that LZ4 in frames (lz4_Frame_format.md), which old writers put where Hadoop has a form of its own, becomes little
 * more than `size` at most, for a decoder that knows no limit: each block becomes 64 KiB to 4 MiB, as the frame says. Throws
 * a {@link DamageError}.
 */
export function checkLz4(bytes: Uint8Array, size: number): void {
  if (bytes.length < 7 || littleEndian(bytes, 0, 4) !== MAGIC) return; // of the other forms the sizes are known
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
  if (blocks * blockBytes > size + SPARE_BLOCKS * blockBytes)
    throw new DamageError("a page becomes more bytes than it says");
}

import zlib from "node:zlib";

/** Node 21, and 22 before 22.2, lack it. */
const { crc32 = tableCrc32 } = zlib as { readonly crc32?: (bytes: Uint8Array, before: number) => number };

/** The CRC-32 (as in gzip) of a page: of what follows its header of so many bytes, as it is stored. */
export function checksumOf(stored: readonly Uint8Array[], headerLength: number): number {
  let [checksum, left] = [0, headerLength];
  for (const piece of stored) {
    const body = piece.subarray(left);
    left = Math.max(0, left - piece.length);
    if (body.length > 0) checksum = crc32(body, checksum);
  }
  return checksum;
}

let table: Uint32Array | undefined;

/** The same without the help of zlib. */
export function tableCrc32(bytes: Uint8Array, before: number): number {
  table ??= Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    return value;
  });
  let checksum = ~before;
  for (const byte of bytes) checksum = (checksum >>> 8) ^ (table[(checksum ^ byte) & 0xff] as number);
  return ~checksum >>> 0;
}

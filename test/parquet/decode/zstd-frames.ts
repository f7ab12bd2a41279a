/** Writes zstd by hand (RFC 8878, sections 3.1.1 and 3.1.2). */

/** A frame of blocks, with a window of 1 MiB; it says neither what it becomes nor a checksum. */
export function makeFrame(...blocks: readonly Uint8Array[]): Buffer {
  return Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x50]), ...blocks]);
}

/** Bytes as they are. */
export function rawBlock(bytes: Uint8Array): Buffer {
  return Buffer.concat([blockHeader(0, bytes.length), bytes]);
}

/** One byte so many times, in four bytes. */
export function repeatedBlock(byte: number, times: number): Buffer {
  return Buffer.concat([blockHeader(1, times), Buffer.from([byte])]);
}

/** The same block, as the last of its frame. */
export function lastBlock(block: Uint8Array): Buffer {
  const last = Buffer.from(block);
  last[0] = (last[0] as number) | 1;
  return last;
}

/** A frame that decoders pass over. */
export function skippableFrame(length: number): Buffer {
  const frame = Buffer.alloc(8 + length, 0xee);
  frame.writeUInt32LE(0x184d2a53, 0);
  frame.writeUInt32LE(length, 4);
  return frame;
}

function blockHeader(type: number, size: number): Buffer {
  const header = Buffer.alloc(3);
  header.writeUIntLE((size << 3) | (type << 1), 0, 3);
  return header;
}

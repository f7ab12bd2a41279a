/** Values of at most this many bits can be read. */
export const MAX_BIT_WIDTH = 24;

/**
 * Reads `into.length` values of `bitWidth` bits of the RLE/bit-packing hybrid (Encodings.md). Throws a RangeError where
 * the bytes hold fewer.
 */
export function readHybrid(bytes: Uint8Array, bitWidth: number, into: Uint8Array | Int32Array): void {
  if (bitWidth > MAX_BIT_WIDTH) throw new RangeError(`values of ${bitWidth} bits`);
  let [at, done] = [0, 0];
  while (done < into.length) {
    const [header, next] = readVarint(bytes, at);
    at = next;
    if (header % 2 === 0) {
      const end = Math.min(into.length, done + header / 2);
      into.fill(littleEndian(bytes, at, Math.ceil(bitWidth / 8)), done, end);
      at += Math.ceil(bitWidth / 8);
      if (end === done) throw new RangeError("an empty run");
      done = end;
    } else {
      const count = Math.min(into.length - done, ((header - 1) / 2) * 8);
      if (count === 0) throw new RangeError("an empty run");
      unpack(bytes, at, bitWidth, into, done, count);
      done += count;
      at += ((header - 1) / 2) * bitWidth;
    }
  }
}

/** Whether the hybrid is one run of `value`, at least `count` long: most levels are. */
export function isRunOf(bytes: Uint8Array, value: number, count: number): boolean {
  const [header, at] = readVarint(bytes, 0);
  return header % 2 === 0 && header / 2 >= count && bytes[at] === value;
}

function unpack(
  bytes: Uint8Array,
  start: number,
  bitWidth: number,
  into: Uint8Array | Int32Array,
  from: number,
  count: number,
): void {
  if (start + Math.ceil((count * bitWidth) / 8) > bytes.length) throw new RangeError("values end too early");
  const mask = (1 << bitWidth) - 1;
  let [at, bits, held] = [start, 0, 0];
  for (let index = from; index < from + count; index += 1) {
    for (; held < bitWidth; held += 8, at += 1) bits |= (bytes[at] as number) << held;
    into[index] = bits & mask;
    bits >>>= bitWidth;
    held -= bitWidth;
  }
}

/** An unsigned integer of at most five bytes, seven bits in each (LEB128). */
export function readVarint(bytes: Uint8Array, start: number): [value: number, end: number] {
  let value = 0;
  for (let at = start, factor = 1; factor <= 2 ** 28; at += 1, factor *= 128) {
    const byte = bytes[at];
    if (byte === undefined) break;
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return [value, at + 1];
  }
  throw new RangeError("a length that does not end");
}

/** An unsigned integer of `width` bytes, at most four. */
export function littleEndian(bytes: Uint8Array, at: number, width: number): number {
  if (at + width > bytes.length) throw new RangeError("an integer ends too early");
  let value = 0;
  for (let byte = width - 1; byte >= 0; byte -= 1) value = value * 256 + (bytes[at + byte] as number);
  return value;
}

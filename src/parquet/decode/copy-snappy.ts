/**
 * Decompresses snappy (google/snappy, format_description.txt) that is mostly literals, as images and other compressed
 * content become: whole stretches are copied natively. Fills `output`, and gives it. Throws a RangeError on bytes that are damaged.
 */
export function copySnappy(input: Uint8Array, output: Uint8Array): Uint8Array {
  const size = output.length;
  let [at, to] = [preambleLength(input), 0];
  while (at < input.length) {
    const tag = input[at] as number;
    at += 1;
    if ((tag & 3) === 0) {
      const extra = Math.max(0, (tag >> 2) - 59);
      const length = (extra === 0 ? tag >> 2 : integerAt(input, at, extra)) + 1;
      at += extra;
      if (at + length > input.length || to + length > size) throw damaged();
      output.set(input.subarray(at, at + length), to);
      at += length;
      to += length;
    } else {
      const isShort = (tag & 3) === 1;
      const width = isShort ? 1 : (tag & 3) === 2 ? 2 : 4;
      const length = isShort ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1;
      const offset = integerAt(input, at, width) + (isShort ? (tag >> 5) * 256 : 0);
      at += width;
      if (offset === 0 || offset > to || to + length > size) throw damaged();
      for (let byte = 0; byte < length; byte += 1, to += 1) output[to] = output[to - offset] as number;
    }
  }
  if (to !== size) throw damaged();
  return output;
}

/** The uncompressed length, as a varint. */
function preambleLength(input: Uint8Array): number {
  const end = input.findIndex((byte) => byte < 0x80);
  if (end < 0 || end > 4) throw damaged();
  return end + 1;
}

/** An unsigned little-endian integer of `width` bytes. */
function integerAt(input: Uint8Array, at: number, width: number): number {
  if (at + width > input.length) throw damaged();
  let value = 0;
  for (let byte = width - 1; byte >= 0; byte -= 1) value = value * 256 + (input[at + byte] as number);
  return value;
}

function damaged(): RangeError {
  return new RangeError("damaged snappy");
}

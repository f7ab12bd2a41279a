import { DamageError, TooLargeError } from "../failures.ts";
import { readVarint } from "./direct/hybrid.ts";

/** More lengths than this in one page are not gone through. */
const MAX_LENGTHS = 32 * 1024 * 1024;

/** What is said at the front of DELTA_BINARY_PACKED integers (Encodings.md). */
interface DeltaHead {
  readonly blockValues: number;
  readonly miniblocks: number;
  readonly count: number;
  readonly first: number;
  readonly end: number;
}

function readHead(bytes: Uint8Array): DeltaHead {
  const [blockValues, a] = readVarint(bytes, 0);
  const [miniblocks, b] = readVarint(bytes, a);
  const [count, c] = readVarint(bytes, b);
  const [first, end] = readZigzag(bytes, c);
  if (miniblocks === 0 || blockValues === 0 || blockValues % miniblocks !== 0 || (blockValues / miniblocks) % 8 !== 0)
    throw new DamageError("blocks of deltas that cannot be");
  return { blockValues, miniblocks, count, first, end };
}

/** How many integers there are, by their head. */
export function countDeltas(bytes: Uint8Array): number {
  return readHead(bytes).count;
}

/** Sums up `count` lengths; tells where they end. Throws a {@link DamageError} where there are fewer, or one is negative. */
export function sumLengths(bytes: Uint8Array, count: number): { readonly sum: number; readonly end: number } {
  const head = readHead(bytes);
  if (head.count < count) throw new DamageError("values end too early");
  if (head.count > MAX_LENGTHS) throw new TooLargeError(`a page of ${head.count} byte arrays`);
  const perMiniblock = head.blockValues / head.miniblocks;
  let [at, left, value, sum] = [head.end, Math.max(0, head.count - 1), head.first, 0];
  const add = (): void => {
    if (value < 0) throw new DamageError("a negative length");
    sum += value;
  };
  if (head.count > 0) add();
  while (left > 0) {
    const [least, widths] = readZigzag(bytes, at);
    at = widths + head.miniblocks;
    if (at > bytes.length) throw new DamageError("values end too early");
    for (let miniblock = 0; miniblock < head.miniblocks && left > 0; miniblock += 1) {
      const bitWidth = bytes[widths + miniblock] as number;
      if (bitWidth > 64) throw new DamageError(`values of ${bitWidth} bits`);
      const length = (perMiniblock / 8) * bitWidth;
      if (at + length > bytes.length) throw new DamageError("values end too early");
      for (let index = 0; index < perMiniblock && left > 0; index += 1, left -= 1) {
        value = (value + least + bitsAt(bytes, at * 8 + index * bitWidth, bitWidth)) | 0; // lengths wrap as 32 bits do
        add();
      }
      at += length;
    }
  }
  return { sum, end: at };
}

function bitsAt(bytes: Uint8Array, start: number, width: number): number {
  let value = 0;
  for (let bit = 0; bit < Math.min(32, width); bit += 1) {
    const place = start + bit;
    if ((((bytes[place >>> 3] as number) >> (place & 7)) & 1) === 1) value += 2 ** bit;
  }
  return value;
}

/** A zigzag integer, of which only the lower 32 bits matter here. */
function readZigzag(bytes: Uint8Array, start: number): [value: number, end: number] {
  let [value, factor, at] = [0, 1, start];
  for (;;) {
    const byte = bytes[at];
    if (byte === undefined || at - start > 9) throw new DamageError("values end too early");
    value += (byte & 0x7f) * factor;
    factor *= 128;
    at += 1;
    if (byte < 0x80) return [value % 2 === 0 ? value / 2 : -(value + 1) / 2, at];
  }
}

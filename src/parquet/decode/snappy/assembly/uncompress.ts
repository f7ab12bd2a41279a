// AssemblyScript, compiled to WebAssembly by scripts/build-wasm.js: uncompresses snappy (google/snappy,
// format_description.txt). Text becomes elements of some five bytes each, whose kind and length no branch predictor
// foresees: the common ones are therefore copied by the same instructions, 16 bytes at a time, whatever they are. The input
// comes in stretches, so that it stays in the processor's cache however long it is.

/** Bytes behind input and output that may be read or overwritten. */
export const SLACK: usize = 64;

/**
 * By tag: the length (16 bits), the upper part of the offset (16 bits), and which bits of what follows are its lower part
 * (32 bits).
 */
const TAGS: usize = memory.data(256 * 8, 16);
/** By tag: the bytes from it to the next one, which is all that the next round waits for. */
const STEPS: usize = memory.data(256, 16);

/** Kinds of tags, their lower two bits. */
const LITERAL: u32 = 0;
const COPY_1: u32 = 1;
const COPY_2: u32 = 2;

/** Literals of more bytes have their length behind the tag. */
const MAX_SHORT_LITERAL: u32 = 60;

for (let tag: u32 = 0; tag < 256; tag += 1) {
  const kind = tag & 3;
  const upper = tag >> 2;
  let length = upper + 1;
  let step: u32 = kind == COPY_2 ? 3 : 5;
  let offset: u32 = 0;
  let mask: u32 = kind == COPY_2 ? 0xffff : 0xffffffff;
  if (kind == LITERAL) {
    if (length > MAX_SHORT_LITERAL) length = 0;
    step = 1 + length;
    mask = 0;
  } else if (kind == COPY_1) {
    length = (upper & 7) + 4;
    step = 2;
    offset = (upper >> 3) << 8;
    mask = 0xff;
  }
  store<u32>(TAGS + tag * 8, length | (offset << 16));
  store<u32>(TAGS + tag * 8, mask, 4);
  store<u8>(STEPS + tag, <u8>step);
}

/** No tag with what follows it takes more bytes, unless it is a literal that has its length behind the tag. */
const MAX_ELEMENT: usize = 64;

/** Where the next byte is written. */
let written: usize = 0;
/** Bytes of a literal that are in the input to come. */
let pending: usize = 0;

/** Where memory begins that is free for input and output. */
export function heapBase(): usize {
  return (__heap_base + 15) & ~15;
}

/** Begins to write at `target`. */
export function begin(target: usize): void {
  written = target;
  pending = 0;
}

/**
 * Uncompresses the elements in `[source, sourceEnd)`, which follow those of the calls before, to `[target, targetEnd)`.
 * Gives the place from which on the input is to come again, with more behind it; `sourceEnd` if it is the last. Gives 0 if
 * the elements are damaged, or do not fill the output.
 */
export function uncompress(source: usize, sourceEnd: usize, target: usize, targetEnd: usize, isLast: bool): usize {
  let from = source;
  let to = written;
  if (pending > 0) {
    const here = min(pending, sourceEnd - from);
    memory.copy(to, from, here);
    from += here;
    to += here;
    pending -= here;
  }
  const end = isLast || sourceEnd - source < MAX_ELEMENT ? sourceEnd : sourceEnd - MAX_ELEMENT;
  while (from < end) {
    const tag = <u32>load<u8>(from);
    const next = from + load<u8>(STEPS + tag);
    const entry = load<u32>(TAGS + (tag << 3));
    const following = load<u32>(from, 1);
    const length = entry & 0xffff;
    const offset = (following & load<u32>(TAGS + (tag << 3), 4)) + (entry >> 16);
    const isLiteral: u32 = <u32>(<i32>((tag & 3) - 1) >> 31); // all bits
    if (length == 0) {
      const bytes = (tag >> 2) - (MAX_SHORT_LITERAL - 1);
      const long = <u64>(following & (<u32>0xffffffff >> (32 - 8 * bytes))) + 1;
      from += 1 + bytes;
      if (from > sourceEnd || long > <u64>(targetEnd - to)) return 0;
      const here = min(<usize>long, sourceEnd - from);
      memory.copy(to, from, here);
      from += here;
      to += here;
      pending = <usize>long - here;
    } else if ((offset | isLiteral) < 16) {
      // What it copies is still to be written.
      if (offset - 1 >= to - target || length > targetEnd - to) return 0;
      from = next;
      for (const copyEnd = to + length; to < copyEnd; to += 1) store<u8>(to, load<u8>(to - offset));
    } else {
      if (length > targetEnd - to || (offset & ~isLiteral) > to - target) return 0;
      const copied = to - offset;
      const start = copied ^ ((copied ^ (from + 1)) & isLiteral);
      from = next;
      v128.store(to, v128.load(start));
      if (length > 16) {
        v128.store(to, v128.load(start, 16), 16);
        v128.store(to, v128.load(start, 32), 32);
        v128.store(to, v128.load(start, 48), 48);
      }
      to += length;
    }
  }
  written = to;
  const isSound = !isLast || (from == sourceEnd && to == targetEnd && pending == 0);
  return isSound ? from : 0;
}

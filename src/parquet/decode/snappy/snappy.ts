import { DamageError } from "../../failures.ts";
import { bytesIn, joined, pieceRange, putTogether } from "../byte-pieces.ts";
import type { Decompressed } from "../decompress.ts";
import { readVarint } from "../direct/hybrid.ts";
import { PageMemories, type PageMemory } from "../page-memories.ts";
import { uncompressWasm } from "./uncompress-wasm.ts";

/** What `assembly/uncompress.ts` exports. */
interface Uncompressor extends PageMemory {
  readonly SLACK: WebAssembly.Global;
  heapBase(): number;
  begin(target: number): void;
  uncompress(source: number, sourceEnd: number, target: number, targetEnd: number, isLast: boolean): number;
}

const WASM_PAGE = 64 * 1024;
/** The length that snappy begins with takes at most so many bytes. */
const MAX_HEADER_BYTES = 5;
/** No element makes more of a byte: three bytes say at most to copy 64. */
const MAX_RATIO = 64 / 3;
/** Bytes of input that are in the memory at once: they stay in the processor's cache. */
const WINDOW = 256 * 1024;

/** Uncompresses snappy (google/snappy, format_description.txt) in memories of its own, which are used again. */
export class Snappy {
  #module: WebAssembly.Module | undefined;
  readonly #memories = new PageMemories(() => this.#instantiate());

  /** Bytes that are kept for use again. */
  get spareBytes(): number {
    return this.#memories.spareBytes;
  }

  /** Uncompresses bytes that become `size`. Throws a DamageError where they are damaged. */
  uncompress(pieces: readonly Uint8Array[], size: number): Decompressed {
    const [claimed, start] = readVarint(joined(pieceRange(pieces, 0, MAX_HEADER_BYTES)), 0);
    const length = bytesIn(pieces);
    if (claimed !== size || size > length * MAX_RATIO)
      throw new DamageError("snappy of another size than its page says");
    const elements = pieceRange(pieces, start, length);
    return this.#memories.use(size, (uncompressor) => run(uncompressor, elements, length - start, size));
  }

  #instantiate(): Uncompressor {
    this.#module ??= new WebAssembly.Module(uncompressWasm());
    return new WebAssembly.Instance(this.#module).exports as Uncompressor;
  }
}

/** What elements of so many bytes become, in the memory of the uncompressor. */
function run(
  { memory, SLACK, heapBase, begin, uncompress }: Uncompressor,
  pieces: readonly Uint8Array[],
  length: number,
  size: number,
): Uint8Array {
  const slack = SLACK.value;
  const source = heapBase();
  const target = Math.ceil((source + Math.min(WINDOW, length) + slack) / 16) * 16;
  const targetEnd = target + size;
  const missing = targetEnd + slack - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / WASM_PAGE));
  const bytes = new Uint8Array(memory.buffer);
  begin(target);
  let [at, sourceEnd] = [0, source];
  do {
    const count = Math.min(source + WINDOW - sourceEnd, length - at);
    putTogether(pieceRange(pieces, at, at + count), bytes, sourceEnd);
    at += count;
    sourceEnd += count;
    const stopped = uncompress(source, sourceEnd, target, targetEnd, at === length);
    if (stopped === 0) throw new DamageError("damaged snappy");
    bytes.copyWithin(source, stopped, sourceEnd);
    sourceEnd -= stopped - source;
  } while (at < length);
  return bytes.subarray(target, targetEnd);
}

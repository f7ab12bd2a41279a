import { readFileSync } from "node:fs";
import { DamageError } from "../../failures.ts";
import { bytesIn, joined, pieceRange, putTogether } from "../byte-pieces.ts";
import type { Decompressed } from "../decompress.ts";
import { readVarint } from "../direct/hybrid.ts";
import { PageMemories, type PageMemory } from "../page-memories.ts";

/** What `assembly/uncompress.ts` exports. */
interface Uncompressor extends PageMemory {
  readonly SLACK: WebAssembly.Global;
  begin(): number;
  uncompress(source: number, sourceEnd: number, target: number, targetEnd: number): number;
}

const WASM_PAGE = 64 * 1024;
/** The length that snappy begins with takes at most so many bytes. */
const MAX_HEADER_BYTES = 5;
/** No element makes more of a byte: three bytes say at most to copy 64. */
const MAX_RATIO = 64 / 3;

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
    if (claimed !== size || size > bytesIn(pieces) * MAX_RATIO)
      throw new DamageError("snappy of another size than its page says");
    return this.#memories.use((uncompressor) => run(uncompressor, pieces, start, size));
  }

  #instantiate(): Uncompressor {
    this.#module ??= new WebAssembly.Module(readFileSync(new URL("./uncompress.wasm", import.meta.url)));
    return new WebAssembly.Instance(this.#module).exports as Uncompressor;
  }
}

/** What is uncompressed, in the memory of the uncompressor. The elements begin at `start`. */
function run(
  { memory, SLACK, begin, uncompress }: Uncompressor,
  pieces: readonly Uint8Array[],
  start: number,
  size: number,
): Uint8Array {
  const slack = SLACK.value;
  const source = begin();
  const sourceEnd = source + bytesIn(pieces);
  const target = Math.ceil((sourceEnd + slack) / 16) * 16;
  const targetEnd = target + size;
  const missing = targetEnd + slack - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / WASM_PAGE));
  const bytes = new Uint8Array(memory.buffer);
  putTogether(pieces, bytes, source);
  if (uncompress(source + start, sourceEnd, target, targetEnd) !== 1) throw new DamageError("damaged snappy");
  return bytes.subarray(target, targetEnd);
}

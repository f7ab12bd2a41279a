import { allocate, releaseMemory } from "../../../memory.ts";
import { DamageError } from "../../failures.ts";
import { joined, pieceRange } from "../byte-pieces.ts";
import type { Decompressed } from "../decompress.ts";
import { readVarint } from "../direct/hybrid.ts";
import { uncompressWasm } from "./uncompress-wasm.ts";

/** What `assembly/uncompress.ts` exports. */
interface Uncompressor {
  readonly memory: WebAssembly.Memory;
  readonly SLACK: WebAssembly.Global;
  begin(): number;
  uncompress(source: number, sourceEnd: number, target: number, targetEnd: number): number;
}

const WASM_PAGE = 64 * 1024;
/** The length that snappy begins with takes at most so many bytes. */
const MAX_HEADER_BYTES = 5;
/** No element makes more of a byte: three bytes say at most to copy 64. */
const MAX_RATIO = 64 / 3;
/** What is smaller is copied out: a page that is read keeps a memory of its own, for which much address space is reserved. */
const MIN_KEPT_BYTES = 256 * 1024;
const MAX_KEPT = 64;
/** Memories that are kept for use again, and their bytes in all. */
const MAX_SPARE = 8;
const MAX_SPARE_BYTES = 64 * 1024 * 1024;

/** Uncompresses snappy (google/snappy, format_description.txt) in memories of its own, which are used again. */
export class Snappy {
  #module: WebAssembly.Module | undefined;
  readonly #spare: Uncompressor[] = [];
  #kept = 0;

  /** Bytes that are kept for use again. */
  get spareBytes(): number {
    return this.#spare.reduce((sum, { memory }) => sum + memory.buffer.byteLength, 0);
  }

  /** Uncompresses bytes that become `size`. Throws a DamageError where they are damaged. */
  uncompress(pieces: readonly Uint8Array[], size: number): Decompressed {
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    const [claimed, start] = readVarint(joined(pieceRange(pieces, 0, MAX_HEADER_BYTES)), 0);
    if (claimed !== size || size > length * MAX_RATIO)
      throw new DamageError("snappy of another size than its page says");
    const uncompressor = this.#spare.pop() ?? this.#instantiate();
    const bytes = run(uncompressor, pieces, { start, length, size });
    if (bytes === undefined) {
      this.#giveBack(uncompressor);
      throw new DamageError("damaged snappy");
    }
    if (size < MIN_KEPT_BYTES || this.#kept >= MAX_KEPT) {
      const copy = allocate(size);
      copy.set(bytes);
      this.#giveBack(uncompressor);
      return { bytes: copy, free: () => releaseMemory(copy) };
    }
    this.#kept += 1;
    const free = (): void => {
      this.#kept -= 1;
      this.#giveBack(uncompressor);
    };
    return { bytes, free };
  }

  #instantiate(): Uncompressor {
    this.#module ??= new WebAssembly.Module(uncompressWasm());
    return new WebAssembly.Instance(this.#module).exports as Uncompressor;
  }

  #giveBack(uncompressor: Uncompressor): void {
    this.#spare.push(uncompressor);
    while (this.#spare.length > MAX_SPARE || (this.#spare.length > 1 && this.spareBytes > MAX_SPARE_BYTES))
      this.#spare.shift();
  }
}

/** What is uncompressed, in the memory of the uncompressor; `undefined` if it is damaged. */
function run(
  { memory, SLACK, begin, uncompress }: Uncompressor,
  pieces: readonly Uint8Array[],
  { start, length, size }: { readonly start: number; readonly length: number; readonly size: number },
): Uint8Array | undefined {
  const slack = SLACK.value;
  const source = begin();
  const sourceEnd = source + length;
  const target = Math.ceil((sourceEnd + slack) / 16) * 16;
  const targetEnd = target + size;
  const missing = targetEnd + slack - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / WASM_PAGE));
  const bytes = new Uint8Array(memory.buffer);
  let at = source;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return uncompress(source + start, sourceEnd, target, targetEnd) === 1 ? bytes.subarray(target, targetEnd) : undefined;
}

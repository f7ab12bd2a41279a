import { allocate, releaseMemory } from "../../memory.ts";
import { DamageError } from "../failures.ts";
import type { Decompressed } from "./decompress.ts";

/** A WebAssembly instance that decompresses in a memory of its own. */
export interface PageMemory {
  readonly memory: WebAssembly.Memory;
}

/** What is smaller is copied out: a page that is read keeps a memory of its own, for which much address space is reserved. */
const MIN_KEPT_BYTES = 256 * 1024;
const MAX_KEPT = 64;
/** Memories that are kept for use again, and the bytes of all but the largest. */
const MAX_SPARE = 8;
const MAX_SPARE_BYTES = 64 * 1024 * 1024;

/**
 * The memories that pages of one codec are decompressed in. A page that is read stays where it is, and the one after it
 * comes to the same place: new memory costs more than decompressing.
 */
export class PageMemories<Memory extends PageMemory> {
  readonly #make: () => Memory;
  /** The largest first. */
  readonly #spare: Memory[] = [];
  #kept = 0;

  constructor(make: () => Memory) {
    this.#make = make;
  }

  /** Bytes that are kept for use again. */
  get spareBytes(): number {
    return this.#spare.reduce((sum, memory) => sum + sizeOf(memory), 0);
  }

  /** Gives the bytes that `decompress` makes in a memory, of about so many bytes, which nothing else uses until they are freed. */
  use(bytes: number, decompress: (memory: Memory) => Uint8Array): Decompressed {
    const memory = this.#take(bytes);
    const made = this.#run(decompress, memory);
    if (made.length < MIN_KEPT_BYTES || this.#kept >= MAX_KEPT) {
      const copy = allocate(made.length);
      copy.set(made);
      this.#giveBack(memory);
      return { bytes: copy, free: () => releaseMemory(copy) };
    }
    this.#kept += 1;
    const free = (): void => {
      this.#kept -= 1;
      this.#giveBack(memory);
    };
    return { bytes: made, free };
  }

  /** After a trap a memory is not to be trusted, and not used again. */
  #run(decompress: (memory: Memory) => Uint8Array, memory: Memory): Uint8Array {
    try {
      return decompress(memory);
    } catch (error) {
      if (error instanceof DamageError) this.#giveBack(memory);
      throw error;
    }
  }

  /** The smallest memory that is large enough, else the largest, which then grows. */
  #take(bytes: number): Memory {
    const fitting = this.#spare.findLastIndex((memory) => sizeOf(memory) >= bytes);
    const [memory] = this.#spare.splice(Math.max(0, fitting), 1);
    return memory ?? this.#make();
  }

  /** The largest is kept in any case: there are more pages where the largest came from. */
  #giveBack(memory: Memory): void {
    this.#spare.push(memory);
    this.#spare.sort((a, b) => sizeOf(b) - sizeOf(a));
    const isTooMuch = (): boolean => this.spareBytes - sizeOf(this.#spare[0] as Memory) > MAX_SPARE_BYTES;
    while (this.#spare.length > MAX_SPARE || isTooMuch()) this.#spare.splice(1, 1);
  }
}

function sizeOf({ memory }: PageMemory): number {
  return memory.buffer.byteLength;
}

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
/** Memories that are kept for use again, and their bytes in all. */
const MAX_SPARE = 8;
const MAX_SPARE_BYTES = 64 * 1024 * 1024;

/**
 * The memories that pages of one codec are decompressed in. A page that is read stays where it is, and the one after it
 * comes to the same place, which is in the processor's cache: new memory costs more than decompressing.
 */
export class PageMemories<Memory extends PageMemory> {
  readonly #make: () => Memory;
  readonly #spare: Memory[] = [];
  #kept = 0;

  constructor(make: () => Memory) {
    this.#make = make;
  }

  /** Bytes that are kept for use again. */
  get spareBytes(): number {
    return this.#spare.reduce((sum, { memory }) => sum + memory.buffer.byteLength, 0);
  }

  /** Gives the bytes that `decompress` makes in a memory, which nothing else uses until they are freed. */
  use(decompress: (memory: Memory) => Uint8Array): Decompressed {
    const memory = this.#spare.pop() ?? this.#make();
    const bytes = this.#run(decompress, memory);
    if (bytes.length < MIN_KEPT_BYTES || this.#kept >= MAX_KEPT) {
      const copy = allocate(bytes.length);
      copy.set(bytes);
      this.#giveBack(memory);
      return { bytes: copy, free: () => releaseMemory(copy) };
    }
    this.#kept += 1;
    const free = (): void => {
      this.#kept -= 1;
      this.#giveBack(memory);
    };
    return { bytes, free };
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

  #giveBack(memory: Memory): void {
    this.#spare.push(memory);
    while (this.#spare.length > MAX_SPARE || (this.#spare.length > 1 && this.spareBytes > MAX_SPARE_BYTES))
      this.#spare.shift();
  }
}

import { allocate, releaseMemory } from "../../memory.ts";

/** Smaller buffers are left to the garbage collector. */
export const MIN_POOLED_BYTES: number = 128 * 1024;

export interface BufferPoolOptions {
  /** Bytes that are kept, though one buffer is in any case. */
  readonly maxBytes: number;
  /** What lengths are rounded up to, so that a buffer fits the next time too. */
  readonly step: number;
}

/**
 * Buffers for use again. The system clears new memory page by page when it is first touched, which takes longer than
 * copying what goes there.
 */
export class BufferPool {
  readonly #options: BufferPoolOptions;
  readonly #spare: ArrayBuffer[] = [];

  constructor(options: BufferPoolOptions) {
    this.#options = options;
  }

  /** Bytes that are kept. */
  get bytes(): number {
    return this.#spare.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  /** Gives that many bytes, whatever they hold. */
  take(length: number): Uint8Array<ArrayBuffer> {
    const { step } = this.#options;
    const found = this.#spare.findIndex(({ byteLength }) => byteLength >= length && byteLength <= 2 * length + step);
    const [spare] = found < 0 ? [] : this.#spare.splice(found, 1);
    return new Uint8Array(spare ?? allocate(Math.ceil(length / step) * step).buffer, 0, length);
  }

  /** Takes a buffer back that nobody reads any more. */
  give(buffer: ArrayBuffer): void {
    this.#spare.unshift(buffer);
    while (this.#spare.length > 1 && this.bytes > this.#options.maxBytes)
      releaseMemory(new Uint8Array(this.#spare.pop() as ArrayBuffer));
  }
}

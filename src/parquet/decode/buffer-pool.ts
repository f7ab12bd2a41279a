export interface BufferPoolOptions {
  /** Buffers that are kept. */
  readonly maxBuffers: number;
  /** Bytes that are kept, though one buffer is in any case. @default no bound */
  readonly maxBytes?: number;
  /** What lengths are rounded up to, so that a buffer fits the next time too. @default 1 */
  readonly step?: number;
}

/** Buffers for use again: memory that was used before is faster than new memory, which the system first has to clear. */
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
    const { step = 1 } = this.#options;
    const found = this.#spare.findIndex(({ byteLength }) => byteLength >= length && byteLength <= 2 * length + step);
    const [spare] = found < 0 ? [] : this.#spare.splice(found, 1);
    return new Uint8Array(spare ?? new ArrayBuffer(Math.ceil(length / step) * step), 0, length);
  }

  /** Takes a buffer back that nobody reads any more. */
  give(buffer: ArrayBuffer): void {
    const { maxBuffers, maxBytes = Infinity } = this.#options;
    this.#spare.unshift(buffer);
    while (this.#spare.length > maxBuffers || (this.#spare.length > 1 && this.bytes > maxBytes)) this.#spare.pop();
  }
}

import { BufferPool, MIN_POOLED_BYTES } from "./buffer-pool.ts";
import { Snappy } from "./snappy/snappy.ts";
import { Zstd } from "./zstd.ts";

const MAX_BYTES = 64 * 1024 * 1024;

/** Memory that decoding uses again and again. Each thread that decodes has one. */
export class Workspace {
  readonly snappy: Snappy = new Snappy();
  readonly zstd: Zstd = new Zstd();
  readonly #values = new BufferPool({ maxBytes: MAX_BYTES, step: MIN_POOLED_BYTES });

  /** Bytes that wait to be used again. */
  get bytes(): number {
    return this.snappy.spareBytes + this.zstd.spareBytes + this.#values.bytes;
  }

  /** Gives memory for the values of a batch, whatever it holds. */
  takeValues(length: number): Uint8Array<ArrayBuffer> {
    return length < MIN_POOLED_BYTES ? new Uint8Array(length) : this.#values.take(length);
  }

  /** Takes buffers of batches back that nobody reads any more; small ones are left to the garbage collector. */
  giveBack(buffers: readonly ArrayBuffer[]): void {
    for (const buffer of buffers) if (buffer.byteLength >= MIN_POOLED_BYTES) this.#values.give(buffer);
  }
}

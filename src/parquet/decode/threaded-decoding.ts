import type { Schema } from "apache-arrow";
import { bytesOf, type DecodedBatch } from "./column-data.ts";
import type { Decoding, OnDecoded, SlicedBatch } from "./decoder.ts";
import { freeing, toBatch } from "./to-batch.ts";
import type { SliceToDecode } from "./unit-decoder.ts";

/** How a {@link ThreadedDecoding} reaches its thread. */
export interface Wire {
  readonly push: (slice: SliceToDecode) => void;
  readonly drop: () => void;
  /** So many bytes of batches were taken: the thread may send more. */
  readonly taken: (bytes: number) => void;
  /** Gives the buffers of a batch back. */
  readonly giveBack: (buffers: readonly ArrayBuffer[]) => void;
}

/** Far less than what a thread may send without being told. */
const MIN_TOLD_BYTES = 1024 * 1024;

/** A unit that a thread decodes, as the main thread sees it. */
export class ThreadedDecoding implements Decoding {
  readonly #schema: Schema;
  readonly #wire: Wire;
  readonly #pushed: { readonly isLast: boolean; readonly onDecoded: OnDecoded }[] = [];
  readonly #received: { readonly decoded: DecodedBatch; readonly slice: number; readonly bytes: number }[] = [];
  #slicesDone = 0;
  #sliceBytes = 0;
  #taken = 0;
  #isEnded = false;
  #error: unknown;
  #wake: () => void = () => {};

  constructor(schema: Schema, wire: Wire) {
    this.#schema = schema;
    this.#wire = wire;
  }

  get isBusy(): boolean {
    return this.#pushed.length > 0;
  }

  get batches(): AsyncIterable<SlicedBatch> {
    return this.#batches();
  }

  push(slice: SliceToDecode, onDecoded: OnDecoded): void {
    if (this.#isEnded) return;
    this.#pushed.push({ isLast: slice.isLast, onDecoded });
    this.#wire.push(slice);
  }

  fail(error: unknown): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#error = error;
    this.#wire.drop();
    this.#wake();
  }

  /** Takes a batch from the thread. */
  receive(decoded: DecodedBatch): void {
    const bytes = bytesOf(decoded);
    this.#received.push({ decoded, slice: this.#slicesDone, bytes });
    this.#sliceBytes += bytes;
    this.#wake();
  }

  /** The thread is done with a slice; tells whether it was the last one. */
  endSlice(ms: number): boolean {
    const ended = this.#pushed.shift();
    const bytes = this.#sliceBytes;
    this.#slicesDone += 1;
    this.#sliceBytes = 0;
    this.#isEnded ||= ended?.isLast === true;
    ended?.onDecoded({ bytes, ms });
    this.#wake();
    return ended?.isLast === true;
  }

  /** Tells the thread now and then. */
  #take(bytes: number): void {
    this.#taken += bytes;
    if (this.#taken < MIN_TOLD_BYTES || this.#isEnded) return;
    this.#wire.taken(this.#taken);
    this.#taken = 0;
  }

  async *#batches(): AsyncGenerator<SlicedBatch> {
    for (;;) {
      const next = this.#received.shift();
      if (next !== undefined) {
        const { decoded, ...rest } = next;
        this.#take(next.bytes);
        yield { ...rest, batch: toBatch(decoded, this.#schema), free: freeing(decoded, this.#wire.giveBack) };
      } else if (this.#error !== undefined) throw this.#error;
      else if (this.#isEnded) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

import type { Schema } from "apache-arrow";
import type { Decoder, Decoding, OnDecoded, SlicedBatch } from "./decoder.ts";
import { InlineDecoder } from "./inline-decoder.ts";
import { afterRows } from "./sliced-batches.ts";
import { ThreadedDecoder } from "./threaded-decoder.ts";
import type { SliceToDecode, UnitToDecode } from "./unit-decoder.ts";

/** Units that become no more bytes than this are decoded while a thread would still start. */
const SMALL_UNIT_BYTES = 4 * 1024 * 1024;
/** So much is decoded without a thread. */
const MAX_SMALL_BYTES = 16 * 1024 * 1024;
/** A first slice of more bytes waits for a thread: the calling thread has other work. */
const MAX_EARLY_BYTES = 4 * 1024 * 1024;

/**
 * Decodes in threads, and before the first of them is up in the calling thread: the first rows do not wait for it, and a
 * dataset of a few small units needs none at all.
 */
export class EarlyDecoder implements Decoder {
  readonly #inline = new InlineDecoder();
  readonly #threads: ThreadedDecoder;
  #smallBytes = 0;
  #isFirst = true;

  constructor(threads: number) {
    this.#threads = new ThreadedDecoder(threads);
  }

  get memory(): number {
    return this.#inline.memory + this.#threads.memory;
  }

  allocate(length: number): Uint8Array<ArrayBuffer> {
    return this.#threads.allocate(length);
  }

  begin(unit: UnitToDecode, schema: Schema, decodedBytes: number): Decoding {
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    if (this.#threads.isUp) return this.#threads.begin(unit, schema);
    if (decodedBytes <= SMALL_UNIT_BYTES && this.#smallBytes + decodedBytes <= MAX_SMALL_BYTES) {
      this.#smallBytes += decodedBytes;
      return this.#inline.begin(unit, schema);
    }
    this.#threads.start();
    if (!isFirst) return this.#threads.begin(unit, schema);
    return new EarlyDecoding(
      this.#threads,
      () => this.#inline.begin(unit, schema),
      () => this.#threads.begin(unit, schema),
    );
  }

  async close(): Promise<void> {
    await this.#threads.close();
  }
}

/**
 * A unit whose first slice is decoded in the calling thread if no thread is up when it comes. A thread then decodes it too,
 * since pages go on in the slices after it, and its batches are given from the first row on that was not given yet.
 */
class EarlyDecoding implements Decoding {
  readonly batches: AsyncIterable<SlicedBatch>;
  readonly #threads: ThreadedDecoder;
  readonly #inThread: () => Decoding;
  readonly #inline: () => Decoding;
  #early: Decoding | undefined;
  #decoding: Decoding | undefined;
  #error: unknown;
  #begun: () => void = () => {};

  constructor(threads: ThreadedDecoder, inline: () => Decoding, inThread: () => Decoding) {
    this.#threads = threads;
    this.#inline = inline;
    this.#inThread = inThread;
    const begun = new Promise<void>((resolve) => (this.#begun = resolve));
    this.batches = this.#batches(begun);
  }

  get isBusy(): boolean {
    return this.#early?.isBusy === true || this.#decoding?.isBusy === true;
  }

  push(slice: SliceToDecode, onDecoded: OnDecoded): void {
    if (this.#decoding === undefined) this.#begin(slice, onDecoded);
    else this.#decoding.push(slice, onDecoded);
  }

  fail(error: unknown): void {
    this.#error ??= error;
    this.#decoding?.fail(error);
    this.#begun();
  }

  /** Decides where the first slice is decoded; the only one needs no thread. */
  #begin(slice: SliceToDecode, onDecoded: OnDecoded): void {
    const isEarly = !this.#threads.isUp && slice.bytes.length <= MAX_EARLY_BYTES;
    const isTwice = isEarly && !slice.isLast;
    if (isTwice) {
      this.#early = this.#inline();
      this.#early.push({ ...slice, bytes: slice.bytes.slice() }, onDecoded);
      this.#early.fail(END);
    }
    this.#decoding = isEarly && slice.isLast ? this.#inline() : this.#inThread();
    this.#decoding.push(slice, isTwice ? () => {} : onDecoded);
    this.#begun();
  }

  async *#batches(begun: Promise<void>): AsyncGenerator<SlicedBatch> {
    await begun;
    const decoding = this.#decoding;
    if (decoding === undefined) throw this.#error;
    let given = 0;
    if (this.#early !== undefined) {
      try {
        for await (const sliced of this.#early.batches) {
          given += sliced.batch.numRows;
          yield sliced;
        }
      } catch (error) {
        if (error !== END) throw error;
      }
    }
    yield* afterRows(decoding.batches, given);
  }
}

/** No slices follow in the calling thread. */
const END = new Error("the rest is decoded by a thread");

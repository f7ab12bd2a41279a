import type { Schema } from "apache-arrow";
import type { Decoder, Decoding, OnDecoded, SlicedBatch } from "./decoder.ts";
import { InlineDecoder } from "./inline-decoder.ts";
import { afterRows } from "./sliced-batches.ts";
import { ThreadedDecoder } from "./threaded-decoder.ts";
import type { SliceToDecode, UnitToDecode } from "./unit-decoder.ts";

/** A thread is started when there is so much to decode: it takes longer to start than to decode less. */
const THREAD_BYTES = 10 * 1024 * 1024;
/** A first slice of more bytes waits for a thread: the calling thread has other work. */
const MAX_EARLY_BYTES = 4 * 1024 * 1024;

/**
 * Decodes in threads, and before the first of them is up in the calling thread, what is asked for then: the first rows do
 * not wait for it, and a dataset of a few small units needs none at all.
 */
export class EarlyDecoder implements Decoder {
  readonly #inline = new InlineDecoder();
  readonly #threads: ThreadedDecoder;
  /** Units that nobody has asked for yet. */
  readonly #waiting = new Set<EarlyDecoding>();
  #bytes = 0;

  constructor(threads: number) {
    this.#threads = new ThreadedDecoder(threads, () => {
      for (const decoding of this.#waiting) decoding.moveToThread();
    });
  }

  get memory(): number {
    return this.#inline.memory + this.#threads.memory;
  }

  allocate(length: number): Uint8Array<ArrayBuffer> {
    return this.#threads.allocate(length);
  }

  expect(bytes: number): void {
    if (bytes > THREAD_BYTES) this.#threads.expect();
  }

  begin(unit: UnitToDecode, schema: Schema, decodedBytes: number): Decoding {
    if (this.#threads.isUp) return this.#threads.begin(unit, schema);
    this.#bytes += decodedBytes;
    this.expect(this.#bytes);
    const decoding: EarlyDecoding = new EarlyDecoding({
      inline: () => this.#inline.begin(unit, schema),
      inThread: () => this.#threads.begin(unit, schema),
      onDecided: () => this.#waiting.delete(decoding),
    });
    this.#waiting.add(decoding);
    return decoding;
  }

  async close(): Promise<void> {
    await this.#threads.close();
  }
}

interface Sides {
  readonly inline: () => Decoding;
  readonly inThread: () => Decoding;
  /** Told when it is clear which of them decodes. */
  readonly onDecided: () => void;
}

interface PushedSlice {
  readonly slice: SliceToDecode;
  readonly onDecoded: OnDecoded;
}

/**
 * A unit that is decoded in a thread if one comes up before somebody asks for its batches, else in the calling thread. Of a
 * unit of several slices that is the first: a thread then decodes it too, since pages go on in the slices after it, and
 * its batches are given from the first row on that was not given yet.
 */
class EarlyDecoding implements Decoding {
  readonly batches: AsyncIterable<SlicedBatch>;
  readonly #sides: Sides;
  /** Those that came before it was decided where they are decoded. */
  readonly #slices: PushedSlice[] = [];
  #early: Decoding | undefined;
  #decoding: Decoding | undefined;
  #error: unknown;
  #wake: () => void = () => {};

  constructor(sides: Sides) {
    this.#sides = sides;
    this.batches = this.#batches();
  }

  get isBusy(): boolean {
    return this.#early?.isBusy === true || (this.#decoding?.isBusy ?? this.#slices.length > 0);
  }

  push(slice: SliceToDecode, onDecoded: OnDecoded): void {
    if (this.#decoding === undefined) this.#slices.push({ slice, onDecoded });
    else this.#decoding.push(slice, onDecoded);
    this.#wake();
  }

  fail(error: unknown): void {
    this.#error ??= error;
    this.#decoding?.fail(error);
    this.#wake();
  }

  moveToThread(): void {
    if (this.#error === undefined) this.#decide(this.#sides.inThread());
    this.#wake();
  }

  #decide(decoding: Decoding): void {
    this.#decoding = decoding;
    for (const { slice, onDecoded } of this.#slices.splice(0)) decoding.push(slice, onDecoded);
    if (this.#error !== undefined) decoding.fail(this.#error);
    this.#sides.onDecided();
  }

  /** Decides, now that batches are asked for and the first slice is there. */
  #begin({ slice, onDecoded }: PushedSlice): void {
    const isEarly = slice.bytes.length <= MAX_EARLY_BYTES;
    if (isEarly && !slice.isLast) {
      this.#early = this.#sides.inline();
      this.#early.push({ ...slice, bytes: slice.bytes.slice() }, onDecoded);
      this.#early.fail(END);
      this.#slices[0] = { slice, onDecoded: () => {} }; // it is told of once
    }
    this.#decide(isEarly && slice.isLast ? this.#sides.inline() : this.#sides.inThread());
  }

  async *#batches(): AsyncGenerator<SlicedBatch> {
    while (this.#decoding === undefined) {
      const [first] = this.#slices;
      if (first !== undefined) this.#begin(first);
      else if (this.#error !== undefined) throw this.#error;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    const given = yield* this.#earlyBatches();
    yield* afterRows(this.#decoding.batches, given);
  }

  /** Tells how many rows it gave. */
  async *#earlyBatches(): AsyncGenerator<SlicedBatch, number> {
    let given = 0;
    try {
      for await (const sliced of this.#early?.batches ?? []) {
        given += sliced.batch.numRows;
        yield sliced;
      }
    } catch (error) {
      if (error !== END) throw error;
    }
    return given;
  }
}

/** No slices follow in the calling thread. */
const END = new Error("the rest is decoded by a thread");

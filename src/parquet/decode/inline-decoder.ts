import type { Schema } from "apache-arrow";
import type { Decoder, Decoding, OnDecoded, SlicedBatch } from "./decoder.ts";
import { toBatch } from "./to-batch.ts";
import type { SliceToDecode, UnitToDecode } from "./unit-decoder.ts";

/** Decodes in the calling thread, when a batch is asked for. The decoder is loaded late: threads have their own. */
export class InlineDecoder implements Decoder {
  memory = 0;

  allocate(length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(length);
  }

  begin(unit: UnitToDecode, schema: Schema): Decoding {
    return new InlineDecoding(unit, schema, (memory) => (this.memory = memory));
  }

  async close(): Promise<void> {}
}

interface PushedSlice {
  readonly slice: SliceToDecode;
  readonly onDecoded: OnDecoded;
}

class InlineDecoding implements Decoding {
  readonly batches: AsyncIterable<SlicedBatch>;
  readonly #pushed: PushedSlice[] = [];
  #error: unknown;
  #wake: () => void = () => {};

  constructor(unit: UnitToDecode, schema: Schema, onMemory: (bytes: number) => void) {
    this.batches = this.#decode(unit, schema, onMemory);
  }

  get isBusy(): boolean {
    return this.#pushed.length > 0;
  }

  push(slice: SliceToDecode, onDecoded: OnDecoded): void {
    this.#pushed.push({ slice, onDecoded });
    this.#wake();
  }

  fail(error: unknown): void {
    this.#error ??= error;
    this.#wake();
  }

  async *#decode(unit: UnitToDecode, schema: Schema, onMemory: (bytes: number) => void): AsyncGenerator<SlicedBatch> {
    const { UnitDecoder, decoderMemory } = await import("./unit-decoder.ts");
    const decoder = await UnitDecoder.begin(unit);
    for (let index = 0, isLast = false; !isLast; index += 1) {
      while (this.#pushed.length === 0) {
        if (this.#error !== undefined) throw this.#error;
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
      const { slice, onDecoded } = this.#pushed[0] as PushedSlice;
      let [bytes, ms] = [0, 0];
      let began = performance.now();
      for (const batch of decoder.push(slice)) {
        const made = toBatch(batch, schema);
        bytes += made.data.byteLength;
        ms += performance.now() - began;
        yield { batch: made, slice: index };
        began = performance.now();
      }
      this.#pushed.shift();
      onMemory(decoderMemory() + decoder.heldBytes);
      onDecoded({ bytes, ms });
      isLast = slice.isLast;
    }
  }
}

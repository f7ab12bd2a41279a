import type { Schema } from "apache-arrow";
import type { Decoder, Decoding, SlicedBatch } from "./decoder.ts";
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
  readonly onDecoded: (bytes: number) => void;
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

  push(slice: SliceToDecode, onDecoded: (bytes: number) => void): void {
    this.#pushed.push({ slice, onDecoded });
    this.#wake();
  }

  fail(error: unknown): void {
    this.#error ??= error;
    this.#wake();
  }

  async *#decode(unit: UnitToDecode, schema: Schema, onMemory: (bytes: number) => void): AsyncGenerator<SlicedBatch> {
    const [{ UnitDecoder }, { decoderMemory }] = await Promise.all([
      import("./unit-decoder.ts"),
      import("./decode.ts"),
    ]);
    const decoder = new UnitDecoder(unit);
    for (let index = 0, isLast = false; !isLast; index += 1) {
      while (this.#pushed.length === 0) {
        if (this.#error !== undefined) throw this.#error;
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
      const { slice, onDecoded } = this.#pushed[0] as PushedSlice;
      let bytes = 0;
      for (const batch of decoder.push(slice)) {
        const made = toBatch(batch, schema);
        bytes += made.data.byteLength;
        yield { batch: made, slice: index };
      }
      this.#pushed.shift();
      onMemory(decoderMemory() + decoder.heldBytes);
      onDecoded(bytes);
      isLast = slice.isLast;
    }
  }
}

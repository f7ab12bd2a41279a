import type { Schema } from "apache-arrow";
import { allocate } from "../../memory.ts";
import { bytesOf } from "./column-data.ts";
import type { Decoder, Decoding, OnDecoded, SlicedBatch } from "./decoder.ts";
import { freeing, toBatch } from "./to-batch.ts";
import type { SliceToDecode, UnitDecoder, UnitToDecode } from "./unit-decoder.ts";
import { Workspace } from "./workspace.ts";

/** Decodes in the calling thread, when a batch is asked for. The decoder is loaded late: threads have their own. */
export class InlineDecoder implements Decoder {
  memory = 0;
  readonly #workspace = new Workspace();

  expect(): void {}

  allocate(length: number): Uint8Array<ArrayBuffer> {
    return allocate(length);
  }

  begin(unit: UnitToDecode, schema: Schema): Decoding {
    const load = async (): Promise<Loaded> => {
      const { UnitDecoder, decoderMemory } = await import("./unit-decoder.ts");
      const decoder = await UnitDecoder.begin(unit, this.#workspace);
      return { decoder, onDecoded: () => (this.memory = decoderMemory(this.#workspace) + decoder.heldBytes) };
    };
    return new InlineDecoding(load, schema, this.#workspace);
  }

  async close(): Promise<void> {}
}

interface Loaded {
  readonly decoder: UnitDecoder;
  readonly onDecoded: () => void;
}

interface PushedSlice {
  readonly slice: SliceToDecode;
  readonly onDecoded: OnDecoded;
}

class InlineDecoding implements Decoding {
  readonly batches: AsyncIterable<SlicedBatch>;
  readonly #schema: Schema;
  readonly #workspace: Workspace;
  readonly #pushed: PushedSlice[] = [];
  #error: unknown;
  #wake: () => void = () => {};

  constructor(load: () => Promise<Loaded>, schema: Schema, workspace: Workspace) {
    this.#schema = schema;
    this.#workspace = workspace;
    this.batches = this.#decode(load);
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

  async *#decode(load: () => Promise<Loaded>): AsyncGenerator<SlicedBatch> {
    const { decoder, onDecoded } = await load();
    try {
      for (let index = 0, isLast = false; !isLast; index += 1) {
        while (this.#pushed.length === 0) {
          if (this.#error !== undefined) throw this.#error;
          await new Promise<void>((resolve) => (this.#wake = resolve));
        }
        const pushed = this.#pushed[0] as PushedSlice;
        const decoded = yield* this.#decodeSlice(decoder, pushed.slice, index);
        this.#pushed.shift();
        onDecoded();
        pushed.onDecoded(decoded);
        isLast = pushed.slice.isLast;
      }
    } finally {
      decoder.close();
    }
  }

  /** Tells how many bytes it became, and how long that took without what the consumer did meanwhile. */
  *#decodeSlice(
    decoder: UnitDecoder,
    slice: SliceToDecode,
    index: number,
  ): Generator<SlicedBatch, Parameters<OnDecoded>[0]> {
    let [bytes, ms] = [0, 0];
    let began = performance.now();
    for (const decoded of decoder.push(slice)) {
      const batch = toBatch(decoded, this.#schema);
      const held = bytesOf(decoded);
      bytes += held;
      ms += performance.now() - began;
      const free = freeing(decoded, (buffers) => this.#workspace.giveBack(buffers));
      yield { batch, slice: index, bytes: held, free };
      began = performance.now();
    }
    return { bytes, ms };
  }
}

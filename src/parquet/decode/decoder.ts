import type { RecordBatch, Schema } from "apache-arrow";
import { HfStreamError } from "../../errors.ts";
import type { SliceToDecode, UnitToDecode } from "./unit-decoder.ts";

/** The thread that decoded something ended, and what it had is lost. It may be tried again. */
export class ThreadLostError extends HfStreamError {
  constructor(how: string, cause?: unknown) {
    super("WORKER_FAILED", `A decoding thread ${how}.`, { cause });
  }
}

/** Turns the bytes of row groups into Arrow record batches. */
export interface Decoder {
  /** Says early that files of so many bytes will be read, so that threads may start. */
  expect(bytes: number): void;
  /**
   * Begins a unit, whose columns have the given schema, and which decodes to about so many bytes. Threads decode what is
   * pushed at once, whether or not anybody asks for batches yet.
   */
  begin(unit: UnitToDecode, schema: Schema, decodedBytes: number): Decoding;
  /** Gives a buffer for a slice; its bytes are what they were. Buffers of decoded slices are used again. */
  allocate(length: number): Uint8Array<ArrayBuffer>;
  /** Bytes that the decoder itself holds: WebAssembly memory, which grows and does not shrink, and spare buffers. */
  readonly memory: number;
  /** Ends all work at once. */
  close(): Promise<void>;
}

/** Told how many bytes of batches a slice became, and how long that took. */
export type OnDecoded = (decoded: { readonly bytes: number; readonly ms: number }) => void;

/** A unit that is being decoded. */
export interface Decoding {
  /** Gives the next slice, whose buffer is given away. */
  push(slice: SliceToDecode, onDecoded: OnDecoded): void;
  /** No more slices will come: the batches end with this error. */
  fail(error: unknown): void;
  /** Whether slices wait to be decoded, or are. */
  readonly isBusy: boolean;
  /** Batches in order, each with the place of the slice that completed it. */
  readonly batches: AsyncIterable<SlicedBatch>;
}

export interface SlicedBatch {
  readonly batch: RecordBatch;
  readonly slice: number;
  /** The memory that it holds. */
  readonly bytes: number;
  /** Gives its memory back for other batches: nobody may read it any more. */
  free(): void;
}

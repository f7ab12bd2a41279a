import type { Decoder } from "./decoder.ts";
import { EarlyDecoder } from "./early-decoder.ts";
import { InlineDecoder } from "./inline-decoder.ts";

/** Makes a decoder with so many threads of its own; 0: it decodes in the calling thread. */
export function createDecoder(threads: number): Decoder {
  return threads === 0 ? new InlineDecoder() : new EarlyDecoder(threads);
}

import type { Decoder } from "./decoder.ts";
import { InlineDecoder } from "./inline-decoder.ts";
import { ThreadedDecoder } from "./threaded-decoder.ts";

/** Makes a decoder with so many threads of its own; 0: it decodes in the calling thread. */
export function createDecoder(threads: number): Decoder {
  return threads === 0 ? new InlineDecoder() : new ThreadedDecoder(threads);
}

import { parentPort } from "node:worker_threads";
import { HfStreamError, isHfStreamError, type PlainError, toPlainError } from "../errors.ts";
import { decodeParquet, decoderMemory, type DecodeRequest } from "./decode.ts";

/** What the decoding thread is sent. */
export interface DecodeJob extends DecodeRequest {
  readonly id: number;
}

/** What the decoding thread answers. */
export type DecodeAnswer =
  | { readonly id: number; readonly batch: Uint8Array<ArrayBuffer> }
  | { readonly id: number; readonly done: true; readonly memory: number }
  | { readonly id: number; readonly failed: PlainError; readonly memory: number };

parentPort?.on("message", ({ id, ...request }: DecodeJob) => {
  const answer = (message: DecodeAnswer, transfer: ArrayBuffer[] = []): void => parentPort?.postMessage(message, transfer);
  try {
    for (const batch of decodeParquet(request)) answer({ id, batch }, [batch.buffer]);
    answer({ id, done: true, memory: decoderMemory() });
  } catch (error) {
    const failure = isHfStreamError(error) ? error : new HfStreamError("WORKER_FAILED", String(error), { cause: error });
    answer({ id, failed: toPlainError(failure), memory: isTrap(failure.cause) ? Infinity : decoderMemory() });
  }
});

/** After a trap the decoder's memory is not to be trusted: the thread is given up. */
function isTrap(cause: unknown): boolean {
  return cause instanceof Error && cause.name === "RuntimeError";
}

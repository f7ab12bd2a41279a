import { parentPort } from "node:worker_threads";
import { HfStreamError, isHfStreamError, type PlainError, toPlainError } from "../../errors.ts";
import { decodeParquet, decoderMemory, type DecodeRequest } from "./decode.ts";

/** What the decoding thread is sent. */
export interface DecodeJob extends DecodeRequest {
  readonly id: number;
}

/** What the decoding thread answers. */
export type DecodeAnswer =
  | { readonly id: number; readonly batch: Uint8Array<ArrayBuffer> }
  | (DecodeEnd & { readonly done: true })
  | (DecodeEnd & { readonly failed: PlainError });

interface DecodeEnd {
  readonly id: number;
  /** The decoder's memory, in bytes. */
  readonly memory: number;
  /** The request's buffer, for use again. */
  readonly file: ArrayBuffer;
}

parentPort?.on("message", ({ id, ...request }: DecodeJob) => {
  const answer = (message: DecodeAnswer, transfer: ArrayBuffer[] = []): void =>
    parentPort?.postMessage(message, transfer);
  const file = request.file.buffer;
  try {
    for (const batch of decodeParquet(request)) answer({ id, batch }, [batch.buffer]);
    answer({ id, done: true, memory: decoderMemory(), file }, [file]);
  } catch (error) {
    const failure = isHfStreamError(error)
      ? error
      : new HfStreamError("WORKER_FAILED", String(error), { cause: error });
    const memory = isTrap(failure.cause) ? Infinity : decoderMemory();
    answer({ id, failed: toPlainError(failure), memory, file }, [file]);
  }
});

/** After a trap the decoder's memory is not to be trusted: the thread is given up. */
function isTrap(cause: unknown): boolean {
  return cause instanceof Error && cause.name === "RuntimeError";
}

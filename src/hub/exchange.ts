import type { IncomingHttpHeaders } from "node:http";
import type { DispatchController, Dispatcher, DispatchHandler, DispatchOptions } from "./dispatcher.ts";
import { onceAborted } from "../async/abort.ts";
import { releaseMemory } from "../memory.ts";
import type { Attempt } from "./attempt.ts";

/** The head of an answer. */
export interface ResponseHead {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
}

/** An answer that has come whole. */
export interface HubResponse extends ResponseHead {
  /** The beginning of it, where no {@link BodySink} took it. */
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Takes the body of a successful answer piece by piece, as it comes. What it throws ends the exchange, and is its error. */
export interface BodySink {
  /** Looks at the head before the body comes. */
  begin(head: ResponseHead): void;
  /** Takes the next bytes, which may no longer be there when it returns. */
  push(chunk: Buffer): void;
}

export interface ExchangeOptions {
  /** Ends the exchange, and is told how it goes. */
  readonly attempt: Attempt;
  /** Takes successful answers; of others the beginning is kept. */
  readonly sink?: BodySink | undefined;
  /** Whether a sink's pieces are nobody else's: their memory is then given back at once. @default false */
  readonly releases?: boolean;
}

/** What is kept of an answer that no sink takes: enough for the text of an error. */
const KEPT_BYTES = 64 * 1024;

/**
 * Sends one request and gives its answer when it has come whole. Handlers of undici's own kind take each piece as it is
 * read from the socket: a stream in between costs as much again as receiving. Rejects with what a sink throws, with the
 * reason of the attempt's signal, or with whatever the network failed of.
 */
export async function exchange(
  dispatcher: Dispatcher,
  options: DispatchOptions,
  { attempt, sink, releases = false }: ExchangeOptions,
): Promise<HubResponse> {
  const { signal } = attempt;
  signal.throwIfAborted();
  return await new Promise((resolve, reject) => {
    let controller: DispatchController | undefined;
    let head: ResponseHead | undefined;
    let ended: Error | undefined;
    const kept = new Beginning();
    const fail = (error: unknown): void => {
      forget();
      reject(error);
    };
    const end = (error: Error): void => {
      ended = error;
      controller?.abort(error);
      fail(error);
    };
    const finish = (): void => {
      forget();
      attempt.idle();
      if (head !== undefined) resolve({ ...head, body: kept.bytes() });
    };
    const forget = onceAborted(signal, () => end(signal.reason as Error));
    const guarded = (work: () => void): void => orElse(work, end);
    const handler: DispatchHandler = {
      onRequestStart(started) {
        controller = started;
        if (ended === undefined) attempt.sent();
        else started.abort(ended);
      },
      onResponseStart(_, status, headers) {
        if (status < 200 || ended !== undefined) return;
        attempt.answered();
        const found = (head = { status, headers });
        if (status < 300) guarded(() => sink?.begin(found));
      },
      onResponseData(_, chunk) {
        if (ended !== undefined) return;
        attempt.received(chunk.length);
        if (sink === undefined || (head?.status ?? 0) >= 300) {
          if (!kept.isFilledBy(chunk)) return;
          finish();
          end(new Error("the rest of the answer is not wanted"));
          return;
        }
        guarded(() => sink.push(chunk));
        if (releases) queueMicrotask(() => releaseMemory(chunk)); // the parser may still look at it
      },
      onResponseEnd: finish,
      onResponseError: (_, error) => fail(error),
    };
    guarded(() => dispatcher.dispatch(options, handler));
  });
}

function orElse(work: () => void, onError: (error: Error) => void): void {
  try {
    work();
  } catch (error) {
    onError(error as Error);
  }
}

/** Keeps the beginning of a body. */
class Beginning {
  readonly #chunks: Buffer[] = [];
  #length = 0;

  /** Takes the next piece, and tells whether that is enough. */
  isFilledBy(chunk: Buffer): boolean {
    this.#chunks.push(chunk.subarray(0, KEPT_BYTES - this.#length));
    this.#length = Math.min(KEPT_BYTES, this.#length + chunk.length);
    return this.#length === KEPT_BYTES;
  }

  bytes(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(Buffer.concat(this.#chunks));
  }
}

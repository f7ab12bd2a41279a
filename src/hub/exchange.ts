import type { IncomingHttpHeaders } from "node:http";
import type { Dispatcher } from "undici";
import { type AbortOptions, onceAborted } from "../async/abort.ts";
import { releaseMemory } from "../memory.ts";

/** The head of an answer. */
export interface ResponseHead {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
}

/** An answer that has come whole. */
export interface HubResponse extends ResponseHead {
  /** Empty where a {@link BodySink} took it. */
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Takes the body of a successful answer piece by piece, as it comes. What it throws ends the exchange, and is its error. */
export interface BodySink {
  /** Looks at the head before the body comes; `abort` ends the exchange later on. */
  begin(head: ResponseHead, abort: (error: Error) => void): void;
  /** Takes the next bytes, which may no longer be there when it returns. */
  push(chunk: Buffer): void;
}

export interface ExchangeOptions extends AbortOptions {
  /** @default the body is collected */
  readonly sink?: BodySink | undefined;
  /** Whether a sink's pieces are nobody else's: their memory is then given back at once. @default false */
  readonly releases?: boolean;
}

/**
 * Sends one request and gives its answer when it has come whole. Handlers of undici's own kind take each piece as it is
 * read from the socket: a stream in between costs as much again as receiving. Rejects with what a sink throws, with
 * `signal.reason`, or with whatever the network failed of.
 */
export async function exchange(
  dispatcher: Dispatcher,
  options: Dispatcher.DispatchOptions,
  { signal, sink, releases = false }: ExchangeOptions,
): Promise<HubResponse> {
  signal?.throwIfAborted();
  return await new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | undefined;
    let head: ResponseHead | undefined;
    let ended: Error | undefined;
    const chunks: Buffer[] = [];
    const fail = (error: unknown): void => {
      forget();
      reject(error);
    };
    const end = (error: Error): void => {
      ended = error;
      controller?.abort(error);
      fail(error);
    };
    const forget = onceAborted(signal, () => end(signal?.reason as Error));
    const guarded = (work: () => void): void => {
      try {
        work();
      } catch (error) {
        end(error as Error);
      }
    };
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(started) {
        controller = started;
        if (ended !== undefined) started.abort(ended);
      },
      onResponseStart(_, status, headers) {
        if (status < 200 || ended !== undefined) return;
        const found = (head = { status, headers });
        if (status < 300) guarded(() => sink?.begin(found, end));
      },
      onResponseData(_, chunk) {
        if (ended !== undefined) return;
        if (sink === undefined || (head?.status ?? 0) >= 300) {
          chunks.push(chunk);
          return;
        }
        guarded(() => sink.push(chunk));
        if (releases) queueMicrotask(() => releaseMemory(chunk)); // the parser may still look at it
      },
      onResponseEnd() {
        forget();
        if (head !== undefined) resolve({ ...head, body: new Uint8Array(Buffer.concat(chunks)) });
      },
      onResponseError: (_, error) => fail(error),
    };
    guarded(() => dispatcher.dispatch(options, handler));
  });
}

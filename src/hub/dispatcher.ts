/** What sends requests: an undici `Dispatcher`, such as `Agent`, `ProxyAgent` or `MockAgent`, of version 7 or later. */
export interface Dispatcher {
  dispatch(options: DispatchOptions, handler: DispatchHandler): boolean;
}

/** A request, as undici takes it. */
export interface DispatchOptions {
  readonly origin: string | URL;
  readonly path: string;
  readonly method: "DELETE" | "GET" | "HEAD" | "POST" | "PUT";
  readonly headers?: Record<string, string>;
}

/** Stops a request that has begun. */
export interface DispatchController {
  abort(reason: Error): void;
}

/** What is told of an answer, as undici tells it. */
export interface DispatchHandler {
  onRequestStart?(controller: DispatchController): void;
  onResponseStart?(
    controller: DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void;
  onResponseData?(controller: DispatchController, chunk: Buffer): void;
  onResponseEnd?(): void;
  onResponseError?(controller: DispatchController, error: Error): void;
}

/** Every asynchronous function takes these. */
export interface AbortOptions {
  /** Ends the work at once; the promise rejects with `signal.reason` itself. */
  readonly signal?: AbortSignal | undefined;
}

/** Calls `onAbort` when `signal` aborts, at once if it has. The result takes the listener away again. */
export function onceAborted(signal: AbortSignal | undefined, onAbort: () => void): () => void {
  if (signal === undefined) return () => {};
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  return () => signal.removeEventListener("abort", onAbort);
}

/** Waits `ms` milliseconds. Rejects with `signal.reason` as soon as `signal` aborts. */
export async function delay(ms: number, { signal }: AbortOptions = {}): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      forget();
      resolve();
    }, ms);
    const forget = onceAborted(signal, () => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    });
  });
}

/** Settles as `work` does, or rejects with `signal.reason` as soon as `signal` aborts; `work` itself goes on. */
export async function raceAbort<T>(work: Promise<T>, { signal }: AbortOptions = {}): Promise<T> {
  if (signal === undefined) return await work;
  let forget = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    forget = onceAborted(signal, () => reject(signal.reason as Error));
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    forget();
  }
}

/** A controller that also aborts, with the same reason, when `signal` does, until `dispose` is called. */
export interface LinkedController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
  dispose(): void;
}

/** Makes a {@link LinkedController} below `signal`. */
export function linkController(signal: AbortSignal | undefined): LinkedController {
  const controller = new AbortController();
  const dispose = onceAborted(signal, () => controller.abort(signal?.reason));
  return { signal: controller.signal, abort: (reason) => controller.abort(reason), dispose };
}

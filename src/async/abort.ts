/** Every asynchronous function takes these. */
export interface AbortOptions {
  /** Ends the work at once; the promise rejects with `signal.reason` itself. */
  readonly signal?: AbortSignal | undefined;
}

/** Waits `ms` milliseconds. Rejects with `signal.reason` as soon as `signal` aborts. */
export function delay(ms: number, { signal }: AbortOptions = {}): Promise<void> {
  return raceAbort(new Promise((resolve) => setTimeout(resolve, ms)), { signal });
}

/** Settles as `work` does, or rejects with `signal.reason` as soon as `signal` aborts; `work` itself goes on. */
export async function raceAbort<T>(work: Promise<T>, { signal }: AbortOptions = {}): Promise<T> {
  if (signal === undefined) return await work;
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (onAbort !== undefined) signal.removeEventListener("abort", onAbort);
  }
}

/** A controller that also aborts, with the same reason, when `signal` does. Call `dispose` when the work is over. */
export function linkedController(signal: AbortSignal | undefined): AbortController & { dispose(): void } {
  const controller = new AbortController();
  const follow = (): void => controller.abort(signal?.reason);
  if (signal?.aborted === true) follow();
  else signal?.addEventListener("abort", follow, { once: true });
  return Object.assign(controller, { dispose: () => signal?.removeEventListener("abort", follow) });
}

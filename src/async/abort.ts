import { EventEmitter, getMaxListeners, setMaxListeners } from "node:events";

/** Every asynchronous function takes these. */
export interface AbortOptions {
  /** Ends the work at once; the promise rejects with `signal.reason` itself. */
  readonly signal?: AbortSignal | undefined;
}

/** Calls `onAbort` when `signal` aborts, at once if it has. The result takes the listener away again. */
export function onceAborted(signal: AbortSignal | undefined, onAbort: () => void): () => void {
  if (signal === undefined) return () => {};
  if (signal.aborted) onAbort();
  else {
    allowListeners(signal);
    signal.addEventListener("abort", onAbort, { once: true });
  }
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

/**
 * Lets any number listen to `signal`, unless its owner set a limit: Node warns of a leak from eleven on, and parallel
 * reads are more.
 */
function allowListeners(signal: AbortSignal): void {
  if (!hasOwnLimit(signal)) setMaxListeners(0, signal);
}

function hasOwnLimit(signal: AbortSignal): boolean {
  try {
    return getMaxListeners(signal) !== EventEmitter.defaultMaxListeners;
  } catch {
    return false; // Node 20 does not know signals that nobody listened to
  }
}

/** A controller whose signal any number may listen to. */
export function makeController(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}

/** A controller that also aborts, with the same reason, when `signal` does, until `dispose` is called. */
export interface LinkedController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
  dispose(): void;
}

/** Makes a {@link LinkedController} below `signal`. */
export function linkController(signal: AbortSignal | undefined): LinkedController {
  const controller = makeController();
  const dispose = onceAborted(signal, () => controller.abort(signal?.reason));
  return { signal: controller.signal, abort: (reason) => controller.abort(reason), dispose };
}

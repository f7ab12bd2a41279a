import { warnOnce } from "../warning.ts";

/** A thread of this package could not be started: a bundler left its file behind, or the runtime has none. */
export class ThreadStartError extends Error {
  override readonly name = "ThreadStartError";

  constructor(cause: unknown) {
    super("A thread could not be started.", { cause });
  }
}

/** Whether code could not be loaded: a bundler that copied a thread's file may have left behind what that loads late. */
export function isMissingModule(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (error as NodeJS.ErrnoException).code === "ERR_MODULE_NOT_FOUND" || isMissingModule(error.cause);
}

/** Warns, once, that the work of threads is done in the calling thread. */
export function warnOfMissingThreads(cause: unknown): void {
  const message =
    "hfstream cannot start its threads, and does their work in the calling thread. If it was bundled, leave it out of the " +
    `bundle ("external") to have them. The cause: ${String(cause)}`;
  warnOnce("HFSTREAM_NO_THREADS", message, "threads");
}

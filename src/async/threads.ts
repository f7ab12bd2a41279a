/** A thread of this package could not be started: a bundler left its file behind, or the runtime has none. */
export class ThreadStartError extends Error {
  override readonly name = "ThreadStartError";

  constructor(cause: unknown) {
    super("A thread could not be started.", { cause });
  }
}

const warned = new Set<string>();

/** Warns, once per process and kind of work, that it is done in the calling thread. */
export function warnOfMissingThreads(work: string, cause: unknown): void {
  if (warned.has(work)) return;
  warned.add(work);
  process.emitWarning(
    `hfstream cannot start its threads, and ${work} in the calling thread instead. If it was bundled, leave it out of the ` +
      `bundle ("external"). The cause: ${String(cause)}`,
    { type: "HfStreamWarning", code: "HFSTREAM_NO_THREADS" },
  );
}

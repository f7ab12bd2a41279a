import type { OpenFile } from "../formats/types.ts";
import type { Span } from "./line.ts";

export interface BadFilesOptions {
  /** Decides about a file that cannot be read: leaves it out, or throws. */
  readonly onBadFile: (error: unknown, path: string) => Promise<void>;
  readonly signal?: AbortSignal | undefined;
}

/** Files that turned out to be unreadable: the rest of them is left out, if the options say so. */
export class BadFiles {
  readonly #files = new Set<OpenFile>();
  readonly #onBadFile: BadFilesOptions["onBadFile"];
  readonly #signal: AbortSignal | undefined;

  constructor({ onBadFile, signal }: BadFilesOptions) {
    this.#onBadFile = onBadFile;
    this.#signal = signal;
  }

  /** Does `work` on a span; `undefined` if its file is bad. */
  async guard<T>({ file }: Span, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T | undefined> {
    if (this.#files.has(file)) return undefined;
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      await this.#report(error, file);
      return undefined;
    }
  }

  /** Passes a span's batches on, up to where its file turns out to be bad. */
  async *watch<T>({ file }: Span, batches: AsyncIterable<T>): AsyncGenerator<T> {
    if (this.#files.has(file)) return;
    try {
      yield* batches;
    } catch (error) {
      this.#signal?.throwIfAborted();
      await this.#report(error, file);
    }
  }

  async #report(error: unknown, file: OpenFile): Promise<void> {
    if (!this.#files.has(file)) await this.#onBadFile(error, file.path);
    this.#files.add(file);
  }
}

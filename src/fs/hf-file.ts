/// <reference lib="esnext.disposable" preserve="true" />
import { linkController, makeController, onceAborted } from "../async/abort.ts";
import { HfStreamError } from "../errors.ts";
import { checkRange } from "./byte-source.ts";
import { streamBytes } from "./byte-stream.ts";
import { DEFAULT_BLOCK_SIZE, readManyRanges } from "./read-segments.ts";
import { decodeLines } from "./text-lines.ts";
import type { ByteRange, ByteSource, ReadOptions } from "./types.ts";

/** Bytes kept from the last read on, for the next one. */
interface Window {
  readonly offset: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The least that a read asks for; where reads follow each other it grows by the factor up to a block. */
const FIRST_AHEAD = 64 * 1024;
const GROWTH = 4;
const NOTHING: Uint8Array<ArrayBuffer> = new Uint8Array(0);

/**
 * An open file with a position, of whatever {@link FileSystem}. Reads give bytes of their own. After `close` every method
 * throws `INVALID_OPTION`, and reads under way reject with it.
 */
export class HfFile implements AsyncDisposable {
  /** As the file system names it. */
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  readonly #source: ByteSource;
  readonly #closing: AbortController = makeController();
  #position = 0;
  #window: Window = { offset: 0, bytes: NOTHING };
  #ahead = FIRST_AHEAD;

  constructor(path: string, source: ByteSource) {
    this.path = path;
    this.size = source.size;
    this.#source = source;
  }

  /** Where the next `read` starts. */
  tell(): number {
    this.#checkOpen();
    return this.#position;
  }

  /** Moves to `offset` bytes from the start and gives that back. Beyond the end there is nothing to read, as in Python. */
  seek(offset: number): number {
    this.#checkOpen();
    this.#position = this.#checkWhole("seek(offset)", offset);
    return offset;
  }

  /**
   * Reads `length` bytes from the position on, fewer only at the end of the file; to the end if left out. Small reads
   * that follow each other are served from what was read ahead.
   */
  async read(length?: number, options: ReadOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    this.#checkOpen();
    const wanted = length === undefined ? Infinity : this.#checkWhole("read(length)", length);
    const start = this.#position;
    const end = Math.max(start, Math.min(this.size, start + wanted));
    options.signal?.throwIfAborted();
    const kept = this.#keptOf({ offset: start, length: end - start });
    this.#position = end; // at once, so that reads that are not waited for do not overlap
    if (kept.length === end - start) return kept.slice();
    try {
      return await this.#whileOpen(options, (linked) => this.#buffered({ offset: start, length: end - start }, linked));
    } catch (error) {
      if (this.#position === end) this.#position = start;
      throw error;
    }
  }

  /** Reads exactly `length` bytes at `offset`, wherever the position is. Throws `INVALID_OPTION` beyond the end. */
  async readAt(offset: number, length: number, options: ReadOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    this.#checkOpen();
    checkRange(this, { offset, length });
    return await this.#whileOpen(options, (linked) => this.#direct({ offset, length }, linked));
  }

  /**
   * Reads UTF-8 lines from the position on, without their `\n` or `\r\n`; a lone `\r` and a byte order mark are kept. The
   * position moves along by whole lines. Leaving the loop ends the requests. Throws `CORRUPT_FILE` for invalid UTF-8.
   */
  async *lines(options: ReadOptions = {}): AsyncGenerator<string, void, undefined> {
    this.#checkOpen();
    const { linked, forget } = this.#link(options);
    try {
      const offset = Math.min(this.#position, this.size);
      const chunks = streamBytes(this.#source, { offset, length: this.size - offset }, linked);
      const onLine = (bytes: number): void => void (this.#position += bytes);
      yield* decodeLines(chunks, { path: this.path, onLine });
    } finally {
      forget();
    }
  }

  /** Ends the reads under way and frees what was read ahead. May be called again. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort(new HfStreamError("INVALID_OPTION", `${this.path} was closed.`, { path: this.path }));
    this.#window = { offset: 0, bytes: NOTHING };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #buffered({ offset, length }: ByteRange, options: ReadOptions): Promise<Uint8Array<ArrayBuffer>> {
    const { offset: from, bytes } = this.#window;
    const kept = this.#keptOf({ offset, length });
    const missing = { offset: offset + kept.length, length: length - kept.length };
    const follows = missing.offset === from + bytes.length;
    this.#ahead = follows ? Math.min(this.#ahead * GROWTH, DEFAULT_BLOCK_SIZE) : FIRST_AHEAD;
    const rest =
      missing.length >= this.#ahead ? await this.#direct(missing, options) : await this.#readAhead(missing, options);
    if (missing.length >= this.#ahead) this.#window = { offset: missing.offset + missing.length, bytes: NOTHING };
    return kept.length === 0 ? rest : joined(kept, rest);
  }

  /** As much of the beginning of a range as was read ahead. */
  #keptOf({ offset, length }: ByteRange): Uint8Array<ArrayBuffer> {
    const { offset: from, bytes } = this.#window;
    return offset < from ? NOTHING : bytes.subarray(offset - from, offset - from + length);
  }

  async #readAhead({ offset, length }: ByteRange, options: ReadOptions): Promise<Uint8Array<ArrayBuffer>> {
    const range = { offset, length: Math.min(this.#ahead, this.size - offset) };
    const bytes = await this.#source.read(range, options);
    this.#window = { offset, bytes };
    return bytes.slice(0, length);
  }

  async #direct(range: ByteRange, options: ReadOptions): Promise<Uint8Array<ArrayBuffer>> {
    const [bytes = NOTHING] = await readManyRanges(this.#source, [range], options);
    return bytes;
  }

  async #whileOpen<T>(options: ReadOptions, work: (options: ReadOptions) => Promise<T>): Promise<T> {
    const { linked, forget } = this.#link(options);
    try {
      return await work(linked);
    } finally {
      forget();
    }
  }

  /** Options whose signal aborts when the caller's does, and when the file is closed. */
  #link({ signal, meter }: ReadOptions): { readonly linked: ReadOptions; readonly forget: () => void } {
    signal?.throwIfAborted();
    const link = linkController(signal);
    const closing = this.#closing.signal;
    const forgetClosing = onceAborted(closing, () => link.abort(closing.reason));
    const forget = (): void => {
      forgetClosing();
      link.dispose();
    };
    return { linked: { signal: link.signal, meter }, forget };
  }

  #checkOpen(): void {
    this.#closing.signal.throwIfAborted();
  }

  #checkWhole(call: string, value: number): number {
    if (Number.isSafeInteger(value) && value >= 0) return value;
    const what = `${call}: expected a whole number of bytes, at least 0, got ${String(value)}.`;
    throw new HfStreamError("INVALID_OPTION", what, { path: this.path });
  }
}

function joined(head: Uint8Array, tail: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(head.length + tail.length);
  whole.set(head);
  whole.set(tail, head.length);
  return whole;
}

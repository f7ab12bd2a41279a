/// <reference lib="esnext.disposable" preserve="true" />
import { onceAborted } from "../async/abort.ts";
import type { StreamStats } from "./stats.ts";

/** Rows that are made when they are asked for. */
export interface RowBlock<Row> {
  readonly length: number;
  at(index: number): Row;
}

/** What a {@link RowIterator} reads from. */
export interface RowFeed<Row> {
  readonly blocks: AsyncIterator<RowBlock<Row>>;
  readonly stats: StreamStats;
  /** Aborts all that is under way. */
  abort(reason: unknown): void;
  readonly signal: AbortSignal | undefined;
}

/**
 * The rows of a dataset, one at a time. Leaving a loop early ends requests, buffers and threads; so does an abort, which
 * then rejects with the signal's reason. May be called again before it answered: answers come in order.
 */
export class RowIterator<Row> implements AsyncIterableIterator<Row, undefined>, AsyncDisposable {
  /** Live counters. */
  readonly stats: StreamStats;
  readonly #feed: RowFeed<Row>;
  #forgetAbort: () => void = () => {};
  #block: RowBlock<Row> | undefined;
  #next = 0;
  #pulling: Promise<unknown> | undefined;
  #closed: Promise<void> | undefined;
  #isAtEnd = false;

  constructor(feed: RowFeed<Row>) {
    this.#feed = feed;
    this.stats = feed.stats;
    this.#forgetAbort = onceAborted(feed.signal, () => void this.#close(feed.signal?.reason));
  }

  next(): Promise<IteratorResult<Row, undefined>> {
    if (this.#pulling !== undefined) return this.#queue();
    const block = this.#block;
    if (block === undefined || this.#next >= block.length || this.#closed !== undefined) return this.#pull();
    try {
      const value = block.at(this.#next);
      this.#next += 1;
      this.stats.rows += 1;
      return Promise.resolve({ done: false, value });
    } catch (error) {
      return this.#close(error).then(() => {
        throw error;
      });
    }
  }

  async return(): Promise<IteratorResult<Row, undefined>> {
    await this.#close(new Error("the consumer left"));
    return { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<IteratorResult<Row, undefined>> {
    await this.#close(error);
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  async #queue(): Promise<IteratorResult<Row, undefined>> {
    await this.#pulling?.catch(() => {});
    return await this.next();
  }

  #pull(): Promise<IteratorResult<Row, undefined>> {
    const pulled = this.#pullBlock().finally(() => (this.#pulling = undefined));
    this.#pulling = pulled;
    return pulled.then((isMore) => (isMore ? this.next() : { done: true, value: undefined }));
  }

  /** Gets the next block that holds rows; tells whether there is one. */
  async #pullBlock(): Promise<boolean> {
    this.#block = undefined;
    try {
      while (this.#closed === undefined) {
        const next = await this.#feed.blocks.next();
        if (next.done === true) {
          this.#isAtEnd = true;
          await this.#close(new Error("the iteration ended"));
          return false;
        }
        this.#block = next.value;
        this.#next = 0;
        if (next.value.length > 0) return true;
      }
    } catch (error) {
      // What fails because the consumer left is no error to it; an abort is, with its own reason.
      if (this.#closed === undefined) {
        await this.#close(error);
        throw error;
      }
    }
    if (!this.#isAtEnd) this.#feed.signal?.throwIfAborted();
    return false;
  }

  #close(reason: unknown): Promise<void> {
    this.#closed ??= (async () => {
      this.#forgetAbort();
      this.#block = undefined;
      this.#feed.abort(reason);
      await this.#feed.blocks.return?.().then(
        () => {},
        () => {}, // what was aborted may say so
      );
    })();
    return this.#closed;
  }
}

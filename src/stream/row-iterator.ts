/// <reference lib="esnext.disposable" preserve="true" />
import { onceAborted } from "../async/abort.ts";
import type { DatasetState } from "./state.ts";
import type { StreamStats } from "./stats.ts";

/** Rows that are made when they are asked for, and the state after each. */
export interface RowBlock<Row> {
  readonly length: number;
  at(index: number): Row;
  stateAfter(index: number): DatasetState;
  /** Rows of the dataset that each stands for. @default 1 */
  readonly rowsEach?: number | undefined;
}

/** What a {@link RowIterator} reads from. */
export interface RowFeed {
  readonly stats: StreamStats;
  /** The state before the first row, and after the last. */
  restingState(): DatasetState;
  /** Aborts all that is under way. */
  abort(reason: unknown): void;
  /** The signal of the user. */
  readonly userSignal: AbortSignal | undefined;
}

/**
 * The rows of a dataset, one at a time. Leaving a loop early ends requests, buffers and threads; so does an abort, which
 * then rejects with the signal's reason. May be called again before it answered: answers come in order.
 */
export class RowIterator<Row> implements AsyncIterableIterator<Row, undefined>, AsyncDisposable {
  /** Live counters. */
  readonly stats: StreamStats;
  readonly #feed: RowFeed;
  readonly #blocks: AsyncIterator<RowBlock<Row>>;
  #forgetAbort: () => void = () => {};
  #block: RowBlock<Row> | undefined;
  #next = 0;
  /** The state after the last row of the blocks before this one. */
  #before: (() => DatasetState) | undefined;
  #pulling: Promise<unknown> | undefined;
  #closed: Promise<void> | undefined;
  #isAtEnd = false;

  constructor(blocks: AsyncIterator<RowBlock<Row>>, feed: RowFeed) {
    this.#blocks = blocks;
    this.#feed = feed;
    this.stats = feed.stats;
    this.#forgetAbort = onceAborted(feed.userSignal, () => void this.#close(feed.userSignal?.reason));
  }

  next(): Promise<IteratorResult<Row, undefined>> {
    if (this.#pulling !== undefined) return this.#queue();
    const block = this.#block;
    if (block === undefined || this.#next >= block.length || this.#closed !== undefined) return this.#pull();
    try {
      const value = block.at(this.#next);
      this.#next += 1;
      this.stats.rows += block.rowsEach ?? 1;
      return Promise.resolve({ done: false, value });
    } catch (error) {
      return this.#close(error).then(() => {
        throw error;
      });
    }
  }

  /**
   * Where the rows delivered so far end: give it to `resume`, now or in another process. It may be asked for at any
   * time, also after the loop was left.
   */
  state(): DatasetState {
    const [block, next] = [this.#block, this.#next];
    if (block !== undefined && next > 0) return block.stateAfter(next - 1);
    return this.#before?.() ?? this.#feed.restingState();
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
    this.#leaveBlock();
    try {
      while (this.#closed === undefined) {
        const next = await this.#blocks.next();
        if (next.done === true) {
          this.#isAtEnd = true;
          this.#before = undefined;
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
    if (!this.#isAtEnd) this.#feed.userSignal?.throwIfAborted();
    return false;
  }

  /** Remembers where the rows of a block end, whose place the next one takes. */
  #leaveBlock(): void {
    const [block, next] = [this.#block, this.#next];
    if (block !== undefined && next > 0) this.#before = () => block.stateAfter(next - 1);
    this.#block = undefined;
    this.#next = 0;
  }

  #close(reason: unknown): Promise<void> {
    this.#closed ??= (async () => {
      this.#forgetAbort();
      const state = this.state();
      this.#before = () => state; // and nothing of the rows is held
      this.#block = undefined;
      this.#feed.abort(reason);
      await this.#blocks.return?.().then(
        () => {},
        () => {}, // what was aborted may say so
      );
    })();
    return this.#closed;
  }
}

import { setTimeout as sleep } from "node:timers/promises";

/** Shorter waits than this a timer cannot keep: work is saved up until it takes as long. */
const TIMER_MS = 4;

/** What a consumer saw. */
export interface Consumption {
  readonly rows: number;
  readonly seconds: number;
  readonly firstRowMs: number;
  readonly waitedShare?: number;
}

/** Takes what a reader delivers and keeps the time, from its making on. With `msPerRow` it works on each row so long. */
export class Consumer {
  readonly #msPerRow: number;
  readonly #firstRowOnly: boolean;
  #startedMs = performance.now();
  #firstMs: number | undefined;
  #rows = 0;
  #waitedMs = 0;
  #owedMs = 0;

  constructor({ msPerRow, firstRowOnly }: { readonly msPerRow: number; readonly firstRowOnly: boolean }) {
    this.#msPerRow = msPerRow;
    this.#firstRowOnly = firstRowOnly;
  }

  /** Starts the clock anew, where something had to be prepared. */
  restart(): void {
    this.#startedMs = performance.now();
  }

  /** Notes that there is something; {@link take} does it by itself. */
  markFirst(): void {
    this.#firstMs ??= performance.now() - this.#startedMs;
  }

  /** Takes all `items`, each of which holds `rowsOf(item)` rows, or only the first. */
  async take<T>(items: AsyncIterable<T>, rowsOf: (item: T) => number): Promise<void> {
    if (this.#msPerRow > 0) return await this.#work(items, rowsOf);
    for await (const item of items) {
      if (this.#rows === 0) this.markFirst();
      this.#rows += rowsOf(item);
      if (this.#firstRowOnly) return;
    }
  }

  /** What was seen until now. */
  finish(): Consumption {
    const totalMs = performance.now() - this.#startedMs;
    const firstRowMs = this.#firstMs ?? totalMs;
    const consumption = { rows: this.#rows, seconds: totalMs / 1000, firstRowMs };
    if (this.#msPerRow === 0) return consumption;
    return {
      ...consumption,
      waitedShare: this.#waitedMs / Math.max(totalMs - firstRowMs, this.#waitedMs, Number.MIN_VALUE),
    };
  }

  async #work<T>(items: AsyncIterable<T>, rowsOf: (item: T) => number): Promise<void> {
    const iterator = items[Symbol.asyncIterator]();
    for (;;) {
      const askedMs = performance.now();
      const next = await iterator.next();
      if (this.#rows > 0) this.#waitedMs += performance.now() - askedMs;
      if (next.done === true) return;
      this.markFirst();
      const rows = rowsOf(next.value);
      this.#rows += rows;
      await this.#spend(rows * this.#msPerRow);
    }
  }

  async #spend(ms: number): Promise<void> {
    this.#owedMs += ms;
    if (this.#owedMs < TIMER_MS) return;
    const startedMs = performance.now();
    await sleep(this.#owedMs);
    this.#owedMs -= performance.now() - startedMs;
  }
}

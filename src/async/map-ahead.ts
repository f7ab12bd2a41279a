import { type AbortOptions, linkController, raceAbort } from "./abort.ts";

export interface MapAheadOptions extends AbortOptions {
  /** Jobs that run ahead of the one the consumer works on, 0: none; or a function that is asked each time. */
  readonly ahead: number | (() => number);
  /** Is given a function that asks `ahead` again and starts the jobs it then allows, before the consumer comes. */
  readonly onStart?: ((refill: () => void) => void) | undefined;
}

type Slot<R> = { readonly done: true } | { readonly done: false; readonly value: R };

/**
 * Runs `job` on `items` in order, some ahead of the consumer, and yields the results in the same order. When the
 * consumer leaves, or a job fails, the jobs under way are aborted and waited for, and `items` is closed.
 */
export async function* mapAhead<T, R>(
  items: AsyncIterable<T> | Iterable<T>,
  job: (item: T, options: { readonly signal: AbortSignal }) => Promise<R>,
  { ahead, signal, onStart }: MapAheadOptions,
): AsyncGenerator<R, void, undefined> {
  const stop = linkController(signal);
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  const slots: Promise<Slot<R>>[] = [];
  const window = typeof ahead === "function" ? ahead : () => ahead;
  let ended = false;
  const start = async (): Promise<Slot<R>> => {
    const next = await iterator.next();
    if (next.done === true || ended) {
      ended = true;
      return { done: true };
    }
    return { done: false, value: await job(next.value, { signal: stop.signal }) };
  };
  const fill = (spare: number): void => {
    // oxlint-disable-next-line no-unmodified-loop-condition -- `start` sets it when the items end
    while (slots.length < window() + spare && !ended) {
      const slot = start();
      slot.catch(() => {}); // it is awaited below, in its turn
      slots.push(slot);
    }
  };
  onStart?.(() => fill(0));
  try {
    for (;;) {
      fill(1); // the next one, and those ahead of it
      const oldest = slots.shift();
      if (oldest === undefined) return;
      const slot = await raceAbort(oldest, { signal: stop.signal });
      if (slot.done) return;
      yield slot.value;
    }
  } finally {
    ended = true;
    stop.abort(new Error("the consumer left"));
    await Promise.allSettled(slots);
    await iterator.return?.();
    stop.dispose();
  }
}

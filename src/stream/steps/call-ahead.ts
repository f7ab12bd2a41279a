import { type AbortOptions, raceAbort } from "../../async/abort.ts";
import { ROUND_END_ITEMS } from "../block.ts";
import type { Watchdog } from "../watchdog.ts";

export interface CallAheadOptions extends AbortOptions {
  readonly concurrency: number;
  readonly watchdog: Watchdog;
}

/**
 * Calls `fn` on each item of chunks and yields the results in order, leaving out those that are `undefined`. Results that
 * come at once stay together; promises are awaited in turn with up to `concurrency` under way. An abort ends the wait
 * for what a function of the user promised.
 */
export async function* callAhead<T, R>(
  chunks: AsyncIterable<readonly T[]>,
  fn: (item: T) => R | undefined | Promise<R | undefined>,
  { concurrency, signal, watchdog }: CallAheadOptions,
): AsyncGenerator<readonly R[]> {
  const running: Promise<R | undefined>[] = [];
  const oldest = async (): Promise<readonly R[]> => {
    const goBack = watchdog.waitsFor(() => "function");
    const made = await raceAbort(running.shift() as Promise<R | undefined>, { signal }).finally(goBack);
    return made === undefined ? [] : [made];
  };
  for await (const chunk of chunks) {
    if (chunk === ROUND_END_ITEMS) {
      while (running.length > 0) yield await oldest(); // what came of the round comes before its end
      yield ROUND_END_ITEMS;
      continue;
    }
    let made: R[] = [];
    for (const item of chunk) {
      const result = attempt(fn, item);
      if (running.length === 0 && !isPromise(result)) {
        if (result !== undefined) made.push(result);
        continue;
      }
      if (made.length > 0) yield made;
      made = [];
      running.push(Promise.resolve(result));
      if (running.length >= concurrency) yield await oldest();
    }
    if (made.length > 0) yield made;
  }
  while (running.length > 0) yield await oldest();
}

/** What `fn` gives; an error as a promise that fails in its turn, for the rows before it come first. */
function attempt<T, R>(fn: (item: T) => R | Promise<R>, item: T): R | Promise<R> {
  try {
    const result = fn(item);
    if (isPromise(result)) Promise.resolve(result).catch(() => {}); // it is awaited in its turn
    return result;
  } catch (error) {
    const failed = Promise.reject(error);
    failed.catch(() => {});
    return failed;
  }
}

export function isPromise<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return (
    value instanceof Promise ||
    (typeof value === "object" && value !== null && "then" in value && typeof value.then === "function")
  );
}

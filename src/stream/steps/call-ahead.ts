import { type AbortOptions, raceAbort } from "../../async/abort.ts";

/**
 * Calls `fn` on each item and yields the results in order, leaving out those that are `undefined`. While they come at
 * once nothing runs ahead; promises are awaited in turn with up to `concurrency` under way. An abort ends the wait for
 * what a function of the user promised.
 */
export async function* callAhead<T, R>(
  items: AsyncIterable<T>,
  fn: (item: T) => R | undefined | Promise<R | undefined>,
  { concurrency, signal }: AbortOptions & { readonly concurrency: number },
): AsyncGenerator<R> {
  const running: Promise<R | undefined>[] = [];
  const oldest = async (): Promise<R | undefined> =>
    await raceAbort(running.shift() as Promise<R | undefined>, { signal });
  for await (const item of items) {
    let result: R | undefined | Promise<R | undefined>;
    try {
      result = fn(item);
    } catch (error) {
      if (running.length === 0) throw error;
      result = Promise.reject(error as Error); // in its turn: the rows before it come first
    }
    if (running.length === 0 && !isPromise(result)) {
      if (result !== undefined) yield result;
      continue;
    }
    const settled = Promise.resolve(result);
    settled.catch(() => {}); // awaited below, in its turn
    running.push(settled);
    if (running.length < concurrency) continue;
    const made = await oldest();
    if (made !== undefined) yield made;
  }
  while (running.length > 0) {
    const made = await oldest();
    if (made !== undefined) yield made;
  }
}

export function isPromise<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return (
    value instanceof Promise ||
    (typeof value === "object" && value !== null && "then" in value && typeof value.then === "function")
  );
}

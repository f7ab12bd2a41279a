import type { StreamStats } from "./stats.ts";
import type { Stage, Watchdog } from "./watchdog.ts";

export interface Timing {
  readonly stats: StreamStats;
  readonly watchdog: Watchdog;
  readonly waitsFor: () => Stage;
  /** Whether these are the batches of a unit, which then wait for the consumer. */
  readonly isUnit?: boolean;
  readonly path?: string;
}

/** Passes `items` on, and measures how long the consumer waited for each, and for what; and each batch for the consumer. */
export async function* timed<T>(
  items: AsyncIterable<T>,
  { stats, watchdog, waitsFor, isUnit = false, path }: Timing,
): AsyncGenerator<T> {
  const iterator = items[Symbol.asyncIterator]();
  try {
    for (;;) {
      const asked = performance.now();
      const counter = waitsFor() === "decode" ? "waitingOnDecodeMs" : "waitingOnNetworkMs";
      const goBack = watchdog.waitsFor(waitsFor, path);
      const next = await iterator.next().finally(goBack);
      const came = performance.now();
      stats[counter] += came - asked;
      if (next.done === true) return;
      yield next.value;
      if (isUnit) stats.waitingOnConsumerMs += performance.now() - came;
    }
  } finally {
    await iterator.return?.();
  }
}

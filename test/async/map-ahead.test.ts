import fc from "fast-check";
import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { mapAhead } from "../../src/async/map-ahead.ts";

/** Numbers without end, that tell whether they were closed. */
function makeSource(): {
  items: AsyncGenerator<number, void, undefined>;
  taken: () => number;
  isClosed: () => boolean;
} {
  let taken = 0;
  let closed = false;
  const items = (async function* (): AsyncGenerator<number, void, undefined> {
    try {
      for (;;) yield taken++;
    } finally {
      closed = true;
    }
  })();
  return { items, taken: () => taken, isClosed: () => closed };
}

/** A job that lasts until its signal aborts. */
async function hang(signal: AbortSignal): Promise<never> {
  return await new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
}

describe("mapAhead", () => {
  test("keeps the order, runs each job once, and never more than allowed at a time", async () => {
    const job = fc.record({ delay: fc.nat(3) });
    await fc.assert(
      fc.asyncProperty(fc.array(job, { maxLength: 15 }), fc.nat(4), async (jobs, ahead) => {
        let running = 0;
        let most = 0;
        const results: number[] = [];
        const run = async (index: number): Promise<number> => {
          most = Math.max(most, ++running);
          await wait(jobs[index]?.delay ?? 0);
          running -= 1;
          return index;
        };
        for await (const result of mapAhead([...jobs.keys()], run, { ahead })) results.push(result);
        expect(results).toEqual([...jobs.keys()]);
        expect(most).toBeLessThanOrEqual(ahead + 1);
      }),
      { numRuns: 30 },
    );
  });

  test("asks each time how far ahead to run", async () => {
    let ahead = 0;
    const { items, taken, isClosed } = makeSource();
    const results = mapAhead(items, async (item) => item, { ahead: () => ahead });
    await results.next();
    expect(taken()).toBe(1);
    ahead = 3;
    await results.next();
    expect(taken()).toBe(5);
    await results.return();
    expect(isClosed()).toBe(true);
  });

  test("on break, aborts the jobs under way, waits for them and closes the source", async () => {
    const { items, isClosed } = makeSource();
    let running = 0;
    const job = async (item: number, { signal }: { readonly signal: AbortSignal }): Promise<number> => {
      if (item === 0) return item;
      running += 1;
      try {
        return await hang(signal);
      } finally {
        await wait(5);
        running -= 1;
      }
    };
    for await (const first of mapAhead(items, job, { ahead: 3 })) {
      expect(first).toBe(0);
      expect(running).toBeGreaterThan(0);
      break;
    }
    expect([running, isClosed()]).toEqual([0, true]);
  });

  test("a job that fails, even with undefined, ends it when its turn comes", async () => {
    const { items, isClosed } = makeSource();
    const seen: number[] = [];
    const job = async (item: number): Promise<number> => {
      if (item === 2) throw undefined;
      return item;
    };
    const run = async (): Promise<void> => {
      for await (const result of mapAhead(items, job, { ahead: 4 })) seen.push(result);
    };
    await expect(run()).rejects.toBe(undefined);
    expect([seen, isClosed()]).toEqual([[0, 1], true]);
  });

  test("a source that fails ends it behind what came before", async () => {
    const items = (async function* (): AsyncGenerator<number, void, undefined> {
      yield 1;
      throw new Error("source");
    })();
    const seen: number[] = [];
    const run = async (): Promise<void> => {
      for await (const result of mapAhead(items, async (item) => item, { ahead: 2 })) seen.push(result);
    };
    await expect(run()).rejects.toThrow("source");
    expect(seen).toEqual([1]);
  });

  test("an abort rejects at once with the signal's reason", async () => {
    const { items, isClosed } = makeSource();
    const stop = new AbortController();
    const results = mapAhead(items, (_, { signal }) => hang(signal), { ahead: 2, signal: stop.signal });
    const next = results.next();
    const reason = { any: "value" };
    setTimeout(() => stop.abort(reason), 10);
    await expect(next).rejects.toBe(reason);
    expect(isClosed()).toBe(true);
  });

  test("an abort is not held up by a source that hangs", async () => {
    const stop = new AbortController();
    const items = (async function* (): AsyncGenerator<number, void, undefined> {
      yield await hang(stop.signal);
    })();
    const next = mapAhead(items, async (item) => item, { ahead: 0, signal: stop.signal }).next();
    const reason = new Error("stop");
    setTimeout(() => stop.abort(reason), 10);
    await expect(next).rejects.toBe(reason);
  });
});

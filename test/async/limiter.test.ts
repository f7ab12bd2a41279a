import fc from "fast-check";
import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { Limiter } from "../../src/async/limiter.ts";

describe("Limiter", () => {
  test("never holds more than its capacity, but for one that is larger and alone; grants in order; ends at nothing", async () => {
    const jobs = fc.array(fc.record({ amount: fc.integer({ min: 1, max: 12 }), delay: fc.nat(2) }), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(jobs, fc.integer({ min: 1, max: 8 }), async (list, capacity) => {
        const limiter = new Limiter(capacity);
        const order: number[] = [];
        let running = 0;
        await Promise.all(
          list.map(async ({ amount, delay }, index) => {
            const permit = await limiter.acquire(amount);
            order.push(index);
            running += 1;
            expect(limiter.held <= capacity || running === 1).toBe(true);
            await wait(delay);
            running -= 1;
            permit.release();
          }),
        );
        expect(order).toEqual([...list.keys()]);
        expect(limiter.held).toBe(0);
      }),
      { numRuns: 30 },
    );
  });

  test("a permit gives back part by part, and never more than it holds", async () => {
    const limiter = new Limiter(10);
    const permit = await limiter.acquire(10);
    permit.release(4);
    expect(limiter.held).toBe(6);
    permit.release(100);
    permit.release();
    expect(limiter.held).toBe(0);
  });

  test("one that waits and aborts leaves the queue, and those behind it move up", async () => {
    const limiter = new Limiter(2);
    const held = await limiter.acquire(1);
    const stop = new AbortController();
    const large = limiter.acquire(2, { signal: stop.signal });
    const small = limiter.acquire(1);
    const reason = new Error("stop");
    stop.abort(reason);
    await expect(large).rejects.toBe(reason);
    (await small).release();
    held.release();
    expect(limiter.held).toBe(0);
    await expect(limiter.acquire(1, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test("an abort after the grant takes nothing back", async () => {
    const limiter = new Limiter(1);
    const stop = new AbortController();
    const permit = await limiter.acquire(1, { signal: stop.signal });
    stop.abort();
    expect(limiter.held).toBe(1);
    permit.release();
    expect(limiter.held).toBe(0);
  });
});

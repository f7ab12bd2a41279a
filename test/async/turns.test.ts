import { setTimeout as wait } from "node:timers/promises";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Turns } from "../../src/async/turns.ts";

test("Turns begin in the order in which they were taken, one at a time, in whatever order they end", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(3), { maxLength: 12 }), async (delays) => {
      const turns = new Turns();
      const events: string[] = [];
      await Promise.all(
        delays.map(async (delay, index) => {
          const turn = turns.take();
          await turn.begins;
          events.push(`${index} begins`);
          await wait(delay);
          events.push(`${index} ends`);
          turn.end();
        }),
      );
      expect(events).toEqual([...delays.keys()].flatMap((index) => [`${index} begins`, `${index} ends`]));
    }),
    { numRuns: 20, seed: 1 },
  );
});

test("A turn that ends before it begins lets the next one begin only after those before it", async () => {
  const turns = new Turns();
  const [first, second, third] = [turns.take(), turns.take(), turns.take()];
  second.end();
  second.end();
  let began = false;
  const begins = third.begins.then(() => (began = true));
  await wait(1);
  expect(began).toBe(false);
  first.end();
  await begins;
});

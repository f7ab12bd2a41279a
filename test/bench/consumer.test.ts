import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { Consumer } from "../../bench/consumer.ts";

async function* produce(items: number, msEach: number): AsyncGenerator<number> {
  for (let item = 0; item < items; item += 1) {
    await sleep(msEach);
    yield item;
  }
}

test("rows and the time to the first are counted", async () => {
  const consumer = new Consumer({ msPerRow: 0, firstRowOnly: false });
  await consumer.take(produce(3, 20), () => 10);
  const { rows, firstRowMs, seconds, waitedShare } = consumer.finish();
  expect(rows).toBe(30);
  expect(firstRowMs).toBeGreaterThan(15);
  expect(seconds * 1000).toBeGreaterThan(firstRowMs + 30);
  expect(waitedShare).toBeUndefined();
});

test("only the first row is taken where nothing else is wanted", async () => {
  const consumer = new Consumer({ msPerRow: 0, firstRowOnly: true });
  await consumer.take(produce(1_000_000, 1), () => 1);
  expect(consumer.finish().rows).toBe(1);
});

test("a consumer that works says how much of its time it waited", async () => {
  const slow = new Consumer({ msPerRow: 5, firstRowOnly: false });
  await slow.take(produce(8, 20), () => 1);
  expect(slow.finish().waitedShare).toBeGreaterThan(0.6);
  const busy = new Consumer({ msPerRow: 20, firstRowOnly: false });
  await busy.take(produce(8, 0), () => 1);
  expect(busy.finish().waitedShare).toBeLessThan(0.4);
});

test("work too short for a timer is saved up, so that the rate is kept", async () => {
  const consumer = new Consumer({ msPerRow: 0.1, firstRowOnly: false });
  async function* rows(): AsyncGenerator<number> {
    for (let row = 0; row < 1000; row += 1) yield row;
  }
  await consumer.take(rows(), () => 1);
  expect(consumer.finish().seconds).toBeGreaterThan(0.09);
});

test("nothing taken takes the whole time", async () => {
  const consumer = new Consumer({ msPerRow: 0, firstRowOnly: false });
  await consumer.take(produce(0, 0), () => 1);
  const { rows, firstRowMs, seconds } = consumer.finish();
  expect(rows).toBe(0);
  expect(firstRowMs).toBe(seconds * 1000);
});

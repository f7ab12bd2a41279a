import { expect, test } from "vitest";
import { createMeter } from "../../src/hub/meter.ts";
import type { RowsMessage } from "../../src/loader/messages.ts";
import { Outbox, type RowMark } from "../../src/loader/outbox.ts";
import { createStats } from "../../src/stream/stats.ts";

interface Sent {
  readonly outbox: Outbox;
  readonly messages: RowsMessage[];
  readonly stop: AbortController;
}

/** An outbox whose messages are kept, cloned as if they had been sent. */
function outboxOf({ credit = 1_000_000, waiting = 0 }: { credit?: number; waiting?: number } = {}): Sent {
  const messages: RowsMessage[] = [];
  const stop = new AbortController();
  const send = (message: RowsMessage): void => void messages.push(structuredClone(message));
  const stats = createStats(createMeter());
  return { outbox: new Outbox({ send, credit, waiting, stats, signal: stop.signal }), messages, stop };
}

const mark = (from: number, task: number = 0): RowMark => ({ task, head: undefined, from, skip: 0, state: undefined });
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const rowsIn = (messages: readonly RowsMessage[]): unknown[][] => messages.map(({ rows }) => [...rows]);

test("rows that come without a wait are sent together, with the places where the rest begins", async () => {
  const { outbox, messages } = outboxOf();
  for (let id = 0; id < 5; id += 1) {
    outbox.add({ id }, mark(id + 1));
    await Promise.resolve();
  }
  expect(messages).toEqual([]);
  await turn();
  expect(messages).toMatchObject([
    { kind: "rows", task: 0, rows: [{ id: 0 }, { id: 1 }, { id: 2 }, { id: 3 }, { id: 4 }] },
  ]);
  expect(messages[0]?.from).toEqual(new Float64Array([1, 2, 3, 4, 5]));
});

test("a message holds rows of one task, and not many more bytes than it aims at", async () => {
  const { outbox, messages } = outboxOf({ credit: 1000 });
  outbox.add("a", mark(1, 0));
  outbox.add("b", mark(1, 3));
  for (let id = 0; id < 4; id += 1) outbox.add("x".repeat(300), mark(id, 3));
  outbox.flush();
  expect(rowsIn(messages).map((rows) => rows.map((row) => String(row)[0]).join(""))).toEqual(["a", "bxx", "xx"]);
  expect(messages.map(({ task }) => task)).toEqual([0, 3, 3]);
});

test("rows wait when more bytes were sent than may wait to be taken", async () => {
  const { outbox, messages } = outboxOf({ credit: 100 });
  outbox.add("x".repeat(60), mark(1));
  expect(outbox.mustWait).toBe(true);
  let hasRoom = false;
  const waiting = outbox.rest().then(() => (hasRoom = true));
  await turn();
  expect(hasRoom).toBe(false);
  outbox.taken(messages[0]?.bytes ?? 0);
  await waiting;
  expect(outbox.mustWait).toBe(false);
});

test("rows that take long to make are sent before all are there", async () => {
  const { outbox, messages } = outboxOf();
  let rows = 0;
  while (!outbox.mustWait) outbox.add({ id: (rows += 1) }, mark(rows));
  await outbox.rest();
  expect(messages.flatMap((message) => message.rows)).toHaveLength(rows);
  expect(outbox.mustWait).toBe(false);
});

test("what a thread before this one has sent counts, until it is taken", async () => {
  const { outbox } = outboxOf({ credit: 100, waiting: 300 });
  expect(outbox.mustWait).toBe(true);
  outbox.taken(300);
  await outbox.rest();
  expect(outbox.mustWait).toBe(false);
});

test("who waits for room is told of an abort", async () => {
  const { outbox, stop } = outboxOf({ credit: 1, waiting: 10 });
  const waiting = outbox.rest();
  const reason = new Error("enough");
  stop.abort(reason);
  await expect(waiting).rejects.toBe(reason);
});

test("a row that cannot be sent is named by its column, after the rows before it", () => {
  const { outbox, messages } = outboxOf();
  outbox.add({ id: 0 }, mark(1));
  outbox.add({ id: 1, tell: () => 1 }, mark(2));
  outbox.add({ id: 2 }, mark(3));
  expect(() => outbox.flush()).toThrow(
    expect.objectContaining({
      code: "INVALID_OPTION",
      message: expect.stringContaining("Column `tell` of a row cannot be sent"),
    }),
  );
  expect(rowsIn(messages)).toEqual([[{ id: 0 }]]);
});

test("a row that is found to be wrong when nobody asks is told to who asks next", async () => {
  const { outbox } = outboxOf();
  outbox.add({ symbol: Symbol("s") }, mark(1));
  await turn();
  expect(() => outbox.add({ id: 1 }, mark(2))).toThrow("Column `symbol`");
  expect(() => outbox.flush()).toThrow("Column `symbol`");
});

test("a row that holds itself is refused", () => {
  const { outbox } = outboxOf();
  const row: Record<string, unknown> = {};
  row["self"] = row;
  expect(() => outbox.add(row, mark(1))).toThrow("A row cannot be sent");
});

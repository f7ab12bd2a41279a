import { describe, expect, test } from "vitest";
import { HfStreamError } from "../../src/errors.ts";
import { createMeter } from "../../src/hub/meter.ts";
import { TransientError, withRetry } from "../../src/hub/retry.ts";
import { rejection } from "../helpers/hub-fixture.ts";

const passing = (options: { maxInARow?: number } = {}): TransientError =>
  new TransientError(new HfStreamError("HUB_UNAVAILABLE", "it broke"), { waitMs: 0, ...options });

/** Fails with `errors` one after the other, then succeeds. */
function failing(errors: readonly unknown[]): () => Promise<string> {
  const left = [...errors];
  return async () => {
    if (left.length === 0) return "done";
    throw left.shift();
  };
}

describe("withRetry", () => {
  test("tries again after what may pass, and counts it", async () => {
    const meter = createMeter();
    expect(await withRetry(failing([passing(), passing()]), { maxOutageMs: 10_000, meter })).toBe("done");
    expect(meter.retries).toBe(2);
  });

  test("does not try again after anything else", async () => {
    const error = new Error("for good");
    expect(await rejection(withRetry(failing([error]), { maxOutageMs: 10_000 }))).toBe(error);
  });

  test("gives up after as many violations in a row as may happen, other failures not counted", async () => {
    const violation = (): TransientError => passing({ maxInARow: 2 });
    const options = { maxOutageMs: 10_000 };
    expect(await withRetry(failing([passing(), passing(), violation(), passing(), violation()]), options)).toBe("done");
    expect(await rejection(withRetry(failing([violation(), violation(), violation()]), options))).toMatchObject({
      code: "HUB_UNAVAILABLE",
      message: expect.stringMatching(/^it broke \(gave up after 2 tries/),
    });
  });

  test("gives up when the server asks for a longer wait than there is time", async () => {
    const slow = new TransientError(new HfStreamError("RATE_LIMITED", "later"), { waitMs: 60_000 });
    expect(await rejection(withRetry(failing([slow]), { maxOutageMs: 1000 }))).toMatchObject({
      code: "RATE_LIMITED",
      message: expect.stringContaining("1 try"),
    });
  });

  test("an abort ends the wait with the signal's reason", async () => {
    const slow = new TransientError(new HfStreamError("RATE_LIMITED", "later"), { waitMs: 60_000 });
    const stop = new AbortController();
    const running = rejection(withRetry(failing([slow]), { maxOutageMs: 600_000, signal: stop.signal }));
    const reason = { any: "value" };
    setTimeout(() => stop.abort(reason), 5);
    expect(await running).toBe(reason);
  });
});

import { describe, expect, test } from "vitest";
import { HfStreamError } from "../../src/errors.ts";
import { createMeter } from "../../src/hub/meter.ts";
import { type Patience, TransientError, withRetry } from "../../src/hub/retry.ts";
import { rejection } from "../helpers/hub-fixture.ts";

const passing = (options: { patience?: Patience; waitMs?: number } = {}): TransientError =>
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

  test("throws what is refused as often as a hiccup may be, as it is; other failures in between do not count", async () => {
    const refused = (): TransientError => passing({ patience: { tries: 2, ms: 10_000 } });
    const options = { maxOutageMs: 10_000 };
    expect(await withRetry(failing([refused(), passing(), refused(), passing(), refused()]), options)).toBe("done");
    const last = refused();
    expect(await rejection(withRetry(failing([passing(), refused(), last]), options))).toBe(last.final);
  });

  test("gives up on what cannot be right after its own time, and says how often it asked", async () => {
    const odd = passing({ patience: { tries: Infinity, ms: 300 }, waitMs: 50 });
    const error = await rejection(withRetry(failing(Array.from({ length: 20 }, () => odd)), { maxOutageMs: 10_000 }));
    expect(error).toMatchObject({ message: expect.stringMatching(/^it broke \(gave up after \d tries/) as string });
  });

  test("bytes below the floor are no progress: the clock runs on, and so does the back-off", async () => {
    let received = 0;
    const drip = async (): Promise<never> => {
      received += 1;
      throw new TransientError(new HfStreamError("HUB_UNAVAILABLE", "it broke"));
    };
    const options = { maxOutageMs: 1000, progress: () => received };
    expect(await rejection(withRetry(drip, options))).toMatchObject({ code: "HUB_UNAVAILABLE" });
    expect(received).toBeLessThan(8);
  });

  test("bytes above the floor start the clock anew; those read a second time do not", async () => {
    let received = 0;
    let tries = 0;
    const options = { maxOutageMs: 400, progress: () => received };
    const run = async (): Promise<string> => {
      tries += 1;
      received += 100_000;
      if (tries === 6) return "done";
      throw new TransientError(new HfStreamError("HUB_UNAVAILABLE", "it broke"));
    };
    expect(await withRetry(run, options)).toBe("done");
    const again = async (): Promise<never> => {
      received = received === 0 ? 600_000 : 0;
      throw new TransientError(new HfStreamError("HUB_UNAVAILABLE", "it broke"));
    };
    expect(await rejection(withRetry(again, options))).toMatchObject({ code: "HUB_UNAVAILABLE" });
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

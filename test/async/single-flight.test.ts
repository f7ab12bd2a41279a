import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { SingleFlight } from "../../src/async/single-flight.ts";

describe("SingleFlight", () => {
  test("those who ask at the same time share one run; the next one runs anew", async () => {
    const flights = new SingleFlight<number>();
    let runs = 0;
    const work = async (): Promise<number> => {
      await wait(5);
      return ++runs;
    };
    expect(await Promise.all([flights.run("a", work), flights.run("a", work), flights.run("b", work)])).toEqual([
      1, 1, 2,
    ]);
    expect(await flights.run("a", work)).toBe(3);
  });

  test("a failure reaches all who shared it and is not kept", async () => {
    const flights = new SingleFlight<string>();
    const fail = async (): Promise<string> => {
      await wait(1);
      throw new Error("no");
    };
    const results = await Promise.allSettled([flights.run("a", fail), flights.run("a", fail)]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(await flights.run("a", async () => "yes")).toBe("yes");
  });

  test("work that throws at once is a failure like any other", async () => {
    const flights = new SingleFlight<string>();
    const broken = (): Promise<string> => {
      throw new Error("at once");
    };
    await expect(flights.run("a", broken)).rejects.toThrow("at once");
    expect(await flights.run("a", async () => "yes")).toBe("yes");
  });

  test("a caller that aborts leaves alone; the last to leave aborts the run", async () => {
    const flights = new SingleFlight<string>();
    let ended: unknown;
    const work = async (signal: AbortSignal): Promise<string> => {
      return await new Promise((_, reject) => {
        signal.addEventListener("abort", () => {
          ended = signal.reason;
          reject(signal.reason as Error);
        });
      });
    };
    const [first, second] = [new AbortController(), new AbortController()];
    const runs = [flights.run("a", work, { signal: first.signal }), flights.run("a", work, { signal: second.signal })];
    const settled = Promise.allSettled(runs);
    first.abort("first");
    await expect(runs[0]).rejects.toBe("first");
    expect(ended).toBeUndefined();
    second.abort("second");
    await expect(runs[1]).rejects.toBe("second");
    expect(ended).toBe("second");
    await settled;
  });

  test("who comes after all have left starts a new run", async () => {
    const flights = new SingleFlight<string>();
    const stop = new AbortController();
    const hanging = flights.run("a", () => new Promise(() => {}), { signal: stop.signal });
    stop.abort(new Error("left"));
    await expect(hanging).rejects.toThrow("left");
    expect(await flights.run("a", async () => "new")).toBe("new");
  });
});

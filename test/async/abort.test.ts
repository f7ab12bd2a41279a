import { getMaxListeners, setMaxListeners } from "node:events";
import { describe, expect, test } from "vitest";
import { delay, linkController, onceAborted, raceAbort } from "../../src/async/abort.ts";

describe("onceAborted", () => {
  test("calls at once for a signal that has aborted, later for one that will, and never once it is taken away", () => {
    const calls: string[] = [];
    onceAborted(AbortSignal.abort(), () => calls.push("at once"));
    const stop = new AbortController();
    const forget = onceAborted(stop.signal, () => calls.push("never"));
    onceAborted(stop.signal, () => calls.push("later"));
    onceAborted(undefined, () => calls.push("never"))();
    forget();
    expect(calls).toEqual(["at once"]);
    stop.abort();
    expect(calls).toEqual(["at once", "later"]);
  });

  test("many may listen to one signal without a warning, unless its owner set a limit", async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on("warning", onWarning);
    const { signal } = new AbortController();
    for (let count = 0; count < 50; count += 1) onceAborted(linkController(signal).signal, () => {});
    await delay(5);
    process.off("warning", onWarning);
    expect(warnings).toEqual([]);
    const limited = new AbortController().signal;
    setMaxListeners(3, limited);
    onceAborted(limited, () => {});
    expect(getMaxListeners(limited)).toBe(3);
  });
});

describe("delay", () => {
  test("rejects with the reason of its signal, whatever that is, before or while it waits", async () => {
    await expect(delay(10_000, { signal: AbortSignal.abort("gone") })).rejects.toBe("gone");
    const stop = new AbortController();
    const waiting = delay(10_000, { signal: stop.signal });
    stop.abort(0);
    await expect(waiting).rejects.toBe(0);
  });
});

describe("raceAbort", () => {
  test("settles as the work does, or rejects when the signal aborts first", async () => {
    const { signal } = new AbortController();
    expect(await raceAbort(Promise.resolve(1), { signal })).toBe(1);
    await expect(raceAbort(Promise.reject(new Error("own")), { signal })).rejects.toThrow("own");
    const stop = new AbortController();
    const waiting = raceAbort(new Promise(() => {}), { signal: stop.signal });
    stop.abort("left");
    await expect(waiting).rejects.toBe("left");
  });
});

describe("linkController", () => {
  test("aborts with its parent until it is disposed of, and alone without touching it", () => {
    const parent = new AbortController();
    const [linked, alone, disposed] = [1, 2, 3].map(() => linkController(parent.signal));
    alone?.abort("own");
    expect(parent.signal.aborted).toBe(false);
    disposed?.dispose();
    parent.abort("parent");
    expect([linked, alone, disposed].map((link) => link?.signal.reason as unknown)).toEqual([
      "parent",
      "own",
      undefined,
    ]);
  });
});

import { describe, expect, test } from "vitest";
import { CASES, CODES, type Outcome, ROWS, runCase } from "./cases.ts";

/** The rows, or an error that says so. */
function expectHonest(outcome: Outcome): void {
  if ("code" in outcome) expect(CODES).toContain(outcome.code);
  else expect(outcome).toEqual({ ids: ROWS });
}

const NAMED = CASES.map((fault) => [fault.name, fault] as const);

describe("a fault that lasts for five seconds", () => {
  test.concurrent.each(NAMED)("%s", async (_, fault) => {
    expectHonest(await runCase(fault, { ms: 5000, maxOutageMs: 20_000 }));
  });
}, 120_000);

describe("a fault that lasts for ever", () => {
  test.concurrent.each(NAMED)("%s", async (_, fault) => {
    const begun = performance.now();
    const outcome = await runCase(fault, { maxOutageMs: 4000 });
    expectHonest(outcome);
    if ("code" in outcome) expect(performance.now() - begun).toBeLessThan(4000 + 10_000);
  });
}, 120_000);

import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

const read = (...names: readonly string[]): string =>
  readFileSync(path.join(import.meta.dirname, "..", ...names), "utf8");

test("every error code has an entry in the docs, in their order, with cause and cure", () => {
  const union = /type HfStreamErrorCode =([^;]+);/.exec(read("src", "errors.ts"))?.[1] ?? "";
  const codes = [...union.matchAll(/"(\w+)"/g)].map(([, code]) => code);
  expect(codes.length).toBeGreaterThan(20);
  const entries = read("docs", "errors.md").split(/^## /m).slice(1);
  expect(entries.map((entry) => entry.split("\n")[0])).toEqual(codes);
  for (const entry of entries) expect(entry).toMatch(/\n- Cause: [^]*\n- Cure: /);
});

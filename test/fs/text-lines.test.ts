import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeLines } from "../../src/fs/text-lines.ts";
import { rejection } from "../helpers/hub-fixture.ts";

async function linesOf(bytes: Uint8Array, cuts: readonly number[] = []): Promise<string[]> {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  const chunks = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
    for (const [index, end] of places.slice(1).entries()) yield bytes.subarray(places[index], end);
  };
  const lines: string[] = [];
  let counted = 0;
  for await (const line of decodeLines(chunks(), { path: "f", onLine: (count) => (counted += count) }))
    lines.push(line);
  expect(counted).toBe(bytes.length);
  return lines;
}

describe("decodeLines", () => {
  test.each([
    ["", []],
    ["a", ["a"]],
    ["a\n", ["a"]],
    ["\n", [""]],
    ["a\r\nb\r\n", ["a", "b"]],
    ["a\rb\n\r", ["a\rb", "\r"]],
    ["\uFEFFa\n", ["\uFEFFa"]],
    ["a\u2028b\u0085\n", ["a\u2028b\u0085"]],
  ])("of %j gives %j", async (text, expected) => {
    expect(await linesOf(Buffer.from(text))).toEqual(expected);
  });

  test("gives the same lines however the bytes are cut", async () => {
    const text = fc.array(fc.constantFrom("a", "é", "😀", "\n", "\r\n", "\r", "漢"), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(text, fc.array(fc.nat(200)), async (parts, cuts) => {
        const whole = parts.join("");
        const expected = whole.split(/\r?\n/);
        if (expected.at(-1) === "") expected.pop();
        expect(await linesOf(Buffer.from(whole), cuts)).toEqual(expected);
      }),
    );
  });

  test("refuses what is not UTF-8", async () => {
    expect(await rejection(linesOf(Uint8Array.of(0x61, 0xff, 0x0a)))).toMatchObject({
      code: "CORRUPT_FILE",
      path: "f",
    });
  });
});

import { expect, test } from "vitest";
import { parseJson } from "../../../src/stream/arrow/json-value.ts";

test.each([
  "0.30000000000000004",
  "[-0.3333333333333333, 1234567890123456.5, 0.12345678901234567890]",
  "[123456789012345678E2, 1e-0000000000000000001, 1E+00000000000000002]",
  String.raw`{ "1234567890123456789": "\\", "a": "\"12345678901234567890", "b": "12345678901234567890\\\"" }`,
  "[9007199254740991, -9007199254740991, 0.0000000000000000]",
])("what a number holds is what JSON.parse makes of it: %s", (text) => {
  expect(parseJson(text, String)).toEqual(JSON.parse(text));
});

test("an integer that a number cannot hold keeps its digits", () => {
  expect(parseJson('{"a":[12345678901234567890,{"b":-9007199254740993}],"c":0.1}', (value) => value)).toEqual({
    a: [12_345_678_901_234_567_890n, { b: -9_007_199_254_740_993n }],
    c: 0.1,
  });
});

test("a very long text beside a large integer can be read", () => {
  const long = "\\n1 ".repeat(5_000_000);
  expect(parseJson(`["${long}",12345678901234567890]`, String)).toEqual([
    "\n1 ".repeat(5_000_000),
    "12345678901234567890",
  ]);
});

test.each(["1234567890123456 1", '"1234567890123456', "01234567890123456"])("%s is a SyntaxError", (text) => {
  expect(() => parseJson(text, String)).toThrow(SyntaxError);
});

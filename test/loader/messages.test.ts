import { expect, test } from "vitest";
import { HfStreamError, isHfStreamError } from "../../src/errors.ts";
import { receiveError, sendError } from "../../src/loader/messages.ts";

const cross = (error: unknown): unknown => receiveError(structuredClone(sendError(error)));

test("an error of this package keeps its class, code and details", () => {
  const error = new HfStreamError("RATE_LIMITED", "slower", { path: "org/name", status: 429, retryAfterMs: 7 });
  const received = cross(error);
  expect(isHfStreamError(received, "RATE_LIMITED")).toBe(true);
  expect(received).toBeInstanceOf(HfStreamError);
  expect(received).toMatchObject({
    message: "slower",
    path: "org/name",
    status: 429,
    retryAfterMs: 7,
    stack: error.stack,
  });
});

test("an error of the user keeps its name, message, code, stack and causes", () => {
  class QuotaError extends Error {
    override readonly name = "QuotaError";
    readonly code = "E_QUOTA";
  }
  const error = new QuotaError("no more", { cause: new TypeError("fetch failed", { cause: "a text" }) });
  const received = cross(error) as Error;
  expect(received).toBeInstanceOf(Error);
  expect(received).toMatchObject({ name: "QuotaError", message: "no more", code: "E_QUOTA", stack: error.stack });
  expect(received.cause).toMatchObject({ name: "TypeError", message: "fetch failed", cause: "a text" });
  expect(Object.keys(received)).toEqual(["code"]);
});

test.each(["text", 7, null, undefined, { why: "an object" }])(
  "what is thrown and is no error comes as it is: %o",
  (thrown) => {
    expect(cross(thrown)).toStrictEqual(thrown);
  },
);

test("what cannot be sent is described", () => {
  expect(cross(() => 1)).toBe("[Function (anonymous)]");
  expect(cross({ call: Symbol("s") })).toBe("{ call: Symbol(s) }");
});

test("causes that cause each other come to an end", () => {
  const error = new Error("one");
  error.cause = error;
  expect(cross(error)).toMatchObject({ message: "one", cause: { message: "one" } });
});

import { inspect } from "node:util";
import { HfStreamError } from "../errors.ts";
import type { HubStoreOptions } from "./hub-store.ts";

type Check = readonly [expected: string, isGood: (value: unknown) => boolean];

const CHECKS: { readonly [Name in keyof HubStoreOptions]-?: Check } = {
  endpoint: ["an http or https address", isAddress],
  token: ["a string or false", (value) => value === false || isText(value)],
  cacheDir: ["a path", isText],
  offline: ["a boolean", (value) => typeof value === "boolean"],
  dispatcher: ["an undici Dispatcher", isDispatcher],
  maxConnections: ["a whole number, at least 1", (value) => Number.isSafeInteger(value) && Number(value) >= 1],
  maxOutageMs: ["a number of milliseconds, at least 0", isAtLeastZero],
  revisionTtlMs: ["a number of milliseconds, at least 0", isAtLeastZero],
};

/** Checks the options of a store at a public door. Throws `INVALID_OPTION`, saying what was expected and what came. */
export function checkStoreOptions(options: HubStoreOptions): void {
  if (typeof options !== "object" || options === null) throw invalid("options", "an object", options);
  for (const [name, value] of Object.entries(options)) {
    const check = new Map<string, Check>(Object.entries(CHECKS)).get(name);
    if (check === undefined) {
      const known = Object.keys(CHECKS).join(", ");
      throw new HfStreamError("INVALID_OPTION", `There is no option \`${name}\`. Options are: ${known}.`);
    }
    const [expected, isGood] = check;
    // A token that is not a string is still not for the eyes of a log.
    if (value !== undefined && !isGood(value)) throw invalid(name, expected, name === "token" ? typeof value : value);
  }
}

function invalid(name: string, expected: string, value: unknown): HfStreamError {
  const got = inspect(value, { depth: 1 });
  return new HfStreamError("INVALID_OPTION", `Expected \`${name}\` to be ${expected}, got ${got}.`);
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

function isAddress(value: unknown): boolean {
  return typeof value === "string" && /^https?:\/\//.test(value) && URL.canParse(value);
}

function isAtLeastZero(value: unknown): boolean {
  return typeof value === "number" && value >= 0;
}

function isDispatcher(value: unknown): boolean {
  return typeof value === "object" && value !== null && "dispatch" in value && typeof value.dispatch === "function";
}

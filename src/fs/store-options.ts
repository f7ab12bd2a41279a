import { HfStreamError } from "../errors.ts";
import type { HubStoreOptions } from "./hub-store.ts";
import { type Check, checkEach, type Checks, isBoolean, isObject, isText, isWhole } from "./option-checks.ts";

const DURATION: Check = [
  "a number of milliseconds, at least 0",
  (value) => typeof value === "number" && value >= 0, // so NaN is not one
];

/** What the options of a store must be. */
export const STORE_CHECKS: Checks<HubStoreOptions> = {
  endpoint: ["an http or https address", isAddress],
  token: ["a string of visible ASCII characters, or false", (value) => value === false || isToken(value)],
  cacheDir: ["a path", isText],
  offline: ["a boolean", isBoolean],
  dispatcher: [
    "an undici Dispatcher",
    (value) => isObject(value) && "dispatch" in value && typeof value.dispatch === "function",
  ],
  maxConnections: ["a whole number, at least 1", isWhole(1)],
  maxOutageMs: DURATION,
  revisionTtlMs: DURATION,
};

/** Checks the options of a store at a public door. Throws `INVALID_OPTION`, saying what was expected and what came. */
export function checkStoreOptions(options: HubStoreOptions): void {
  checkEach(options, STORE_CHECKS, "HfFileSystem({})");
}

/** Checks the endpoint that the environment names: one that is given as an option is checked with the others. */
export function checkEndpoint(endpoint: string): void {
  if (isAddress(endpoint)) return;
  throw new HfStreamError("INVALID_OPTION", `Expected HF_ENDPOINT to be an http or https address, got '${endpoint}'.`);
}

/** Checks the token that the environment or a file holds: one that is given as an option is checked with the others. */
export function checkFoundToken(token: string | false | undefined): void {
  if (token === undefined || token === false || isToken(token)) return;
  throw new HfStreamError(
    "INVALID_OPTION",
    "Expected the token in HF_TOKEN or its file to be of visible ASCII characters.",
  );
}

/** Whether `value` can be sent in a header. */
function isToken(value: unknown): boolean {
  return isText(value) && /^[!-~]+$/.test(value);
}

function isAddress(value: unknown): boolean {
  return typeof value === "string" && /^https?:\/\//.test(value) && URL.canParse(value);
}

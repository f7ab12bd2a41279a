import { inspect } from "node:util";
import { HfStreamError } from "../errors.ts";
import { didYouMean, findNearNames } from "./near-names.ts";

/** What an option must be, in words and as a test. */
export type Check = readonly [expected: string, isGood: (value: unknown) => boolean];

/** Checks of all options that there are, by name. */
export type Checks<Options> = { readonly [Name in keyof Options]-?: Check };

/**
 * Checks options at a public door; `undefined` is as good as left out. Throws `INVALID_OPTION`, saying what was expected
 * and what came. `method` names whose options they are, if it is not clear.
 */
export function checkEach<Options extends object>(options: Options, checks: Checks<Options>, method?: string): void {
  if (!isObject(options)) throw invalidOption("options", "an object", options);
  const known = new Map<string, Check>(Object.entries<Check>(checks));
  for (const [name, value] of Object.entries(options)) {
    const check = known.get(name);
    if (check === undefined) {
      const near = didYouMean(findNearNames(name, [...known.keys()]));
      const of = method === undefined ? "" : ` of \`${method}\``;
      throw new HfStreamError(
        "INVALID_OPTION",
        `There is no option \`${name}\`${of}${near} Options are: ${[...known.keys()].join(", ")}.`,
      );
    }
    const [expected, isGood] = check;
    if (value !== undefined && !isGood(value)) throw invalidOption(name, expected, value);
  }
}

/** Says what an option must be, and what came. Of what may hold a token only the type is told. */
export function invalidOption(name: string, expected: string, value: unknown): HfStreamError {
  const isSecret = name === "token" || name === "options";
  const got = isSecret && value !== null ? inspect(typeof value) : inspect(value, { depth: 2 });
  return new HfStreamError("INVALID_OPTION", `Expected \`${name}\` to be ${expected}, got ${got}.`);
}

export function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

export function isBoolean(value: unknown): value is boolean {
  return typeof value === "boolean";
}

/** Whether `value` is an object that options may come in: neither a list nor a map. */
export function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Map);
}

export function isWhole(least: number): (value: unknown) => boolean {
  return (value) => Number.isSafeInteger(value) && (value as number) >= least;
}

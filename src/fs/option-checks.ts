import { inspect } from "node:util";
import { HfStreamError } from "../errors.ts";
import { argument, say } from "../message.ts";
import { didYouMean, findNearNames } from "./near-names.ts";

/** What an option must be, in words and as a test. */
export type Check = readonly [expected: string, isGood: (value: unknown) => boolean];

/** Checks of all options that there are, by name. */
export type Checks<Options> = { readonly [Name in keyof Options]-?: Check };

/**
 * Checks options at a public door; `undefined` is as good as left out. Throws `INVALID_OPTION`, naming the call, what was
 * expected and what came. `call` is `shuffle({})` or `loadDataset(id, {})`: with the place where the options stand.
 */
export function checkEach<Options extends object>(options: Options, checks: Checks<Options>, call: string): void {
  if (!isObject(options)) throw invalidArgument(call.replace("{}", "options"), "an object", options);
  const known = new Map<string, Check>(Object.entries<Check>(checks));
  for (const [name, value] of Object.entries(options)) {
    const check = known.get(name);
    if (check === undefined) {
      const names = [...known.keys()];
      throw new HfStreamError(
        "INVALID_OPTION",
        `${call.replace("{}", `{ ${name} }`)}: there is no option \`${name}\`${didYouMean(findNearNames(name, names))} Options are: ${names.join(", ")}.`,
      );
    }
    const [expected, isGood] = check;
    if (value !== undefined && !isGood(value)) throw invalidOption(call, name, expected, value);
  }
}

/** Says what an option of a call must be, and what came. */
export function invalidOption(call: string, name: string, expected: string, value: unknown): HfStreamError {
  return invalidArgument(call.replace("{}", `{ ${name} }`), expected, value, name);
}

/** Says what an argument must be, such as `take(n)`, and what came. Of what may hold a token only the type is told. */
export function invalidArgument(call: string, expected: string, value: unknown, name: string = ""): HfStreamError {
  const isSecret = name === "token" || call.endsWith("options)");
  const got = isSecret && value !== null ? inspect(typeof value) : inspect(value, { depth: 2 });
  return new HfStreamError("INVALID_OPTION", say`${argument(call, name)}: expected ${expected}, got ${got}.`);
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

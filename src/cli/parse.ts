import { parseArgs } from "node:util";
import { HfStreamError } from "../errors.ts";
import { didYouMean, findNearNames } from "../fs/near-names.ts";
import { type Command, HELP, type OptionValues, parserOptions } from "./command.ts";

/** What a command line asks of a command. */
export interface ParsedArguments {
  readonly values: OptionValues;
  readonly positionals: readonly string[];
}

/** Reads a command's arguments. Throws `INVALID_OPTION`, saying which is wrong and which may have been meant. */
export function parseArguments(command: Command, args: readonly string[]): ParsedArguments {
  const options = parserOptions(command);
  const { tokens } = parseArgs({ args: [...args], options, allowPositionals: true, strict: false, tokens: true });
  for (const token of tokens) if (token.kind === "option") checkToken(command, token);
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: false });
  if (values["help"] !== true) checkPositionals(command, positionals);
  return { values, positionals };
}

/** Says what is wrong with a command line, and where to read on. */
export function usage(what: string, command?: string): HfStreamError {
  const help = command === undefined ? "hfstream --help" : `hfstream ${command} --help`;
  return new HfStreamError("INVALID_OPTION", `${what} Try: ${help}`);
}

function checkToken(
  command: Command,
  { name, rawName, value }: { readonly name: string; readonly rawName: string; readonly value?: string | undefined },
): void {
  const known = new Map(Object.entries({ ...command.options, help: HELP }));
  const option = known.get(name);
  if (option === undefined) {
    const near = didYouMean(findNearNames(name, [...known.keys()]).map((candidate) => `--${candidate}`));
    throw usage(`'${command.name}' has no option ${rawName}${near}`, command.name);
  }
  if (option.type === "boolean" && value !== undefined)
    throw usage(`${rawName} takes no value, got '${value}'.`, command.name);
  if (option.type === "string" && (value === undefined || value === ""))
    throw usage(`${rawName} needs a value: ${rawName} ${option.value ?? "VALUE"}.`, command.name);
}

function checkPositionals(command: Command, given: readonly string[]): void {
  const { name, positionals } = command;
  const isOpen = positionals.at(-1)?.endsWith("…") === true;
  if (given.length === positionals.length || (isOpen && given.length > positionals.length)) return;
  const wanted = positionals.join(" ").replace("…", "") || "no arguments";
  throw usage(`'${name}' takes ${wanted}, got ${given.length === 0 ? "nothing" : given.join(" ")}.`, name);
}

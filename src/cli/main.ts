#!/usr/bin/env node
import { parseArgs } from "node:util";
import { HfStreamError, isHfStreamError } from "../errors.ts";
import { cacheCommand } from "./cache.ts";
import { type Command, helpOf, type OptionValues, parserOptions, type Terminal } from "./command.ts";
import { demoCommand } from "./demo.ts";
import { catCommand, lsCommand } from "./files.ts";
import { headCommand } from "./head.ts";
import { infoCommand } from "./info.ts";
import { VERSION } from "../hub/version.ts";
import { serveCommand } from "./serve.ts";

const COMMANDS: readonly Command[] = [
  headCommand,
  infoCommand,
  lsCommand,
  catCommand,
  serveCommand,
  cacheCommand,
  demoCommand,
];

/** Runs one command. The result is the exit code; failures are one line on `stderr`. */
async function main(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    const [name, ...rest] = args;
    const command = COMMANDS.find((candidate) => candidate.name === name);
    if (name === undefined || name === "help" || name === "--help" || name === "-h") terminal.stdout.write(overview());
    else if (name === "--version" || name === "-v") terminal.stdout.write(`${VERSION}\n`);
    else if (command === undefined) throw usage(`there is no command '${name}'`);
    else await runCommand(command, rest, terminal);
    return 0;
  } catch (error) {
    if (terminal.signal.aborted) return 130;
    terminal.stderr.write(`hfstream: ${describeError(error)}\n`);
    return 1;
  }
}

async function runCommand(command: Command, args: readonly string[], terminal: Terminal): Promise<void> {
  const { values, positionals } = parse(command, args);
  if (values["help"] === true) {
    terminal.stdout.write(helpOf(command));
    return;
  }
  if (positionals.length !== command.positionals.length) {
    const wanted = command.positionals.join(" ") || "no arguments";
    throw usage(
      `'${command.name}' takes ${wanted}, got ${positionals.length === 0 ? "nothing" : positionals.join(" ")}`,
    );
  }
  await command.run(positionals, values, terminal);
}

function parse(command: Command, args: readonly string[]): { values: OptionValues; positionals: readonly string[] } {
  try {
    return parseArgs({ args: [...args], options: parserOptions(command), allowPositionals: true }) as {
      values: OptionValues;
      positionals: string[];
    };
  } catch (error) {
    throw usage(`${(error as Error).message.split(". ")[0]} (see: hfstream ${command.name} --help)`);
  }
}

function usage(what: string): HfStreamError {
  return new HfStreamError("INVALID_OPTION", `${what}. Try: hfstream --help`);
}

function overview(): string {
  const width = Math.max(...COMMANDS.map(({ name, positionals }) => [name, ...positionals].join(" ").length));
  const lines = COMMANDS.map(
    ({ name, positionals, summary }) => `  ${[name, ...positionals].join(" ").padEnd(width)}  ${summary}`,
  );
  return ["Usage: hfstream <command> [options]", "", ...lines, "", "Each command has --help.", ""].join("\n");
}

/** One line: an error of ours says all there is to say; another is a defect, so its place is told too. */
function describeError(error: unknown): string {
  if (isHfStreamError(error)) return error.message.replaceAll("\n", " ");
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return stack.split("\n").slice(0, 2).join(" ");
}

const interrupt = new AbortController();
process.once("SIGINT", () => interrupt.abort(new Error("interrupted")));
process.once("SIGTERM", () => interrupt.abort(new Error("terminated")));
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0); // whoever read the output has seen enough
  throw error;
});
process.exitCode = await main(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  columns: process.stdout.isTTY ? process.stdout.columns : undefined,
  isInteractive: process.stderr.isTTY,
  signal: interrupt.signal,
});

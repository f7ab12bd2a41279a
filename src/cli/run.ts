import { didYouMean, findNearNames } from "../fs/near-names.ts";
import { VERSION } from "../hub/version.ts";
import type { Command, Terminal } from "./command.ts";
import { cacheCommand } from "./commands/cache.ts";
import { catCommand } from "./commands/cat.ts";
import { demoCommand } from "./commands/demo.ts";
import { headCommand } from "./commands/head.ts";
import { infoCommand } from "./commands/info.ts";
import { lsCommand } from "./commands/ls.ts";
import { serveCommand } from "./commands/serve.ts";
import { typesCommand } from "./commands/types.ts";
import { helpOf, overview } from "./help.ts";
import { parseArguments, usage } from "./parse.ts";
import { describeError } from "./wording.ts";

const COMMANDS: readonly Command[] = [
  headCommand,
  infoCommand,
  typesCommand,
  lsCommand,
  catCommand,
  serveCommand,
  cacheCommand,
  demoCommand,
];

const HELP_FLAGS: ReadonlySet<string | undefined> = new Set(["help", "--help", "-h"]);

/** Runs one command. The result is the exit code; failures are one line on `stderr`. */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    await dispatch(args, terminal);
    return 0;
  } catch (error) {
    if (terminal.signal.aborted) return 130;
    terminal.stderr.write(`hfstream: ${describeError(error)}\n`);
    return 1;
  }
}

async function dispatch([name, ...rest]: readonly string[], terminal: Terminal): Promise<void> {
  const { stdout, columns } = terminal;
  const about = rest.find((word) => !word.startsWith("-"));
  if (name === undefined || (HELP_FLAGS.has(name) && about === undefined)) stdout.write(overview(COMMANDS, columns));
  else if (HELP_FLAGS.has(name)) stdout.write(helpOf(commandOf(about ?? ""), columns));
  else if (name === "--version" || name === "-v") stdout.write(`${VERSION}\n`);
  else {
    const command = commandOf(name);
    const { values, positionals } = parseArguments(command, rest);
    if (values["help"] === true) stdout.write(helpOf(command, columns));
    else await command.run(positionals, values, terminal);
  }
}

function commandOf(name: string): Command {
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (command !== undefined) return command;
  const isDataset = !name.startsWith("-") && /[/:]/.test(name);
  if (isDataset) throw usage(`'${name}' is no command: hfstream head ${name} shows its rows.`);
  const near = findNearNames(
    name,
    COMMANDS.map((candidate) => candidate.name),
  );
  throw usage(`there is no ${name.startsWith("-") ? "option" : "command"} '${name}'${didYouMean(near)}`);
}

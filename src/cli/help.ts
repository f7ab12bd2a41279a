import { type Command, type CommandOption, HELP } from "./command.ts";
import { DEFAULT_WIDTH, wrap } from "./output/wrap.ts";

/** The help of one command, wrapped at words to `width` characters a line. */
export function helpOf(command: Command, width: number = DEFAULT_WIDTH): string {
  const { name, positionals, summary, details = [], examples, options } = command;
  const rows = Object.entries({ ...options, help: HELP }).map(([option, about]): [string, string] => [
    optionText(option, about),
    about.help,
  ]);
  return [
    `Usage: hfstream ${[name, ...positionals].join(" ")} [options]`,
    "",
    wrap(summary, width),
    ...details.flatMap((paragraph) => ["", wrap(paragraph, width)]),
    "",
    examples.length === 1 ? "Example:" : "Examples:",
    ...examples.map((example) => `  hfstream ${example}`),
    "",
    "Options:",
    twoColumns(rows, width),
    "",
  ].join("\n");
}

/** The help of the program. */
export function overview(commands: readonly Command[], width: number = DEFAULT_WIDTH): string {
  const rows = commands.map(({ name, positionals, summary }): [string, string] => [
    [name, ...positionals].join(" "),
    summary,
  ]);
  return [
    "Usage: hfstream <command> [options]",
    "",
    twoColumns(rows, width),
    "",
    "Examples:",
    "  hfstream demo",
    `  hfstream ${commands[0]?.examples[0] ?? ""}`,
    "",
    wrap("'hfstream help COMMAND' tells more about each, 'hfstream --version' which version this is.", width),
    "",
  ].join("\n");
}

function optionText(name: string, { short, value }: CommandOption): string {
  return `${short === undefined ? "    " : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`;
}

/** Names to the left, what is said of them to the right, wrapped. */
function twoColumns(rows: readonly (readonly [string, string])[], width: number): string {
  const left = Math.max(...rows.map(([name]) => name.length)) + 4;
  return rows
    .map(([name, about]) => {
      const [first = "", ...rest] = wrap(about, width - left).split("\n");
      return [`  ${name}`.padEnd(left) + first, ...rest.map((line) => " ".repeat(left) + line)].join("\n");
    })
    .join("\n");
}

import type { ParseArgsConfig } from "node:util";

/** Where a command reads and writes. */
export interface Terminal {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  /** Characters of a line; `undefined` where the output is not a terminal. */
  readonly columns: number | undefined;
  /** Whether `stderr` is a terminal: a progress line is shown only then. */
  readonly isInteractive: boolean;
  /** Aborts when the user interrupts. */
  readonly signal: AbortSignal;
}

/** An option, as `node:util` parses it and as `--help` shows it. */
export interface CommandOption {
  readonly type: "string" | "boolean";
  readonly short?: string;
  /** What stands for its value in the help. */
  readonly value?: string;
  readonly help: string;
}

/** Options given, by name. */
export type OptionValues = Readonly<Record<string, string | boolean | undefined>>;

/** One command of `hfstream`. */
export interface Command {
  readonly name: string;
  /** Its positional arguments: `ID`, `DIR`, `PATH`. All are required. */
  readonly positionals: readonly string[];
  readonly summary: string;
  /** More about it, for its own help. */
  readonly details?: string;
  readonly options: Readonly<Record<string, CommandOption>>;
  run(positionals: readonly string[], options: OptionValues, terminal: Terminal): Promise<void>;
}

/** The part of a command's options that `node:util` wants to know. */
export function parserOptions(command: Command): NonNullable<ParseArgsConfig["options"]> {
  const entries = Object.entries(command.options).map(
    ([name, { type, short }]): [string, { type: "string" | "boolean"; short?: string }] => [
      name,
      short === undefined ? { type } : { type, short },
    ],
  );
  return Object.fromEntries([...entries, ["help", { type: "boolean" as const, short: "h" }]]);
}

/** The help of one command. */
export function helpOf({ name, positionals, summary, details, options }: Command): string {
  const rows = Object.entries({ ...options, help: { type: "boolean" as const, short: "h", help: "show this" } }).map(
    ([option, { short, value, help }]: [string, CommandOption]): [string, string] => [
      `${short === undefined ? "    " : `-${short}, `}--${option}${value === undefined ? "" : ` ${value}`}`,
      help,
    ],
  );
  const width = Math.max(...rows.map(([left]) => left.length));
  return [
    `Usage: hfstream ${[name, ...positionals].join(" ")} [options]`,
    "",
    summary,
    ...(details === undefined ? [] : ["", details]),
    "",
    ...rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`),
    "",
  ].join("\n");
}

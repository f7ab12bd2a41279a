import type { ParseArgsConfig } from "node:util";

/** Where a command reads and writes. */
export interface Terminal {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  /** Characters of a line: of the terminal, else of `COLUMNS`; `undefined` where neither tells. */
  readonly columns: number | undefined;
  /** Whether `stderr` is a terminal: progress is shown only then. */
  readonly isInteractive: boolean;
  /** Whether `stdout` is one: a line of progress would then stand within what is streamed to it. */
  readonly isShown: boolean;
  /** Aborts when the user interrupts. */
  readonly signal: AbortSignal;
}

/** An option, as `node:util` parses it and as `--help` shows it. */
export interface CommandOption {
  readonly type: "string" | "boolean";
  readonly short?: string;
  /** What stands for its value in the help. */
  readonly value?: string;
  /** Whether it may be given several times: its value is then a list. */
  readonly multiple?: true;
  readonly help: string;
}

/** Options given, by name. */
export type OptionValues = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** One command of `hfstream`. What it needs of the library it imports when it runs: help is to be there at once. */
export interface Command {
  readonly name: string;
  /** Its positional arguments: `ID`, `DIR`, `PATH`. All are required; the last may be more than one if it ends with `…`. */
  readonly positionals: readonly string[];
  readonly summary: string;
  /** Paragraphs about it, for its own help. */
  readonly details?: readonly string[];
  /** Command lines, without the program's name. */
  readonly examples: readonly string[];
  readonly options: Readonly<Record<string, CommandOption>>;
  run(positionals: readonly string[], options: OptionValues, terminal: Terminal): Promise<void>;
}

/** The option that every command has. */
export const HELP: CommandOption = { type: "boolean", short: "h", help: "show this" };

/** The part of a command's options that `node:util` wants to know. */
export function parserOptions({ options }: Command): NonNullable<ParseArgsConfig["options"]> {
  return Object.fromEntries(
    Object.entries({ ...options, help: HELP }).map(([name, { type, short, multiple }]) => [
      name,
      { type, ...(short === undefined ? {} : { short }), ...(multiple === undefined ? {} : { multiple }) },
    ]),
  );
}

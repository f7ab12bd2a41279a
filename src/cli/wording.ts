import { isHfStreamError, wordError } from "../errors.ts";
import type { OptionMention } from "../message.ts";

/** What the command line calls the API's options. One that it does not have keeps its name. */
const FLAGS: Readonly<Record<string, string>> = {
  id: "ID",
  config: "-c",
  split: "-s",
  revision: "-r",
  columns: "--columns",
  filters: "--where",
  dataFiles: "--data-files",
  dataDir: "--data-dir",
  endpoint: "--endpoint",
  token: "--token",
  cacheDir: "--cache-dir",
  maxOutageMs: "--timeout",
};

/** Options that take no value on the command line; of `streaming`, which it does not have, it says nothing. */
const SWITCHES: Readonly<Record<string, string>> = {
  offline: "--offline",
  onBadFile: "--skip-bad-files",
  streaming: "",
};

/** One line: an error of ours says all there is to say; another is a defect, so its place is told too. */
export function describeError(error: unknown): string {
  if (isHfStreamError(error)) return wordError(error, flagOf).replaceAll(/\s*\n\s*/g, " ");
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return stack.split("\n").slice(0, 2).join(" ");
}

function flagOf({ option, value, text }: OptionMention): string {
  const alone = SWITCHES[option];
  if (alone !== undefined) return alone;
  const flag = FLAGS[option];
  if (flag === undefined) return text;
  return value === undefined ? flag : `${flag} ${quoted(value)}`;
}

/** As a shell takes it. */
function quoted(value: string): string {
  return /^[\w./:@%+=,-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
}

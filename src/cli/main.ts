import { processVariables } from "../hub/env.ts";
import { runCommandLine } from "./run.ts";

const interrupt = new AbortController();
process.once("SIGINT", () => interrupt.abort(new Error("interrupted")));
process.once("SIGTERM", () => interrupt.abort(new Error("terminated")));
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0); // whoever read the output has seen enough
  throw error;
});
// The status line tells of outages; other warnings are one line, too.
process.removeAllListeners("warning");
process.on("warning", (warning: Error & { readonly code?: string }) => {
  if (warning.code !== "HFSTREAM_OUTAGE") process.stderr.write(`hfstream: ${warning.name}: ${warning.message}\n`);
});
const columns = process.stdout.isTTY ? process.stdout.columns : Number(processVariables()["COLUMNS"]);
process.exitCode = await runCommandLine(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  columns: columns > 0 ? columns : undefined, // some terminals say 0
  isInteractive: process.stderr.isTTY,
  isShown: process.stdout.isTTY,
  signal: interrupt.signal,
});

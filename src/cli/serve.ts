import { once } from "node:events";
import { HfStreamError } from "../errors.ts";
import { startHubServer } from "../serve/index.ts";
import type { Command } from "./command.ts";
import { text, wholeNumber } from "./dataset-options.ts";

const DEFAULT_PORT = 7860;

export const serveCommand: Command = {
  name: "serve",
  positionals: ["DIR"],
  summary: "Serves a folder as a Hub, for this package and for Python's clients.",
  details:
    "A mirror for machines without internet. DIR/org/name is the dataset org/name; DIR/org/name@v1 is its revision v1.",
  options: {
    port: { type: "string", short: "p", value: "PORT", help: `the port (default: ${DEFAULT_PORT}; 0: any)` },
    host: { type: "string", value: "HOST", help: "the address to listen on (default: 127.0.0.1)" },
  },
  async run([root = ""], options, { stdout, signal }) {
    const port = wholeNumber("port", options["port"], DEFAULT_PORT);
    const server = await startHubServer({ root, port, host: text(options["host"]) }).catch((error: unknown) => {
      throw startError(error, root, port);
    });
    try {
      stdout.write(`Serving ${root} at ${server.url} (Ctrl-C stops it). Clients find it by HF_ENDPOINT:\n\n`);
      stdout.write(`  HF_ENDPOINT=${server.url} npx hfstream head org/name\n`);
      if (!signal.aborted) await once(signal, "abort");
    } finally {
      await server.close();
    }
  },
};

/** Says in a user's words why a server did not start. */
function startError(error: unknown, root: string, port: number): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof TypeError) return new HfStreamError("INVALID_OPTION", `${error.message}.`, { cause: error });
  const why: Readonly<Record<string, string>> = {
    ENOENT: `There is no folder ${root}.`,
    ENOTDIR: `${root} is not a folder.`,
    EADDRINUSE: `Port ${port} is in use: choose another with --port, or 0 for any.`,
    EACCES: `Port ${port} or folder ${root} may not be used by this user.`,
  };
  const message = why[code ?? ""];
  return message === undefined ? error : new HfStreamError("INVALID_OPTION", message, { cause: error, path: root });
}

import { once } from "node:events";
import { startHubServer } from "../serve/index.ts";
import type { Command } from "./command.ts";
import { text, wholeNumber } from "./dataset-options.ts";

const DEFAULT_PORT = 7860;

export const serveCommand: Command = {
  name: "serve",
  positionals: ["DIR"],
  summary: "Serves a folder as a Hub: for this package, and for Python's clients, on machines without internet.",
  details: "DIR/org/name is the dataset org/name; DIR/org/name@v1 is its revision v1.",
  options: {
    port: { type: "string", short: "p", value: "PORT", help: `the port (default: ${DEFAULT_PORT}; 0: any)` },
    host: { type: "string", value: "HOST", help: "the address to listen on (default: 127.0.0.1)" },
  },
  async run([root = ""], options, { stdout, signal }) {
    const port = wholeNumber("port", options["port"], DEFAULT_PORT);
    const server = await startHubServer({ root, port, host: text(options["host"]) });
    try {
      stdout.write(`Serving ${root} at ${server.url} (stop with Ctrl-C). To use it:\n\n`);
      stdout.write(`  export HF_ENDPOINT=${server.url}\n`);
      stdout.write("  npx hfstream head org/name\n");
      stdout.write("  python -c 'from datasets import load_dataset; …'\n");
      if (!signal.aborted) await once(signal, "abort");
    } finally {
      await server.close();
    }
  },
};

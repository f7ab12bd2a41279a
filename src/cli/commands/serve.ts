import { once } from "node:events";
import { HfStreamError } from "../../errors.ts";
import type { HubServer, RequestRecord, ServedRepo } from "../../serve/index.ts";
import type { Command, Terminal } from "../command.ts";
import { text, wholeNumber } from "../dataset-options.ts";
import { countOf, formatBytes, formatCount } from "../output/format.ts";
import { renderTable } from "../output/table.ts";

const DEFAULT_PORT = 7860;
const REPOS_SHOWN = 20;

export const serveCommand: Command = {
  name: "serve",
  positionals: ["DIR"],
  summary: "Serves a folder as a Hub, for this package and for Python's clients.",
  details: [
    "A mirror for machines without internet. DIR/org/name is the dataset org/name; DIR/org/name@v1 is its revision v1. " +
      "A page at its address lists what there is.",
  ],
  examples: ["serve ./mirror", "serve ./mirror --host 0.0.0.0 --port 8080 --log"],
  options: {
    port: { type: "string", short: "p", value: "PORT", help: `the port (default: ${DEFAULT_PORT}; 0: any)` },
    host: { type: "string", value: "HOST", help: "the address to listen on (default: 127.0.0.1; 0.0.0.0: all)" },
    log: { type: "boolean", help: "print each request" },
  },
  async run([root = ""], options, terminal) {
    const { stdout, signal } = terminal;
    const port = wholeNumber("port", options["port"], DEFAULT_PORT);
    const host = text(options["host"]);
    const onRequest = options["log"] === true ? (record: RequestRecord) => log(record, terminal) : undefined;
    const { startHubServer } = await import("../../serve/index.ts");
    const server = await startHubServer({ root, port, host, onRequest }).catch((error: unknown) => {
      throw startError(error, root, { host, port });
    });
    try {
      stdout.write(describe(await server.repos(), server, { root, host, columns: terminal.columns }));
      if (!signal.aborted) await once(signal, "abort");
    } finally {
      await server.close();
    }
  },
};

function describe(
  repos: readonly ServedRepo[],
  { url, cdnUrl }: HubServer,
  {
    root,
    host,
    columns,
  }: { readonly root: string; readonly host: string | undefined; readonly columns: number | undefined },
): string {
  const isOpen = host !== undefined && !/^(127\.|localhost$|::1$)/.test(host);
  const example = repos.find(({ type }) => type === "datasets")?.id;
  return [
    repos.length === 0
      ? `Found no repos in ${root}: a dataset is a folder ${root}/org/name.`
      : found(repos, root, columns),
    "",
    isOpen
      ? `Serving at ${url}, listening on ${host}: whoever reaches this machine can read all of it.`
      : `Serving at ${url}, large files at ${cdnUrl}, for this machine alone.`,
    "Ctrl-C stops it.",
    "",
    "Clients find it by HF_ENDPOINT:",
    "",
    `  HF_ENDPOINT=${url} npx hfstream head ${example ?? "org/name"}`,
    "",
  ].join("\n");
}

function found(repos: readonly ServedRepo[], root: string, columns: number | undefined): string {
  const isNumber = true;
  const cells = repos
    .slice(0, REPOS_SHOWN)
    .map(({ type, id, files, bytes }) => [
      type === "datasets" ? id : `${type}/${id}`,
      formatCount(files),
      formatBytes(bytes),
    ]);
  const names = [{ name: "repo" }, { name: "files", isNumber }, { name: "size", isNumber }];
  const bytes = repos.reduce((sum, repo) => sum + repo.bytes, 0);
  const more = repos.length > REPOS_SHOWN ? [`… and ${formatCount(repos.length - REPOS_SHOWN)} more`] : [];
  return [
    `Found ${countOf(repos.length, "repo")} in ${root}, ${formatBytes(bytes)}:`,
    "",
    renderTable(names, cells, columns).text,
    ...more,
  ].join("\n");
}

/** A line for a request: when, what, how it was answered. */
function log(
  { time, method, origin, path, range, status, bytesSent, durationMs = 0 }: RequestRecord,
  { stdout }: Terminal,
): void {
  const at = new Date(time).toISOString().slice(11, 23);
  const part = range === undefined ? "" : ` ${range}`;
  const from = origin === "cdn" ? " (large)" : "";
  stdout.write(
    `${at} ${status} ${method} ${path}${part}${from} ${formatBytes(bytesSent)} ${Math.round(durationMs)} ms\n`,
  );
}

/** Says in a user's words why a server did not start. */
function startError(
  error: unknown,
  root: string,
  { host = "127.0.0.1", port }: { readonly host: string | undefined; readonly port: number },
): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof TypeError) return new HfStreamError("INVALID_OPTION", `${error.message}.`, { cause: error });
  const why: Readonly<Record<string, string>> = {
    ENOENT: `There is no folder ${root}.`,
    ENOTDIR: `${root} is not a folder.`,
    EADDRINUSE: `Port ${port} is in use: choose another with --port, or 0 for any.`,
    EADDRNOTAVAIL: `${host} is no address of this machine.`,
    ENOTFOUND: `${host} is no address of this machine.`,
    EACCES: `Port ${port} or folder ${root} may not be used by this user.`,
    ERR_SOCKET_BAD_PORT: `Expected --port to be from 0 to 65535, got ${port}.`,
  };
  const message = why[code ?? ""];
  return message === undefined ? error : new HfStreamError("INVALID_OPTION", message, { cause: error, path: root });
}

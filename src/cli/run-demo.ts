import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { HfStreamError } from "../errors.ts";
import { processVariables, readEnvironment } from "../hub/env.ts";
import { type HubServer, startHubServer } from "../serve/index.ts";
import { loadDataset } from "../stream/load-dataset.ts";
import type { StreamStats } from "../stream/stats.ts";
import type { Terminal } from "./command.ts";
import { demoRoot, makeDemoDataset } from "./demo-dataset.ts";
import { describeFeature } from "./output/describe-feature.ts";
import { formatBytes, formatCount } from "./output/format.ts";
import { writeRows } from "./output/rows.ts";

const DATASET = "hfstream/demo-vision";
const ROWS_SHOWN = 5;

/**
 * Makes the demo's dataset if it is not there yet, serves it, and streams it twice, or runs a script that streams it. Throws
 * `INVALID_OPTION` for a script that fails.
 */
export async function runDemo(terminal: Terminal, script: string | undefined): Promise<void> {
  const root = path.join(readEnvironment().cacheDir, "demo");
  const started = performance.now();
  const isNew = await makeDemoDataset(root);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  terminal.stdout.write(`${isNew ? `Made ${DATASET} in ${seconds} s` : `Found ${DATASET}`} (${root})\n`);
  const cacheDir = await mkdtemp(path.join(tmpdir(), "hfstream-demo-"));
  const server = await startHubServer({ root: demoRoot(root) });
  try {
    terminal.stdout.write(`Started a Hub at ${server.url}\n\n`);
    if (script === undefined) await streamTwice(server, cacheDir, terminal);
    else await runScript(script, { HF_ENDPOINT: server.url, HFSTREAM_CACHE: cacheDir }, terminal);
  } finally {
    await server.close();
    await rm(cacheDir, { recursive: true, force: true });
  }
}

async function runScript(script: string, env: Readonly<Record<string, string>>, { signal }: Terminal): Promise<void> {
  const child = spawn(process.execPath, [script], { env: { ...processVariables(), ...env }, stdio: "inherit", signal });
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0) throw new HfStreamError("INVALID_OPTION", `--run: ${script} ended with exit code ${code ?? "none"}.`);
}

async function streamTwice(server: HubServer, cacheDir: string, terminal: Terminal): Promise<void> {
  const { stdout, signal } = terminal;
  const options = { endpoint: server.url, cacheDir, signal };
  const { features, numRows, files, numBytes } = await loadDataset(DATASET, options).info();
  stdout.write(`Schema (${formatCount(numRows ?? 0)} rows in ${files.length} files, ${formatBytes(numBytes)}):\n`);
  for (const [name, feature] of Object.entries(features))
    stdout.write(`  ${name.padEnd(8)}${describeFeature(feature)}\n`);
  stdout.write("\nFirst rows:\n");
  const about = { features, first: 0, total: numRows, width: terminal.columns };
  for await (const piece of writeRows(loadDataset(DATASET, options).take(ROWS_SHOWN), "table", about))
    stdout.write(piece);
  stdout.write("\n");
  await report("All rows, the file list and some footers in the cache:", server, options, terminal);
  await report("All rows once more, by a client of its own:", server, options, terminal);
}

/** Streams all rows and tells what it took. */
async function report(
  title: string,
  server: HubServer,
  options: { readonly endpoint: string; readonly cacheDir: string; readonly signal: AbortSignal },
  { stdout }: Terminal,
): Promise<void> {
  server.clearLog();
  const started = performance.now();
  const rows = loadDataset(DATASET, options).rows();
  let firstRowMs = 0;
  for await (const row of rows) {
    if (firstRowMs === 0 && row !== undefined) firstRowMs = performance.now() - started;
  }
  const elapsed = (performance.now() - started) / 1000;
  stdout.write(`${title}\n  ${speed(rows.stats, elapsed, firstRowMs)}\n  ${requests(server)}\n`);
}

function speed({ rows, bytesFetched }: StreamStats, seconds: number, firstRowMs: number): string {
  const perSecond = formatCount(Math.round(rows / seconds));
  return (
    `${formatCount(rows)} rows in ${seconds.toFixed(2)} s: ${perSecond} rows/s, ${formatBytes(bytesFetched)} at ` +
    `${formatBytes(Math.round(bytesFetched / seconds))}/s, first row after ${firstRowMs.toFixed(0)} ms`
  );
}

/** What the server counted, by what was asked. */
function requests({ log }: HubServer): string {
  const api = log.filter(({ origin, route }) => origin === "hub" && route !== "resolve").length;
  const resolves = log.filter(({ origin, route }) => origin === "hub" && route === "resolve").length;
  const ranges = log.filter(({ origin }) => origin === "cdn").length;
  return `${log.length} requests: ${api} to the Hub's API, ${resolves} for addresses of files, ${ranges} for ranges of them`;
}

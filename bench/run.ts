// Measures streaming over the embedded Hub beside raw transfer of the same bytes, in the same run, alternating.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { benchCases, makeBenchData } from "./data.ts";
import type { Measurement } from "./measure.ts";

const HELP = `Usage: npm run bench -- [options]

  --scale N   how much data: 1 is about 100 MB of text and 190 MB of images (default 1)
  --runs N    measurements of each, of which the median is shown (default 5)
  --quick     little data and 3 runs: whether it works, not how fast it is
  --json      JSON instead of a table
`;

const MODES = ["rows", "batches", "shuffled", "raw"];
/** Measured on one case only: they do not depend on what the rows hold. */
const ORDER_MODES = ["loader, no worker", "loader, 2 workers", "resume at 10 %", "resume at 90 %"];

const { values } = parseArgs({
  options: {
    scale: { type: "string", default: "1" },
    runs: { type: "string", default: "5" },
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) process.stdout.write(HELP);
else await main(values.quick ? 0.1 : Number(values.scale), values.quick ? 3 : Number(values.runs));

interface Result {
  readonly case: string;
  readonly mode: string;
  readonly median: Measurement;
  /** Slowest and fastest run, in seconds. */
  readonly spread: readonly [number, number];
}

async function main(scale: number, runs: number): Promise<void> {
  const root = path.join(tmpdir(), `hfstream-bench-1-${scale}`);
  const cases = benchCases(scale);
  for (const bench of cases) await makeBenchData(root, bench);
  const server = spawn(process.execPath, [sibling("serve"), root], { stdio: ["pipe", "pipe", "inherit"] });
  const [address] = (await once(server.stdout, "data")) as [Buffer];
  const endpoint = address.toString().trim();
  const results: Result[] = [];
  try {
    for (const { name } of cases) results.push(...(await measureCase(endpoint, name, runs)));
  } finally {
    server.stdin.end();
  }
  process.stdout.write(
    values.json ? `${JSON.stringify({ node: process.version, scale, runs, results }, null, 2)}\n` : table(results),
  );
}

async function measureCase(endpoint: string, name: string, runs: number): Promise<Result[]> {
  const modes = name === "text-snappy" ? [...MODES, ...ORDER_MODES] : MODES;
  const found = new Map<string, Measurement[]>(modes.map((mode) => [mode, []]));
  await measure("raw", endpoint, name); // the server hashes the files, and the page cache fills
  for (let run = 0; run < runs; run += 1) {
    for (const mode of modes) found.get(mode)?.push(await measure(mode, endpoint, name));
  }
  return modes.map((mode) => {
    const sorted = (found.get(mode) ?? []).sort((a, b) => a.seconds - b.seconds);
    const median = sorted[Math.floor(sorted.length / 2)] as Measurement;
    return { case: name, mode, median, spread: [sorted.at(-1)?.seconds ?? 0, sorted[0]?.seconds ?? 0] };
  });
}

async function measure(mode: string, endpoint: string, name: string): Promise<Measurement> {
  const cacheDir = await mkdtemp(path.join(tmpdir(), "hfstream-bench-cache-"));
  try {
    const args = [sibling("measure"), mode, endpoint, `bench/${name}`, cacheDir];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    return JSON.parse(stdout) as Measurement;
  } finally {
    await rm(cacheDir, { recursive: true, force: true });
  }
}

function table(results: readonly Result[]): string {
  const header = ["case", "what", "rows/s", "MB/s", "of raw", "first row", "requests", "peak RSS", "CPU", "spread"];
  const lines = results.map(({ case: name, mode, median, spread }) => {
    const raw = results.find((other) => other.case === name && other.mode === "raw")?.median as Measurement;
    const firstRow = `${median.firstRowMs.toFixed(0)} ms`;
    if (mode.startsWith("resume")) return [name, mode, "", "", "", firstRow, `${median.requests}`];
    return [
      name,
      mode,
      mode === "raw" ? "" : Math.round(median.rows / median.seconds).toLocaleString("en-US"),
      (raw.bytes / 1e6 / median.seconds).toFixed(0),
      (raw.seconds / median.seconds).toFixed(2),
      firstRow,
      median.requests === 0 ? "" : `${median.requests}`,
      `${(median.peakRssBytes / 1e6).toFixed(0)} MB`,
      `${median.cpuSeconds.toFixed(2)} s`,
      `${spread[1].toFixed(2)} to ${spread[0].toFixed(2)} s`,
    ];
  });
  const widths = header.map((title, column) =>
    Math.max(title.length, ...lines.map((line) => (line[column] ?? "").length)),
  );
  const row = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  ");
  return `Node ${process.version}; medians; MB/s counts the files' bytes\n${[header, ...lines].map(row).join("\n")}\n`;
}

function sibling(name: string): string {
  return fileURLToPath(new URL(`./${name}.js`, import.meta.url));
}

import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { readOnce } from "./compare.ts";
import { benchCases } from "./data/cases.ts";
import type { BenchDataset } from "./data/dataset.ts";
import { makeDatasets } from "./data/make-datasets.ts";
import { findPython } from "./find-python.ts";
import { type BenchHub, startBenchHub } from "./hub.ts";
import { type BenchOptions, choose } from "./options.ts";
import { type Peer, PEERS } from "./peers.ts";
import { REPO } from "./repo.ts";
import { describeMachine, type Machine } from "./results.ts";
import { type Run, runTask } from "./run-task.ts";
import { summarize, type Summary } from "./statistics.ts";

/** How long something takes before there are rows, in milliseconds. */
export interface Moment {
  readonly what: string;
  readonly ms: Summary;
}

/** The first row of one dataset for one peer, after import, with what it keeps on disk as an earlier run left it. */
export interface FirstRow {
  readonly dataset: string;
  readonly peer: string;
  readonly ms: Summary;
  readonly cpuSeconds: Summary;
  readonly peakRssBytes: Summary;
}

/** How soon it starts. */
export interface Start {
  readonly machine: Machine;
  readonly options: BenchOptions;
  readonly moments: readonly Moment[];
  readonly firstRows: readonly FirstRow[];
}

const DIST = path.join(REPO, "dist");
const time = (program: string): string =>
  `const t = performance.now(); ${program}; console.log(performance.now() - t);`;

/** What is measured in processes of their own: each prints how long it took, or takes as long as its process. */
const PROGRAMS: readonly { readonly what: string; readonly args: readonly string[]; readonly isWhole?: true }[] = [
  { what: "node, nothing else", args: ["-e", "0"], isWhole: true },
  { what: "hfstream --help", args: [path.join(DIST, "cli.js"), "--help"], isWhole: true },
  { what: "import hfstream", args: script(`await import(${JSON.stringify(path.join(DIST, "index.js"))})`) },
  { what: "import hyparquet", args: script(`await import(import.meta.resolve("hyparquet"))`) },
  {
    what: "a decoding thread",
    args: script(
      `const { Worker } = await import("node:worker_threads");
       const worker = new Worker(${JSON.stringify(path.join(DIST, "decode-worker.js"))}, { execArgv: [] });
       await new Promise((resolve) => worker.once("message", resolve)); worker.unref()`,
    ),
  },
];

const PYTHON_PROGRAMS = ["datasets", "pyarrow.parquet"].map((name) => ({
  what: `import ${name} (Python)`,
  args: ["-c", `import time; t = time.perf_counter()\nimport ${name}\nprint((time.perf_counter() - t) * 1000)`],
}));

/** Whose first row is compared. */
const FIRST_ROW_PEERS: readonly Peer[] = PEERS.filter(({ name }) =>
  ["rows", "hyparquet", "datasets"].includes(name),
).map((peer) => ({ ...peer, firstRowOnly: true }));

const LOADER_64: Peer = {
  ...(PEERS[0] as Peer),
  name: "loader-64",
  label: "first batch, DataLoader with 64 workers",
  reader: "loader",
  threads: 64,
  firstRowOnly: true,
};

/** Measures how soon it starts, beside hyparquet and Python, in turns. What goes on is told to `report`. */
export async function measureStart(options: BenchOptions, report: (line: string) => void): Promise<Start> {
  const found = await findPython(options.python);
  const python = "python" in found ? found.python : undefined;
  const cases = choose("cases", benchCases(options.scale), options.cases ?? ["text-snappy", "text-zstd", "images"]);
  const root = path.join(options.data, `scale-${options.scale}`);
  const datasets = await makeDatasets({ ...options, root, names: cases.map(({ name }) => name) });
  const moments = await measureMoments(options.runs, python, report);
  const hub = await startBenchHub(root, options.traffic);
  try {
    const firstRows: FirstRow[] = [];
    for (const dataset of datasets.values()) {
      report(`first row of ${dataset.name}`);
      firstRows.push(...(await measureFirstRows(dataset, { hub, python, runs: options.runs })));
    }
    return { machine: describeMachine(), options, moments, firstRows };
  } finally {
    hub.close();
  }
}

async function measureMoments(
  runs: number,
  python: string | undefined,
  report: (line: string) => void,
): Promise<Moment[]> {
  const programs = [
    ...PROGRAMS.map((program) => ({ ...program, command: process.execPath })),
    ...(python === undefined ? [] : PYTHON_PROGRAMS.map((program) => ({ ...program, command: python }))),
  ];
  const taken = new Map<string, number[]>();
  for (let run = 0; run < runs; run += 1) {
    report(`moments, run ${run + 1} of ${runs}`);
    for (const { what, command, args, ...rest } of programs) {
      const began = performance.now();
      const { stdout } = await promisify(execFile)(command, [...args], { cwd: REPO });
      const ms = "isWhole" in rest ? performance.now() - began : Number(stdout);
      taken.set(what, [...(taken.get(what) ?? []), ms]);
    }
  }
  return [...taken].map(([what, times]) => ({ what, ms: summarize(times) }));
}

interface FirstRowSurroundings {
  readonly hub: BenchHub;
  readonly python: string | undefined;
  readonly runs: number;
}

async function measureFirstRows(
  dataset: BenchDataset,
  { hub, python, runs }: FirstRowSurroundings,
): Promise<FirstRow[]> {
  const peers = [...FIRST_ROW_PEERS, ...(dataset.name === "text-snappy" ? [LOADER_64] : [])].filter(
    ({ runtime }) => runtime === "node" || python !== undefined,
  );
  const cacheDir = await mkdtemp(path.join(tmpdir(), "hfstream-bench-warm-"));
  const found = new Map<Peer, Run[]>(peers.map((peer) => [peer, []]));
  try {
    await readOnce(hub, dataset);
    for (let run = 0; run <= runs; run += 1) {
      for (const [peer, done] of found) {
        const measured = await runTask(peer, dataset, { hub, python, consumeMsPerRow: 0, cacheDir });
        if (run > 0) done.push(measured); // the first one fills the cache
      }
    }
  } finally {
    await rm(cacheDir, { recursive: true, force: true });
  }
  return [...found].map(([{ label }, done]) => ({
    dataset: dataset.name,
    peer: label,
    ms: summarize(done.map(({ firstRowMs }) => firstRowMs)),
    cpuSeconds: summarize(done.map(({ cpuSeconds }) => cpuSeconds)),
    peakRssBytes: summarize(done.map(({ peakRssBytes }) => peakRssBytes)),
  }));
}

function script(program: string): readonly string[] {
  return ["--input-type=module", "-e", time(program)];
}

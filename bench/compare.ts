import path from "node:path";
import { benchCases } from "./data/cases.ts";
import type { BenchDataset } from "./data/dataset.ts";
import { makeDatasets } from "./data/make-datasets.ts";
import { findPython } from "./find-python.ts";
import { type BenchHub, startBenchHub } from "./hub.ts";
import { type BenchOptions, choose } from "./options.ts";
import { ORDER_PEERS, type Peer, PEERS } from "./peers.ts";
import { type CaseResult, type Comparison, describeMachine, type PeerResult, summarizeRuns } from "./results.ts";
import { type Run, runTask, type Surroundings } from "./run-task.ts";

/** Measures each chosen peer on each chosen case, in turns. What goes on is told to `report`. */
export async function compare(options: BenchOptions, report: (line: string) => void): Promise<Comparison> {
  const isOrder = options.section === "order";
  const wanted = choose("peers", isOrder ? ORDER_PEERS : PEERS, options.peers);
  const cases = choose("cases", benchCases(options.scale), options.cases ?? (isOrder ? ["text-snappy"] : undefined));
  const { peers, python, leftOut } = await findRuntimes(wanted, options);
  for (const line of leftOut) report(line);
  const root = path.join(options.data, `scale-${options.scale}`);
  report(`Data: ${root}`);
  const datasets = await makeDatasets({ ...options, root, names: cases.map(({ name }) => name) });
  const hub = await startBenchHub(root, options.traffic);
  try {
    const surroundings = { hub, python, consumeMsPerRow: options.consumeMsPerRow };
    const results: CaseResult[] = [];
    for (const dataset of datasets.values())
      results.push(await measureCase(dataset, peers, options.runs, surroundings, report));
    const measuredAt = new Date().toISOString();
    return { machine: describeMachine(), options, measuredAt, leftOut, cases: results };
  } finally {
    hub.close();
  }
}

interface Runtimes {
  readonly peers: readonly Peer[];
  readonly python: string | undefined;
  readonly leftOut: readonly string[];
}

async function findRuntimes(wanted: readonly Peer[], options: BenchOptions): Promise<Runtimes> {
  const ofPython = wanted.filter(({ runtime }) => runtime === "python");
  if (ofPython.length === 0) return { peers: wanted, python: undefined, leftOut: [] };
  const found = await findPython(options.python);
  if ("python" in found) return { peers: wanted, python: found.python, leftOut: [] };
  return {
    peers: wanted.filter(({ runtime }) => runtime === "node"),
    python: undefined,
    leftOut: [`Left out: ${ofPython.map(({ name }) => name).join(", ")}`, `for want of Python: ${found.reason}`],
  };
}

async function measureCase(
  dataset: BenchDataset,
  peers: readonly Peer[],
  runs: number,
  surroundings: Surroundings,
  report: (line: string) => void,
): Promise<CaseResult> {
  const found = new Map<Peer, Run[]>(peers.map((peer) => [peer, []]));
  const failures = new Map<Peer, string>();
  await readOnce(surroundings.hub, dataset);
  for (let run = 1; run <= runs; run += 1) {
    for (const [peer, done] of found) {
      if (failures.has(peer)) continue;
      report(`${dataset.name}, run ${run} of ${runs}: ${peer.label}`);
      try {
        done.push(await runTask(peer, dataset, surroundings));
      } catch (error) {
        failures.set(peer, error instanceof Error ? error.message : String(error));
      }
    }
  }
  const results = peers.map((peer): PeerResult => {
    const done = found.get(peer) ?? [];
    return { peer, runs: done, summary: summarizeRuns(dataset, done), failure: failures.get(peer) };
  });
  return { dataset, results };
}

/** The first request for a dataset makes the Hub hash its files, which also brings them into the page cache. */
export async function readOnce(hub: BenchHub, { id }: BenchDataset): Promise<void> {
  const response = await fetch(`${hub.endpoint}/api/datasets/${id}`);
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`The Hub answered ${response.status} to a request for ${id}`);
}

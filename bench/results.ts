import { availableParallelism, cpus, totalmem } from "node:os";
import type { BenchDataset } from "./data/dataset.ts";
import type { BenchOptions } from "./options.ts";
import { type Peer, type PeerGroup, REFERENCES } from "./peers.ts";
import type { Run } from "./run-task.ts";
import { summarize, type Summary } from "./statistics.ts";

/** Where it was measured. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly node: string;
  readonly platform: string;
}

/** Repeated measurements of one peer on one dataset. */
export interface PeerResult {
  readonly peer: Peer;
  readonly runs: readonly Run[];
  readonly summary: RunSummary | undefined;
  /** What it said when it failed. */
  readonly failure: string | undefined;
}

/** Everything that is reported, over the runs. */
export interface RunSummary {
  readonly rowsPerSecond: Summary;
  /** Of the data files. */
  readonly megabytesPerSecond: Summary;
  readonly firstRowMs: Summary;
  readonly requests: Summary;
  readonly cpuSeconds: Summary;
  readonly peakRssBytes: Summary;
  readonly waitedShare: Summary | undefined;
}

/** What was measured on one dataset. */
export interface CaseResult {
  readonly dataset: BenchDataset;
  readonly results: readonly PeerResult[];
}

/** What a comparison found. */
export interface Comparison {
  readonly machine: Machine;
  readonly options: BenchOptions;
  /** ISO 8601. */
  readonly measuredAt: string;
  /** Peers that were left out, and why. */
  readonly leftOut: readonly string[];
  readonly cases: readonly CaseResult[];
}

/** This machine. */
export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown CPU",
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
  };
}

/** Sums up the runs of a peer on `dataset`; `undefined` if there are none. */
export function summarizeRuns(dataset: BenchDataset, runs: readonly Run[]): RunSummary | undefined {
  if (runs.length === 0) return undefined;
  const over = (measure: (run: Run) => number): Summary => summarize(runs.map(measure));
  const hasWaited = runs.every(({ waitedShare }) => waitedShare !== undefined);
  return {
    rowsPerSecond: over(({ seconds }) => dataset.rows / seconds),
    megabytesPerSecond: over(({ seconds }) => dataset.bytes / 1e6 / seconds),
    firstRowMs: over(({ firstRowMs }) => firstRowMs),
    requests: over(({ requests }) => requests),
    cpuSeconds: over(({ cpuSeconds }) => cpuSeconds),
    peakRssBytes: over(({ peakRssBytes }) => peakRssBytes),
    waitedShare: hasWaited ? over(({ waitedShare = 0 }) => waitedShare) : undefined,
  };
}

/** Among which peers `peer` is compared. */
export function groupOf({ delivers, remote }: Peer): PeerGroup {
  if (delivers === "rows") return "rows";
  return remote ? "hub" : "local";
}

/** How many times as fast as hfstream's of its group `result` is; `undefined` where that cannot be said. */
export function speedRatio(found: CaseResult, result: PeerResult): number | undefined {
  const name = REFERENCES[groupOf(result.peer)];
  const reference = found.results.find(({ peer }) => peer.name === name)?.summary;
  if (reference === undefined || result.summary === undefined || result.peer.firstRowOnly === true) return undefined;
  return result.summary.rowsPerSecond.median / reference.rowsPerSecond.median;
}

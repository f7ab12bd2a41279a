import { expect, test } from "vitest";
import { parseBenchOptions, type BenchOptions } from "../../bench/options.ts";
import { type Peer, PEERS } from "../../bench/peers.ts";
import { comparisonPage } from "../../bench/report/comparison-page.ts";
import { comparisonText } from "../../bench/report/comparison-text.ts";
import { type CaseResult, type Comparison, speedRatio, summarizeRuns } from "../../bench/results.ts";
import type { Run } from "../../bench/run-task.ts";

const dataset = { name: "text", id: "bench/text", folder: "/data", files: 4, rows: 48_000, bytes: 60e6 };
const options = parseBenchOptions([]) as BenchOptions;
const machine = { cpu: "A CPU", cores: 2, memoryBytes: 16e9, node: "v20.0.0", platform: "linux x64" };

function runOf(seconds: number, more: Partial<Run> = {}): Run {
  const measured = { firstRowMs: 123.4, cpuSeconds: 9.87, peakRssBytes: 512e6, requests: 17, bytesServed: 61e6 };
  return { rows: dataset.rows, seconds, ...measured, ...more };
}

function caseOf(runsOf: (peer: Peer) => readonly Run[], failure?: string): CaseResult {
  const results = PEERS.map((peer) => {
    const runs = runsOf(peer);
    return { peer, runs, summary: summarizeRuns(dataset, runs), failure: runs.length === 0 ? failure : undefined };
  });
  return { dataset, results };
}

function comparisonOf(...cases: readonly CaseResult[]): Comparison {
  return { machine, options, measuredAt: "2026-01-02T03:04:05.678Z", leftOut: [], cases };
}

test("runs are summed up by the dataset's rows and bytes", () => {
  const summary = summarizeRuns(dataset, [runOf(2), runOf(1), runOf(4)]);
  expect(summary?.rowsPerSecond).toEqual({ median: 24_000, min: 12_000, max: 48_000 });
  expect(summary?.megabytesPerSecond).toEqual({ median: 30, min: 15, max: 60 });
  expect(summary?.waitedShare).toBeUndefined();
});

test("ratios refer to hfstream's reading of the same kind", () => {
  const seconds: Readonly<Record<string, number>> = { rows: 4, batches: 2, "local-batches": 1 };
  const found = caseOf(({ name }) => [runOf(seconds[name] ?? 0.5)]);
  const ratioOf = (name: string): number | undefined =>
    found.results.filter(({ peer }) => peer.name === name).map((result) => speedRatio(found, result))[0];
  expect(["rows", "hyparquet", "transfer", "duckdb"].map(ratioOf)).toEqual([1, 8, 4, 2]);
});

test("without hfstream there are no ratios", () => {
  const found = caseOf(({ name }) => (name === "rows" ? [] : [runOf(1)]));
  expect(
    found.results.filter(({ peer }) => peer.delivers === "rows").map((result) => speedRatio(found, result)),
  ).toEqual([undefined, undefined, undefined, undefined, undefined]);
});

test("the table stays within 120 columns, whatever the numbers", () => {
  const slow = { firstRowMs: 99_999.4, cpuSeconds: 9999.99, peakRssBytes: 99_999e6, requests: 99_949 };
  const runs = [runOf(0.045, { ...slow, waitedShare: 0.0999 }), runOf(0.0452, { ...slow, waitedShare: 1 })];
  const lines = comparisonText(comparisonOf(caseOf(() => runs))).split("\n");
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(120);
  expect(lines.join("\n")).toContain("waited");
});

test("table and page show what failed, and say it in full", () => {
  const comparison = comparisonOf(caseOf(({ name }) => (name === "duckdb" ? [] : [runOf(1)]), "no <memory>"));
  expect(comparisonText(comparison)).toContain("DuckDB (local files) failed: no <memory>");
  expect(comparisonPage(comparison)).toContain("DuckDB (local files) failed: no &lt;memory&gt;");
});

test("the page names all peers, the machine and the settings, and asks for nothing from elsewhere", () => {
  const found = caseOf(() => [runOf(1), runOf(1.5)]);
  const page = comparisonPage(comparisonOf(found, { ...found, dataset: { ...dataset, name: "more text" } }));
  for (const { label } of PEERS) expect(page).toContain(label);
  for (const text of ["A CPU, 2 cores", "Node v20.0.0", "scale 1, runs 5", "2026-01-02 03:04 UTC", "more text"]) {
    expect(page).toContain(text);
  }
  expect(page.replaceAll("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:|<script|<link|<img|@import|url\(/);
  expect(page).not.toMatch(/NaN|Infinity|undefined/);
});

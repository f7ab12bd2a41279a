import type { BenchOptions } from "../options.ts";
import { type CaseResult, type Comparison, type Machine, type PeerResult, speedRatio } from "../results.ts";
import type { Summary } from "../statistics.ts";
import { percent, shortBytes, shortNumber, shortTime, times } from "./numbers.ts";
import { type Column, renderTable } from "./table.ts";

const COLUMNS: readonly Column[] = [
  { title: "", align: "left" },
  { title: "rows/s", align: "right" },
  { title: "min..max", align: "right" },
  { title: "MB/s", align: "right" },
  { title: "ratio", align: "right" },
  { title: "1st row", align: "right" },
  { title: "min..max ms", align: "right" },
  { title: "asked", align: "right" },
  { title: "CPU s", align: "right" },
  { title: "RSS MB", align: "right" },
  { title: "waited", align: "right" },
];

/** A comparison for a terminal, at most 120 columns wide. */
export function comparisonText({ machine, options, cases, leftOut }: Comparison): string {
  return `${[
    describeSettings(machine, options).join("\n"),
    ...cases.map((found) => caseText(found)),
    "Medians. ratio: speed over hfstream's: of its rows, of its batches from the Hub, of its batches from local files.\n" +
      "MB/s: bytes of the data files. asked: requests that the Hub got. CPU: user and system. RSS: the peak.",
    ...(leftOut.length > 0 ? [leftOut.join("\n")] : []),
  ].join("\n\n")}\n`;
}

/** Lines on the machine, the data and the settings. */
export function describeSettings(machine: Machine, options: BenchOptions): string[] {
  const { latencyMs = 0, jitterMs = 0, bytesPerSecond } = options.traffic;
  const { consumeMsPerRow } = options;
  const speed = bytesPerSecond === undefined ? "unlimited" : `${shortNumber(bytesPerSecond / 1e6)} MB/s a connection`;
  return [
    `${machine.cpu}, ${machine.cores} cores, ${shortBytes(machine.memoryBytes)}, ${machine.platform}, Node ${machine.node}`,
    `${options.section === "growth" ? "" : `scale ${options.scale}, `}runs ${options.runs}; Hub: latency ${latencyMs} ms, jitter ${jitterMs} ms, ${speed}; ` +
      (consumeMsPerRow === 0
        ? "the consumer only counts"
        : `the consumer takes ${shortNumber(1000 / consumeMsPerRow)} rows/s`),
  ];
}

/** `2026-11-21 09:31 UTC`. */
export function describeTime(isoTime: string): string {
  return `${isoTime.slice(0, 16).replace("T", " ")} UTC`;
}

/** `48.0k rows, 62 MB in 4 files`. */
export function describeDataset({ rows, bytes, files }: CaseResult["dataset"]): string {
  return `${shortNumber(rows)} rows, ${shortBytes(bytes)} in ${files} ${files === 1 ? "file" : "files"}`;
}

/** The table of one case, with its title. */
export function caseText(found: CaseResult): string {
  const rows = found.results.map((result) => cells(found, result));
  const failures = found.results.flatMap(({ peer, failure }) =>
    failure === undefined ? [] : [`${peer.label} failed: ${failure}`],
  );
  const title = `${found.dataset.name}: ${describeDataset(found.dataset)}`;
  return [title, renderTable(COLUMNS, rows), ...failures].join("\n");
}

function cells(found: CaseResult, result: PeerResult): string[] {
  const { peer, summary } = result;
  if (summary === undefined) return [`  ${peer.label}`, "failed"];
  const { rowsPerSecond, megabytesPerSecond, firstRowMs, requests, cpuSeconds, peakRssBytes, waitedShare } = summary;
  const whole = peer.firstRowOnly !== true;
  const ratio = speedRatio(found, result);
  return [
    `  ${peer.label}`,
    whole && peer.delivers !== "bytes" ? shortNumber(rowsPerSecond.median) : "",
    whole && peer.delivers !== "bytes" ? spread(rowsPerSecond, shortNumber) : "",
    whole ? shortNumber(megabytesPerSecond.median) : "",
    ratio === undefined ? "" : times(ratio),
    shortTime(firstRowMs.median),
    spread(firstRowMs, (ms) => shortNumber(Math.round(ms))),
    peer.remote ? shortNumber(requests.median) : "",
    whole ? shortNumber(cpuSeconds.median) : "",
    (peakRssBytes.median / 1e6).toFixed(0),
    waitedShare === undefined || peer.delivers === "bytes" ? "" : percent(waitedShare.median),
  ];
}

function spread({ min, max }: Summary, format: (value: number) => string): string {
  return `${format(min)}..${format(max)}`;
}

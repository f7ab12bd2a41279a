import type { BenchCase } from "../data/cases.ts";
import { imageTable, smallTable, textTable } from "../data/tables.ts";
import { type Peer, PLAIN_ROWS } from "../peers.ts";
import { shortBytes, shortNumber, shortTime } from "../report/numbers.ts";
import type { Run } from "../run-task.ts";

/** A quantity that is followed while something grows. */
export interface Metric {
  readonly title: string;
  readonly valueOf: (run: Run) => number;
  readonly format: (value: number) => string;
}

/** One size of what grows. */
export interface GrowthPoint {
  readonly x: number;
  readonly bench: BenchCase;
  /** What is measured on it. */
  readonly peer: Peer;
}

/** One thing that grows while all else stays as it is. */
export interface Study {
  /** What `--studies` calls it. */
  readonly name: string;
  readonly title: string;
  /** What `x` counts. */
  readonly axis: string;
  readonly points: readonly GrowthPoint[];
  readonly metrics: readonly Metric[];
}

const FIRST_ROW: Metric = { title: "Time to first row", valueOf: ({ firstRowMs }) => firstRowMs, format: shortTime };
const SPEED: Metric = { title: "Rows a second", valueOf: ({ rows, seconds }) => rows / seconds, format: shortNumber };
const MEMORY: Metric = { title: "Peak RSS", valueOf: ({ peakRssBytes }) => peakRssBytes, format: shortBytes };
const REQUESTS: Metric = { title: "Requests", valueOf: ({ requests }) => requests, format: shortNumber };

/** All studies; `quick` ones are small. */
export function growthStudies(quick: boolean): Study[] {
  return [
    {
      name: "files",
      title: "Files in the dataset",
      axis: "files of a few kB",
      points: (quick ? [1, 10, 100] : [1, 10, 100, 1000, 10_000]).map(filesPoint),
      metrics: [FIRST_ROW, { ...REQUESTS, title: "Requests to first row" }, MEMORY],
    },
    {
      name: "rows",
      title: "Rows in the dataset",
      axis: "rows of about 60 bytes",
      points: (quick ? [1000, 10_000] : [1000, 10_000, 100_000, 1_000_000, 5_000_000]).map(rowsPoint),
      metrics: [SPEED, FIRST_ROW, MEMORY],
    },
    {
      name: "row-group",
      title: "Size of a row group",
      axis: "MB in a row group of images",
      points: (quick ? [1, 4] : [1, 4, 16, 64, 250, 500]).map(rowGroupPoint),
      metrics: [FIRST_ROW, MEMORY, REQUESTS],
    },
    {
      name: "workers",
      title: "Worker threads of the loader",
      axis: "worker threads",
      points: (quick ? [1, 2, 4] : [1, 2, 4, 8, 16, 32, 64]).map((workers) => workersPoint(workers, quick)),
      metrics: [{ ...FIRST_ROW, title: "Time to first batch" }, SPEED, MEMORY],
    },
  ];
}

function filesPoint(files: number): GrowthPoint {
  const shape = { files, rowsPerFile: 100, rowsPerGroup: 100, copies: true };
  return { x: files, bench: snappy(`files-${files}`, smallTable, shape), peer: { ...PLAIN_ROWS, firstRowOnly: true } };
}

function rowsPoint(rows: number): GrowthPoint {
  const rowsPerFile = Math.min(rows, 250_000);
  const shape = { files: rows / rowsPerFile, rowsPerFile, rowsPerGroup: 50_000, copies: true };
  return { x: rows, bench: snappy(`rows-${rows}`, smallTable, shape), peer: PLAIN_ROWS };
}

function rowGroupPoint(megabytes: number): GrowthPoint {
  const rows = Math.ceil(megabytes / 0.12);
  const shape = { files: 1, rowsPerFile: rows, rowsPerGroup: rows, copies: false };
  return { x: megabytes, bench: snappy(`row-group-${megabytes}`, imageTable, shape), peer: PLAIN_ROWS };
}

/** Enough row groups that each worker has some. */
function workersPoint(workers: number, quick: boolean): GrowthPoint {
  const shape = quick
    ? { files: 4, rowsPerFile: 500, rowsPerGroup: 125, copies: false }
    : { files: 8, rowsPerFile: 4000, rowsPerGroup: 250, copies: false };
  const bench = snappy(quick ? "workers-quick" : "workers", textTable, shape);
  return { x: workers, bench, peer: { ...PLAIN_ROWS, reader: "loader", threads: workers } };
}

function snappy(
  name: string,
  makeTable: BenchCase["makeTable"],
  shape: Pick<BenchCase, "files" | "rowsPerFile" | "rowsPerGroup" | "copies">,
): BenchCase {
  return { name, codec: "SNAPPY", makeTable, ...shape };
}

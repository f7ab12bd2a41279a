import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import type { Traffic } from "../src/serve/index.ts";

/** What `--help` says. */
export const HELP = `Usage: npm run bench -- [section] [options]

Sections:
  compare          hfstream beside other readers of the same data, in turns (default)
  order            what shuffling, the loader and resuming cost beside plain rows
  growth           how cost grows with files, rows, row groups and workers
  start            how soon it starts: import, threads, the first row of a warm cache, beside hyparquet and Python

What is measured:
  --cases A,B      only these: text-snappy, text-zstd, images, wide, nested
  --peers A,B      only these: rows, datasets, datasets-prefetch, hyparquet, parquet-wasm, batches, local-batches,
                   pyarrow, pyarrow-threads, duckdb, transfer; for order: rows, shuffled, loader-0, loader-2,
                   resume-10, resume-90
  --studies A,B    of growth, only these: files, rows, row-group, workers
  --scale N        how much data, except for growth: 1 is 30 to 190 MB a case (default 1)
  --runs N         measurements of each, of which the median and the spread are shown (default 5)
  --quick          little data, one run, no Python unless --python says which: whether it works, not how fast it is

The Hub:
  --latency MS     waits so long before each answer (default 0)
  --jitter MS      and up to so much longer (default 0)
  --bandwidth MB   per second and connection, in millions of bytes (default: as fast as it goes)

The consumer:
  --consume MS         works so long on each row, and the share of time that it waited is shown
  --consume-rate ROWS  the same, as rows per second

Around it:
  --python PATH    a Python with the packages of scripts/requirements.txt; none leaves Python out (default: the virtual
                   environment of scripts/python.sh, which is made if it is missing)
  --data FOLDER    where data is made, once (default: in the system's temporary folder)
  --json FILE      writes all measurements
  --html FILE      writes a page with plots
  --help           says this
`;

/** What kind of thing is measured. */
export type Section = (typeof SECTIONS)[number];

const SECTIONS = ["compare", "order", "growth", "start"] as const;

/** What a benchmark was asked to do. */
export interface BenchOptions {
  readonly section: Section;
  readonly cases: readonly string[] | undefined;
  readonly peers: readonly string[] | undefined;
  readonly studies: readonly string[] | undefined;
  readonly scale: number;
  readonly runs: number;
  readonly quick: boolean;
  readonly traffic: Traffic;
  /** 0: the consumer only counts. */
  readonly consumeMsPerRow: number;
  readonly python: string | undefined;
  readonly data: string;
  readonly json: string | undefined;
  readonly html: string | undefined;
}

/** Options as they were written. */
type Given = { readonly [Name in (typeof TEXTS)[number]]?: string };

const TEXTS = [
  "cases",
  "peers",
  "studies",
  "scale",
  "runs",
  "latency",
  "jitter",
  "bandwidth",
  "consume",
  "consume-rate",
  "python",
  "data",
  "json",
  "html",
] as const;

const TEXT_OPTIONS = Object.fromEntries(TEXTS.map((name) => [name, { type: "string" }])) as Record<
  (typeof TEXTS)[number],
  { type: "string" }
>;

const QUICK = { scale: 0.05, runs: 1 };
const FULL = { scale: 1, runs: 5 };

/** Reads the command line; `undefined` asks for help. Throws a `TypeError` that says what was expected. */
export function parseBenchOptions(args: readonly string[]): BenchOptions | undefined {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      ...TEXT_OPTIONS,
      quick: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const { quick, help, ...given } = values;
  if (help) return undefined;
  const defaults = quick ? QUICK : FULL;
  return {
    section: sectionOf(positionals),
    cases: given.cases?.split(","),
    peers: given.peers?.split(","),
    studies: given.studies?.split(","),
    scale: positive("scale", given.scale) ?? defaults.scale,
    runs: whole("runs", given.runs) ?? defaults.runs,
    quick,
    traffic: trafficOf(given),
    consumeMsPerRow: workOf(given),
    python: given.python ?? (quick ? "none" : undefined),
    data: path.resolve(given.data ?? path.join(tmpdir(), "hfstream-bench")),
    json: given.json,
    html: given.html,
  };
}

function sectionOf(positionals: readonly string[]): Section {
  const [section = "compare", ...others] = positionals;
  const known = SECTIONS.find((name) => name === section);
  if (known !== undefined && others.length === 0) return known;
  throw new TypeError(`Expected one section of ${SECTIONS.join(", ")}, got ${positionals.join(" ")}`);
}

function trafficOf(given: Given): Traffic {
  const megabytes = positive("bandwidth", given.bandwidth);
  return {
    latencyMs: fromZero("latency", given.latency) ?? 0,
    jitterMs: fromZero("jitter", given.jitter) ?? 0,
    ...(megabytes === undefined ? {} : { bytesPerSecond: megabytes * 1e6 }),
  };
}

function workOf(given: Given): number {
  const ms = positive("consume", given.consume);
  const rate = positive("consume-rate", given["consume-rate"]);
  if (ms !== undefined && rate !== undefined) throw new TypeError("Expected --consume or --consume-rate, got both");
  return ms ?? (rate === undefined ? 0 : 1000 / rate);
}

function positive(name: string, text: string | undefined): number | undefined {
  return number(name, text, "a number above 0", (value) => value > 0);
}

function fromZero(name: string, text: string | undefined): number | undefined {
  return number(name, text, "a number from 0 on", (value) => value >= 0);
}

function whole(name: string, text: string | undefined): number | undefined {
  return number(name, text, "a whole number from 1 on", (value) => Number.isInteger(value) && value >= 1);
}

function number(
  name: string,
  text: string | undefined,
  expected: string,
  holds: (value: number) => boolean,
): number | undefined {
  if (text === undefined) return undefined;
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (Number.isFinite(value) && holds(value)) return value;
  throw new TypeError(`Expected --${name} to be ${expected}, got ${JSON.stringify(text)}`);
}

/** Keeps the items that `names` asks for, all if it is left out. Throws a `TypeError` for a name that none has. */
export function choose<T extends { readonly name: string }>(
  option: string,
  items: readonly T[],
  names: readonly string[] | undefined,
): T[] {
  const known = items.map(({ name }) => name);
  const strange = names?.find((name) => !known.includes(name));
  if (strange !== undefined) {
    throw new TypeError(`Expected --${option} to name some of ${known.join(", ")}, got ${JSON.stringify(strange)}`);
  }
  return items.filter(({ name }) => names?.includes(name) ?? true);
}

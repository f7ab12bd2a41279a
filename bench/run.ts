// Entry of `npm run bench`: measures hfstream over a Hub on this machine, beside other readers or while data grows.
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { compare } from "./compare.ts";
import { grow } from "./growth/grow.ts";
import { type BenchOptions, HELP, parseBenchOptions, type Section } from "./options.ts";
import { comparisonPage } from "./report/comparison-page.ts";
import { comparisonText } from "./report/comparison-text.ts";
import { growthPage } from "./report/growth-page.ts";
import { growthText } from "./report/growth-text.ts";
import { startText } from "./report/start-text.ts";
import { measureStart } from "./start.ts";

/** What was found, in the ways in which it is told. */
interface Report {
  readonly results: unknown;
  readonly text: string;
  /** Left out where there is nothing to draw. */
  readonly page?: string;
  readonly hasFailed: boolean;
}

const MEASURES: Readonly<Record<Section, (options: BenchOptions, tell: (line: string) => void) => Promise<Report>>> = {
  compare: measurePeers,
  order: measurePeers,
  growth: measureGrowth,
  start: measureStarts,
};

try {
  const options = parseBenchOptions(process.argv.slice(2));
  if (options === undefined) process.stdout.write(HELP);
  else process.exitCode = await main(options);
} catch (error) {
  if (!(error instanceof TypeError)) throw error;
  process.stderr.write(`${error.message}\nnpm run bench -- --help says what there is.\n`);
  process.exitCode = 2;
}

/** Gives the exit code: 1 if something that was to be measured failed. */
async function main(options: BenchOptions): Promise<number> {
  for (const file of [options.json, options.html]) {
    if (file !== undefined) await mkdir(path.dirname(file), { recursive: true });
  }
  const tell = (line: string): void => void process.stderr.write(`${line}\n`);
  if (options.section === "start" && options.html !== undefined)
    throw new TypeError("Expected no --html for the section start: there is nothing to draw");
  const { results, text, page, hasFailed } = await MEASURES[options.section](options, tell);
  process.stdout.write(text);
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(results, null, 2)}\n`);
  if (options.html !== undefined && page !== undefined) await writeFile(options.html, page);
  return hasFailed ? 1 : 0;
}

async function measurePeers(options: BenchOptions, tell: (line: string) => void): Promise<Report> {
  const results = await compare(options, tell);
  const hasFailed = results.cases.some((found) => found.results.some(({ failure }) => failure !== undefined));
  return { results, text: comparisonText(results), page: comparisonPage(results), hasFailed };
}

async function measureGrowth(options: BenchOptions, tell: (line: string) => void): Promise<Report> {
  const results = await grow(options, tell);
  const hasFailed = results.studies.some(({ points }) => points.some(({ failure }) => failure !== undefined));
  return { results, text: growthText(results), page: growthPage(results), hasFailed };
}

async function measureStarts(options: BenchOptions, tell: (line: string) => void): Promise<Report> {
  const results = await measureStart(options, tell);
  return { results, text: startText(results), hasFailed: false };
}

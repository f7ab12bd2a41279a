import { PEER_GROUPS } from "../peers.ts";
import { type CaseResult, type Comparison, groupOf, type PeerResult, speedRatio } from "../results.ts";
import type { Summary } from "../statistics.ts";
import { type Bar, type BarRow, drawBars, type Panel } from "./bars.ts";
import { caseText, describeDataset, describeSettings, describeTime } from "./comparison-text.ts";
import { element, type Markup } from "./markup.ts";
import { percent, shortBytes, shortNumber, shortTime, times } from "./numbers.ts";
import { drawOverview } from "./overview.ts";
import { foldedText, renderPage } from "./page.ts";

/** A column of the plot, and what it takes from a result. */
interface Measure extends Panel {
  readonly barOf: (found: CaseResult, result: PeerResult) => Bar | undefined;
}

const WHOLE_RUN: readonly Measure[] = [
  {
    title: "Speed",
    hint: "more is better; × hfstream's; to scale within a group",
    width: 400,
    textWidth: 212,
    scaledByGroup: true,
    barOf: (found, result) => speedBar(found, result),
  },
  {
    ...panel("First row", 132),
    barOf: (_, { summary }) => bar(summary?.firstRowMs, shortTime),
  },
  {
    ...panel("CPU time", 128),
    barOf: (_, { peer, summary }) =>
      peer.firstRowOnly === true ? undefined : bar(summary?.cpuSeconds, (seconds) => shortTime(seconds * 1000)),
  },
  {
    ...panel("Peak RSS", 132),
    barOf: (_, { summary }) => bar(summary?.peakRssBytes, shortBytes),
  },
  {
    ...panel("Requests", 90),
    barOf: (_, { peer, summary }) => (peer.remote ? bar(summary?.requests, shortNumber) : undefined),
  },
];

const WAITED: Measure = {
  ...panel("Waited", 120),
  barOf: (_, { peer, summary }) => (peer.delivers === "bytes" ? undefined : bar(summary?.waitedShare, percent)),
};

/** A comparison as a page with plots. */
export function comparisonPage({ machine, options, measuredAt, leftOut, cases }: Comparison): string {
  const measures =
    options.consumeMsPerRow === 0 ? WHOLE_RUN : [...WHOLE_RUN.slice(0, 2), WAITED, ...WHOLE_RUN.slice(2)];
  const lines = [
    ...describeSettings(machine, options),
    `${describeTime(measuredAt)}. Bars are medians, whiskers reach from the least to the largest ` +
      "run. Requests are those that the Hub got; CPU time is user and system; MB are those of the data files" +
      (options.consumeMsPerRow === 0 ? "." : "; waited is the share of the time after the first row."),
    ...leftOut,
  ];
  const title = options.section === "order" ? "hfstream: what order costs" : "hfstream beside other readers";
  return renderPage(title, lines, [
    ...(cases.length > 1
      ? [
          element(
            "h2",
            {},
            "Speed at a glance",
            element("small", {}, "of hfstream, and the others as multiples of it"),
          ),
          drawOverview(cases),
        ]
      : []),
    ...cases.map((found) => drawCase(found, measures)),
  ]);
}

function drawCase(found: CaseResult, measures: readonly Measure[]): Markup {
  const groups = Object.entries(PEER_GROUPS)
    .map(([name, heading]) => ({ heading, rows: found.results.filter(({ peer }) => groupOf(peer) === name) }))
    .filter(({ rows }) => rows.length > 0)
    .map(({ heading, rows }) => ({ heading, rows: rows.map((result) => rowOf(found, result, measures)) }));
  const { dataset, results } = found;
  return element(
    "section",
    {},
    element("h2", {}, dataset.name, element("small", {}, describeDataset(dataset))),
    element("figure", {}, drawBars(measures, groups)),
    ...results.flatMap(({ peer, failure }) =>
      failure === undefined ? [] : [element("p", { class: "failed" }, `${peer.label} failed: ${failure}`)],
    ),
    foldedText("As a table", caseText(found)),
  );
}

function rowOf(found: CaseResult, result: PeerResult, measures: readonly Measure[]): BarRow {
  const { peer } = result;
  return {
    label: peer.label,
    colour: peer.product,
    own: peer.product === "hfstream",
    bars: measures.map(({ barOf }) => barOf(found, result)),
  };
}

function speedBar(found: CaseResult, result: PeerResult): Bar | undefined {
  const { peer, summary } = result;
  if (summary === undefined || peer.firstRowOnly === true) return undefined;
  const { megabytesPerSecond, rowsPerSecond } = summary;
  const ratio = speedRatio(found, result);
  const parts = [
    `${shortNumber(megabytesPerSecond.median)} MB/s`,
    peer.delivers === "bytes" ? undefined : `${shortNumber(rowsPerSecond.median)} rows/s`,
    ratio === undefined || ratio === 1 ? undefined : times(ratio),
  ];
  return { summary: megabytesPerSecond, text: parts.filter((part) => part !== undefined).join(" · ") };
}

function bar(summary: Summary | undefined, format: (value: number) => string): Bar | undefined {
  return summary === undefined ? undefined : { summary, text: format(summary.median) };
}

function panel(title: string, width: number): Panel {
  return { title, hint: "less is better", width, textWidth: 62, scaledByGroup: false };
}

import type { Start } from "../start.ts";
import type { Summary } from "../statistics.ts";
import { describeSettings } from "./comparison-text.ts";
import { shortBytes, shortNumber, shortTime } from "./numbers.ts";
import { type Column, renderTable } from "./table.ts";

const right = (title: string): Column => ({ title, align: "right" });
const left = (title: string): Column => ({ title, align: "left" });
const range = ({ min, max }: Summary): string => `${min.toFixed(0)}..${max.toFixed(0)}`;

/** How soon it starts, for a terminal. */
export function startText({ machine, options, moments, firstRows }: Start): string {
  const before = renderTable(
    [left("before any row"), right("median"), right("min..max ms")],
    moments.map(({ what, ms }) => [what, shortTime(ms.median), range(ms)]),
  );
  const rows = renderTable(
    [left("first row, warm cache"), left(""), right("median"), right("min..max ms"), right("CPU s"), right("RSS")],
    firstRows.map(({ dataset, peer, ms, cpuSeconds, peakRssBytes }) => [
      dataset,
      peer,
      shortTime(ms.median),
      range(ms),
      shortNumber(cpuSeconds.median),
      shortBytes(peakRssBytes.median),
    ]),
  );
  const settings = describeSettings(machine, options).join("\n");
  return `${[settings, before, rows, "Medians. First rows are after import, and end with the first row."].join("\n\n")}\n`;
}

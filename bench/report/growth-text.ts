import type { Growth, StudyResult } from "../growth/grow.ts";
import { describeSettings } from "./comparison-text.ts";
import { type Column, renderTable } from "./table.ts";

/** How cost grows, for a terminal. */
export function growthText({ machine, options, studies }: Growth): string {
  return `${[describeSettings(machine, options).join("\n"), ...studies.map(studyText), "Medians, and the least and the largest run."].join("\n\n")}\n`;
}

/** The table of one study, with its title. */
export function studyText({ study, points }: StudyResult): string {
  const columns: Column[] = [
    { title: study.axis, align: "right" },
    ...study.metrics.flatMap(({ title }): Column[] => [
      { title, align: "right" },
      { title: "min..max", align: "right" },
    ]),
  ];
  const rows = points.map(({ x, summaries }) => [
    x.toLocaleString("en-US"),
    ...study.metrics.flatMap(({ format }, at) => {
      const summary = summaries[at];
      return summary === undefined
        ? ["failed", ""]
        : [format(summary.median), `${format(summary.min)}..${format(summary.max)}`];
    }),
  ]);
  return [study.title, renderTable(columns, rows), ...failuresOf({ study, points })].join("\n");
}

/** A line for each size that failed. */
export function failuresOf({ study, points }: StudyResult): string[] {
  return points.flatMap(({ x, failure }) =>
    failure === undefined ? [] : [`${x.toLocaleString("en-US")} ${study.axis} failed: ${failure}`],
  );
}

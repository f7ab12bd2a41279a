import type { Growth, StudyResult } from "../growth/grow.ts";
import { describeSettings, describeTime } from "./comparison-text.ts";
import { failuresOf, studyText } from "./growth-text.ts";
import { drawLine } from "./lines.ts";
import { element, type Markup } from "./markup.ts";
import { foldedText, renderPage } from "./page.ts";

/** How cost grows, as a page with plots. */
export function growthPage({ machine, options, measuredAt, studies }: Growth): string {
  const lines = [
    ...describeSettings(machine, options),
    `${describeTime(measuredAt)}. Medians; the band reaches from the least to the largest run. All axes are logarithmic.`,
  ];
  return renderPage("hfstream: how cost grows", lines, studies.map(drawStudy));
}

function drawStudy(found: StudyResult): Markup {
  const { study, points } = found;
  const plots = study.metrics.map(({ title, format }, at) => {
    const measured = points.flatMap(({ x, summaries }) => {
      const summary = summaries[at];
      return summary === undefined ? [] : [{ x, summary }];
    });
    return element("figure", {}, drawLine({ title, axis: study.axis, points: measured, format }));
  });
  return element(
    "section",
    {},
    element("h2", {}, study.title),
    element("div", { class: "plots" }, ...plots),
    ...failuresOf(found).map((failure) => element("p", { class: "failed" }, failure)),
    foldedText("As a table", studyText(found)),
  );
}

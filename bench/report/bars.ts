import type { Summary } from "../statistics.ts";
import { element, type Markup, svg } from "./markup.ts";

/** One value, drawn as a bar with a whisker from the least to the largest. */
export interface Bar {
  readonly summary: Summary;
  /** What stands behind the bar. */
  readonly text: string;
}

/** What is known of one peer: a bar in each panel, or none. */
export interface BarRow {
  readonly label: string;
  readonly colour: string;
  /** Is set off from the others. */
  readonly own: boolean;
  readonly bars: readonly (Bar | undefined)[];
}

/** Rows below a heading of their own. */
export interface BarGroup {
  readonly heading: string;
  readonly rows: readonly BarRow[];
}

/** A column of bars. */
export interface Panel {
  readonly title: string;
  readonly hint: string;
  readonly width: number;
  /** Room for the text behind the longest bar. */
  readonly textWidth: number;
  /** Bars can be compared within a group only: groups differ too much. */
  readonly scaledByGroup: boolean;
}

const LABEL_WIDTH = 200;
const GAP = 22;
const TOP = 44;
const ROW_HEIGHT = 24;
const BAR_HEIGHT = 14;

/** Draws panels side by side, whose rows are the same peers. */
export function drawBars(panels: readonly Panel[], groups: readonly BarGroup[]): Markup {
  const starts = panels.map((_, at) =>
    panels.slice(0, at).reduce((sum, { width }) => sum + width + GAP, LABEL_WIDTH + GAP),
  );
  const lines = groups.flatMap(({ heading, rows }) => [
    { heading, rows, row: undefined },
    ...rows.map((row) => ({ heading, rows, row })),
  ]);
  const width = (starts.at(-1) ?? 0) + (panels.at(-1)?.width ?? 0);
  const height = TOP + lines.length * ROW_HEIGHT + 4;
  const drawn = lines.map(({ heading, rows, row }, at) => {
    const y = TOP + (at + 0.5) * ROW_HEIGHT;
    if (row === undefined) return element("text", { x: 0, y, class: "faint" }, heading);
    const cells = panels.map((panel, column) => {
      const among = panel.scaledByGroup ? rows : groups.flatMap((one) => one.rows);
      return drawBar(row, row.bars[column], { x: starts[column] ?? 0, y, panel, largest: largestOf(among, column) });
    });
    return element("g", {}, ...(row.own ? [band(y, width)] : []), drawLabel(row, y), ...cells);
  });
  const titles = panels.flatMap(({ title, hint }, column) => [
    element("text", { x: starts[column], y: 12, class: "heading" }, title),
    element("text", { x: starts[column], y: 30, class: "faint" }, hint),
  ]);
  return svg(width, height, [...titles, ...drawn]);
}

interface Place {
  readonly x: number;
  readonly y: number;
  readonly panel: Panel;
  readonly largest: number;
}

function drawBar(row: BarRow, bar: Bar | undefined, { x, y, panel, largest }: Place): Markup {
  if (bar === undefined) return element("text", { x, y, class: "faint" }, "–");
  const { median, min, max } = bar.summary;
  const length = (value: number): number => (largest === 0 ? 0 : (value / largest) * (panel.width - panel.textWidth));
  const whisker = `M${x + length(min)} ${y}H${x + length(max)}m0 -4v8M${x + length(min)} ${y - 4}v8`;
  const top = y - BAR_HEIGHT / 2;
  const size = { x, y: top, width: Math.max(1, length(median)), height: BAR_HEIGHT, rx: 2 };
  return element(
    "g",
    {},
    element("rect", { class: `bar ${row.colour}`, ...size }, element("title", {}, `${row.label}: ${bar.text}`)),
    ...(min === max ? [] : [element("path", { class: "whisker", d: whisker })]),
    element("text", { x: x + length(max) + 7, y, class: row.own ? "own" : undefined }, bar.text),
  );
}

function drawLabel({ label, own }: BarRow, y: number): Markup {
  return element("text", { x: LABEL_WIDTH, y, class: own ? "own" : undefined, "text-anchor": "end" }, label);
}

function band(y: number, width: number): Markup {
  return element("rect", { class: "band", x: 0, y: y - ROW_HEIGHT / 2, width, height: ROW_HEIGHT, rx: 3 });
}

function largestOf(rows: readonly BarRow[], column: number): number {
  return Math.max(0, ...rows.map(({ bars }) => bars[column]?.summary.max ?? 0));
}

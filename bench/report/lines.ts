import type { Summary } from "../statistics.ts";
import { logScale, type LogScale } from "./log-scale.ts";
import { element, type Markup, svg } from "./markup.ts";
import { shortNumber } from "./numbers.ts";

/** A curve of medians with the spread around it. */
export interface LinePlot {
  readonly title: string;
  /** What `x` counts. */
  readonly axis: string;
  readonly points: readonly { readonly x: number; readonly summary: Summary }[];
  readonly format: (value: number) => string;
}

const WIDTH = 400;
const HEIGHT = 250;
const LEFT = 62;
const RIGHT = 6;
/** Between the axes and the curve, so that its values do not stand on the scale. */
const INSET = 32;
const TOP = 46;
const BOTTOM = 50;

const MIDDLE = { "text-anchor": "middle" };

/** Draws a curve on two logarithmic axes, with its values. */
export function drawLine({ title, axis, points, format }: LinePlot): Markup {
  const across = logScale(points.map(({ x }) => x));
  const up = logScale(points.flatMap(({ summary: { min, max } }) => [min, max]));
  const toX = (value: number): number => LEFT + INSET + across.place(value) * (WIDTH - LEFT - RIGHT - 2 * INSET);
  const toY = (value: number): number => HEIGHT - BOTTOM - up.place(value) * (HEIGHT - TOP - BOTTOM);
  const medians = points.map(({ x, summary }) => ({ x: toX(x), y: toY(summary.median), summary }));
  const outline = [
    ...points.map(({ x, summary }) => `${toX(x)},${toY(summary.max)}`),
    ...points.toReversed().map(({ x, summary }) => `${toX(x)},${toY(summary.min)}`),
  ];
  return svg(WIDTH, HEIGHT, [
    element("text", { x: 0, y: 12, class: "heading" }, title),
    element("text", { x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 12, class: "faint", ...MIDDLE }, axis),
    ...points.map(({ x }) =>
      element("text", { x: toX(x), y: HEIGHT - BOTTOM + 14, class: "faint", ...MIDDLE }, tickText(shortNumber(x))),
    ),
    ...drawGrid(up, toY, format),
    element("polygon", { class: "spread", points: outline.join(" ") }),
    element("polyline", { class: "curve", points: medians.map(({ x, y }) => `${x},${y}`).join(" ") }),
    ...medians.map(({ x, y }) => element("circle", { class: "hfstream", cx: x, cy: y, r: 4 })),
    ...medians.map(({ x, y, summary }) =>
      element("text", { x, y: y - 14, class: "own halo", ...MIDDLE }, format(summary.median)),
    ),
  ]);
}

function drawGrid({ ticks }: LogScale, toY: (value: number) => number, format: (value: number) => string): Markup[] {
  return [
    ...ticks.flatMap((tick) => [
      element("path", { class: "grid", d: `M${LEFT} ${toY(tick)}H${WIDTH - RIGHT}` }),
      element("text", { x: LEFT - 8, y: toY(tick), class: "faint", "text-anchor": "end" }, tickText(format(tick))),
    ]),
    element("path", { class: "axis", d: `M${LEFT} ${HEIGHT - BOTTOM}H${WIDTH - RIGHT}` }),
  ];
}

/** `1k` for `1.00k`. */
function tickText(written: string): string {
  return written.replace(/\.0+(?=\D|$)/, "");
}

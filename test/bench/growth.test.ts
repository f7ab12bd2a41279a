import { expect, test } from "vitest";
import type { Growth, PointResult } from "../../bench/growth/grow.ts";
import { growthStudies } from "../../bench/growth/studies.ts";
import { type BenchOptions, parseBenchOptions } from "../../bench/options.ts";
import { growthPage } from "../../bench/report/growth-page.ts";
import { growthText } from "../../bench/report/growth-text.ts";

const machine = { cpu: "A CPU", cores: 2, memoryBytes: 16e9, node: "v20.0.0", platform: "linux x64" };
const options = parseBenchOptions(["growth"]) as BenchOptions;

function growthOf(pointOf: (x: number, metrics: number) => PointResult): Growth {
  const studies = growthStudies(false).map((study) => {
    const points = study.points.map(({ x }) => pointOf(x, study.metrics.length));
    return { study, points };
  });
  return { machine, options, measuredAt: "2026-01-02T03:04:05.678Z", studies };
}

test("each study grows by one quantity, from small to large", () => {
  for (const { points } of [...growthStudies(false), ...growthStudies(true)]) {
    const sizes = points.map(({ x }) => x);
    expect(sizes).toEqual([...new Set(sizes)].sort((a, b) => a - b));
  }
});

test("datasets of one name are the same", () => {
  const cases = [...growthStudies(false), ...growthStudies(true)].flatMap(({ points }) =>
    points.map(({ bench }) => bench),
  );
  for (const bench of cases) expect(bench).toEqual(cases.find(({ name }) => name === bench.name));
});

test("every study and metric stands in the table and on the page", () => {
  const growth = growthOf((x, metrics) => {
    const summary = { median: x * 99.9, min: x * 88.8, max: x * 111.1 };
    return { x, runs: [], summaries: Array.from({ length: metrics }, () => summary), failure: undefined };
  });
  const [text, page] = [growthText(growth), growthPage(growth)];
  for (const { title, metrics } of growthStudies(false)) {
    for (const part of [title, ...metrics.map((metric) => metric.title)]) {
      expect(text).toContain(part);
      expect(page).toContain(part);
    }
  }
  expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(120);
  expect(page).not.toMatch(/NaN|Infinity|undefined/);
});

test("what failed is said and leaves the rest to be drawn", () => {
  const growth = growthOf((x, metrics) => {
    const summary = { median: 1, min: 1, max: 1 };
    const summaries = x === 1 ? [] : Array.from({ length: metrics }, () => summary);
    return { x, runs: [], summaries, failure: x === 1 ? "out of <luck>" : undefined };
  });
  expect(growthText(growth)).toContain("1 worker threads failed: out of <luck>");
  expect(growthPage(growth)).toContain("out of &lt;luck&gt;");
  expect(growthPage(growth)).not.toMatch(/NaN|Infinity|undefined/);
});

import path from "node:path";
import { readOnce } from "../compare.ts";
import type { BenchDataset } from "../data/dataset.ts";
import { makeDatasets } from "../data/make-datasets.ts";
import { type BenchHub, startBenchHub } from "../hub.ts";
import { type BenchOptions, choose } from "../options.ts";
import { describeMachine, type Machine } from "../results.ts";
import { type Run, runTask } from "../run-task.ts";
import { summarize, type Summary } from "../statistics.ts";
import { type GrowthPoint, growthStudies, type Study } from "./studies.ts";

/** What was measured at one size. */
export interface PointResult {
  readonly x: number;
  readonly runs: readonly Run[];
  /** One of each metric; empty if no run succeeded. */
  readonly summaries: readonly Summary[];
  readonly failure: string | undefined;
}

/** What was measured of one study. */
export interface StudyResult {
  readonly study: Study;
  readonly points: readonly PointResult[];
}

/** How cost grows. */
export interface Growth {
  readonly machine: Machine;
  readonly options: BenchOptions;
  /** ISO 8601. */
  readonly measuredAt: string;
  readonly studies: readonly StudyResult[];
}

/** Measures the chosen studies, one after the other. What goes on is told to `report`. */
export async function grow(options: BenchOptions, report: (line: string) => void): Promise<Growth> {
  const studies = choose("studies", growthStudies(options.quick), options.studies);
  const root = path.join(options.data, "growth");
  report(`Data: ${root}`);
  const names = studies.flatMap(({ points }) => points.map(({ bench }) => bench.name));
  const datasets = await makeDatasets({ ...options, root, names });
  const hub = await startBenchHub(root, options.traffic);
  try {
    const results: StudyResult[] = [];
    for (const study of studies) {
      const points: PointResult[] = [];
      for (const point of study.points) {
        report(`${study.title}: ${point.x} ${study.axis}`);
        points.push(await measurePoint(study, point, datasets.get(point.bench.name) as BenchDataset, { options, hub }));
      }
      results.push({ study, points });
    }
    return { machine: describeMachine(), options, measuredAt: new Date().toISOString(), studies: results };
  } finally {
    hub.close();
  }
}

async function measurePoint(
  { metrics }: Study,
  { x, peer }: GrowthPoint,
  dataset: BenchDataset,
  { options, hub }: { readonly options: BenchOptions; readonly hub: BenchHub },
): Promise<PointResult> {
  await readOnce(hub, dataset);
  const surroundings = { hub, python: undefined, consumeMsPerRow: options.consumeMsPerRow };
  const runs: Run[] = [];
  let failure: string | undefined;
  while (runs.length < options.runs && failure === undefined) {
    try {
      runs.push(await runTask(peer, dataset, surroundings));
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error);
    }
  }
  const summaries = runs.length === 0 ? [] : metrics.map(({ valueOf }) => summarize(runs.map(valueOf)));
  return { x, runs, summaries, failure };
}

import type { Situation } from "./iteration.ts";
import { Iteration } from "./iteration.ts";
import { Line } from "./plan/line.ts";
import { inputsOf, type PlanSpec, shapeOf } from "./plan/spec.ts";
import { ReadAhead } from "./read-ahead.ts";

/** What iterating a dataset will do. `String()` gives it as text. */
export interface Explanation {
  readonly id: string;
  readonly commit: string;
  readonly split: string;
  readonly files: number;
  /** Units (row groups) that are read, of how many. */
  readonly units: number;
  readonly unitsTotal: number;
  /** Range requests, one per block at least; those of footers that are not in the cache come on top. */
  readonly requests: number;
  /** Bytes to fetch. */
  readonly bytes: number;
  /** Bytes held at most: the largest units that are in flight together, or the budget. */
  readonly memoryBytes: number;
  readonly columns: readonly string[];
  /** The steps that functions carry out row by row. */
  readonly rowSteps: readonly string[];
  toString(): string;
}

type Plain = Omit<Explanation, "toString">;

/**
 * Plans an iteration without reading data: the units, and what their reads would cost. Of datasets that are joined: the
 * sum of what each would read, its own part of each. Of rows that repeat for ever: one pass.
 */
export async function explainDataset(spec: PlanSpec, situation: Situation): Promise<Explanation> {
  const lines = await Promise.all(
    linesOf(spec).map(async (line) => {
      const pass = onePass(line);
      return await explainLine(pass, pass === spec ? situation : { ...situation, resumed: undefined });
    }),
  );
  const sum = (of: (plan: Plain) => number): number => lines.reduce((total, plan) => total + of(plan), 0);
  const joined = (what: "id" | "commit" | "split"): string => lines.map((plan) => plan[what]).join("+");
  const explanation = {
    id: joined("id"),
    commit: joined("commit"),
    split: joined("split"),
    files: sum(({ files }) => files),
    units: sum(({ units }) => units),
    unitsTotal: sum(({ unitsTotal }) => unitsTotal),
    requests: sum(({ requests }) => requests),
    bytes: sum(({ bytes }) => bytes),
    memoryBytes: sum(({ memoryBytes }) => memoryBytes),
    columns: [...new Set(lines.flatMap(({ columns }) => columns))],
    rowSteps: [...lines.flatMap(({ rowSteps }) => rowSteps), ...(spec.origin.kind === "line" ? [] : stepsOf(spec))],
  };
  return { ...explanation, toString: () => describe(explanation) };
}

/** The datasets that are read, each as it is put together below what joins them. */
function linesOf(spec: PlanSpec): PlanSpec[] {
  const { origin } = spec;
  return origin.kind === "line" ? [spec] : inputsOf(origin).flatMap(linesOf);
}

/** The same with an end: rows that repeat for ever come once. */
function onePass(spec: PlanSpec): PlanSpec {
  const { steps } = spec;
  const endless = steps.findLastIndex((step) => step.kind === "repeat" && step.times === Infinity);
  const isCut = steps.slice(endless + 1).some((step) => step.kind === "slice" && step.end < Infinity);
  if (endless < 0 || isCut) return spec;
  return { ...spec, steps: steps.filter((step) => step.kind !== "repeat" || step.times < Infinity) };
}

function stepsOf(spec: PlanSpec): string[] {
  return shapeOf(spec).layout.rowSteps.map(({ step }) => step.kind);
}

async function explainLine(spec: PlanSpec, situation: Situation): Promise<Plain> {
  const iteration = new Iteration(spec, situation);
  const { source } = iteration.plan;
  if (!(source instanceof Line)) throw new TypeError("datasets that are joined are not one line");
  const { settings } = source.reader;
  const { blockSize, memoryBudget } = settings;
  const dataset = await source.open(iteration);
  const { reads: columns, pruning: predicate, columns: given } = await source.projection(iteration);
  const held: number[] = []; // by spans that are needed together
  let [units, requests, bytes] = [0, 0, 0];
  for await (const spans of iteration.plannedSpans()) {
    const wanted = await Promise.all(
      spans.map(async (span) => await span.file.prepare({ ...span, columns, predicate }, iteration)),
    );
    const prepared = wanted.filter((plan) => plan !== undefined);
    if (prepared.length === 0) continue;
    const slices = prepared.flatMap((unit) => unit.slices);
    held.push(slices.reduce((sum, { heldBytes }) => sum + heldBytes, 0));
    units += prepared.length;
    for (const { fetchedBytes } of slices) {
      bytes += fetchedBytes;
      requests += Math.max(1, Math.ceil(fetchedBytes / blockSize));
    }
  }
  const groups = Math.max(1, held.length);
  const ahead = new ReadAhead(settings).most(units / groups, requests / groups);
  const largest = held.sort((a, b) => b - a).slice(0, ahead + 1);
  const inFlight = largest.reduce((sum, size) => sum + size, 0);
  return {
    id: dataset.id,
    commit: dataset.commit,
    split: dataset.split,
    files: dataset.files.length,
    units,
    unitsTotal: (await source.wholeIndex(iteration)).units,
    requests,
    bytes,
    memoryBytes: Math.max(largest[0] ?? 0, Math.min(inFlight, memoryBudget)),
    columns: given.map(({ name }) => name),
    rowSteps: stepsOf(spec),
  };
}

function describe(plan: Plain): string {
  return [
    `${plan.id} at ${plan.commit.slice(0, 12)}, split ${plan.split}`,
    `  files     ${plan.files}`,
    `  units     ${plan.units} of ${plan.unitsTotal} row groups`,
    `  fetches   ${formatMiB(plan.bytes)} in about ${plan.requests} requests`,
    `  memory    at most ${formatMiB(plan.memoryBytes)}`,
    `  columns   ${plan.columns.join(", ")}`,
    ...(plan.rowSteps.length === 0 ? [] : [`  per row   ${plan.rowSteps.join(", ")}`]),
  ].join("\n");
}

function formatMiB(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

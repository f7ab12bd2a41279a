import type { DatasetReader } from "./dataset-reader.ts";
import { countLine, spansOf } from "./line.ts";
import { compileSteps, type Step } from "./steps/steps.ts";

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

/** Plans an iteration without reading data: the units, and what their reads would cost. */
export async function explainDataset(reader: DatasetReader, steps: readonly Step[]): Promise<Explanation> {
  const { settings } = reader;
  const { signal, blockSize, prefetchDepth, memoryBudget } = settings;
  const dataset = await reader.open({ signal });
  const pipeline = compileSteps(steps, dataset.schema, dataset.id);
  const options = reader.lineOptions(dataset, { signal });
  const total = await countLine(dataset.line, options);
  const held: number[] = [];
  let [requests, bytes] = [0, 0];
  for await (const span of spansOf(dataset.line, pipeline, options)) {
    const { reads: columns, pruning: predicate } = pipeline;
    const prepared = await span.file.prepare({ ...span, columns, predicate }, { signal });
    if (prepared === undefined) continue;
    held.push(prepared.heldBytes);
    bytes += prepared.fetchedBytes;
    requests += Math.max(1, Math.ceil(prepared.fetchedBytes / blockSize));
  }
  const largest = held.sort((a, b) => b - a).slice(0, prefetchDepth + 1);
  const inFlight = largest.reduce((sum, size) => sum + size, 0);
  const explanation = {
    id: dataset.id,
    commit: dataset.commit,
    split: dataset.split,
    files: dataset.files.length,
    units: held.length,
    unitsTotal: total.units,
    requests,
    bytes,
    memoryBytes: Math.max(largest[0] ?? 0, Math.min(inFlight, memoryBudget)),
    columns: pipeline.columns.map(({ name }) => name),
    rowSteps: pipeline.rowSteps.map(({ kind }) => kind),
  };
  return { ...explanation, toString: () => describe(explanation) };
}

function describe(plan: Omit<Explanation, "toString">): string {
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

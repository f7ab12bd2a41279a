import type { RecordBatch } from "apache-arrow";
import { HfStreamError } from "../errors.ts";
import { toRecordBatches } from "./arrow/record-batches.ts";
import { toUserBatches } from "./arrow/user-batches.ts";
import type { DatasetParts } from "./dataset-parts.ts";
import { Iteration } from "./iteration.ts";
import { Line } from "./plan/line.ts";
import { type PlanSpec, shapeOf } from "./plan/spec.ts";

/**
 * The rows of a dataset as record batches, which no steps on rows may have made. Throws `INVALID_OPTION` where some have, and
 * for datasets that are joined.
 */
export function recordBatches(
  { spec, situation }: DatasetParts,
  batchSize: number | undefined,
): AsyncIterable<RecordBatch> {
  const cause = obstacleTo(spec);
  if (cause !== undefined)
    throw new HfStreamError(
      "INVALID_OPTION",
      `\`batches()\` gives data as it is stored: it cannot follow ${cause}. Use \`rows()\`.`,
    );
  return {
    async *[Symbol.asyncIterator]() {
      const iteration = new Iteration(spec, situation);
      const { source } = iteration.plan;
      try {
        if (!(source instanceof Line)) return;
        const { schema, columns } = await source.projection(iteration);
        yield* toUserBatches(toRecordBatches(iteration.dataBlocks(), { schema, batchSize, columns }));
      } finally {
        iteration.abort(new Error("the consumer left"));
      }
    },
  };
}

function obstacleTo(spec: PlanSpec): string | undefined {
  const [rowStep] = shapeOf(spec).layout.rowSteps;
  const { origin } = spec;
  if (origin.kind === "concatenate" || origin.kind === "interleave") return `\`${origin.kind}Datasets\``;
  if (origin.kind === "repeat")
    return origin.excerpt === undefined
      ? "`repeat` of what only reading can count"
      : "`take`, `skip`, `slice`, `batch` or `repeat` of what `resume` or a filtered part left";
  return rowStep && `\`${rowStep.step.kind}\``;
}

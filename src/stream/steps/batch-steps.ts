import type { RecordBatch } from "apache-arrow";
import type { RowBatch } from "../../formats/types.ts";
import { bindPredicate, compilePredicate } from "../../parquet/predicate/evaluate.ts";
import type { Predicate } from "../../parquet/predicate/filters.ts";
import type { Pipeline } from "./steps.ts";

/** Carries out predicates, and slices of what they leave, on Arrow batches: no row is made for them. */
export async function* applyBatchSteps(
  batches: AsyncIterable<RowBatch>,
  steps: Pipeline["batchSteps"],
): AsyncGenerator<RowBatch> {
  const passed = steps.map(() => 0);
  if (steps.some((step) => step.kind === "slice" && step.start >= step.end)) return;
  for await (const batch of batches) {
    let rows = batch.rows;
    let isEnd = false;
    for (const [at, step] of steps.entries()) {
      if (step.kind === "where") {
        rows = matching(step.predicate, batch.batch, rows);
        continue;
      }
      const all = rows ?? Uint32Array.from({ length: batch.batch.numRows }, (_, row) => row);
      const before = passed[at] as number;
      passed[at] = before + all.length;
      rows = all.subarray(Math.max(0, step.start - before), Math.max(0, step.end - before));
      isEnd ||= before + all.length >= step.end;
    }
    if (rows === undefined || rows.length > 0) yield { ...batch, rows };
    if (isEnd) return;
  }
}

function matching(predicate: Predicate, batch: RecordBatch, rows: Uint32Array | undefined): Uint32Array {
  const test = compilePredicate(bindPredicate(predicate, batch.schema), batch);
  const found = new Uint32Array(rows?.length ?? batch.numRows);
  let count = 0;
  for (let at = 0; at < found.length; at += 1) {
    const row = rows === undefined ? at : (rows[at] as number);
    if (test(row)) {
      found[count] = row;
      count += 1;
    }
  }
  return found.subarray(0, count);
}

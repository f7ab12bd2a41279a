import type { RecordBatch } from "apache-arrow";
import { toBatch } from "../../src/parquet/decode/to-batch.ts";
import { UnitDecoder } from "../../src/parquet/decode/unit-decoder.ts";
import { Workspace } from "../../src/parquet/decode/workspace.ts";
import { decodedSchema } from "../../src/parquet/footer/arrow-schema.ts";
import { parseUnitFooter } from "../../src/parquet/footer/footer.ts";
import type { UnitPlan } from "../../src/parquet/plan.ts";
import type { BytesSource } from "./bytes-source.ts";

/** Reads what a plan says and decodes it, slice by slice, as streaming does. */
export async function decodePlan(source: BytesSource, plan: UnitPlan, batchRows = 100): Promise<RecordBatch[]> {
  const decoder = await UnitDecoder.begin(
    { path: source.path, footer: plan.footer, batchRows, memoryBudget: 2 ** 29 },
    new Workspace(),
  );
  const schema = decodedSchema(parseUnitFooter(plan.footer, source.path));
  const batches: RecordBatch[] = [];
  for (const [index, { length, made, segments, chunks }] of plan.slices.entries()) {
    const bytes = new Uint8Array(length);
    for (const { target, bytes: own } of made) bytes.set(own, target);
    for (const { source: offset, target, length: size } of segments) {
      await source.read({ offset, length: size }, { into: bytes.subarray(target, target + size) });
    }
    const isLast = index === plan.slices.length - 1;
    for (const batch of decoder.push({ bytes, chunks, isLast })) batches.push(toBatch(batch, schema));
    if (decoder.leave(bytes.buffer)) bytes.fill(0xff); // the buffer is used again
  }
  return batches;
}

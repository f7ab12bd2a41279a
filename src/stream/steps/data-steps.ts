import type { DataBlock } from "../arrow/data-block.ts";
import type { DataStep } from "./steps.ts";

/**
 * Carries out predicates, and slices of what they leave, on Arrow batches: no row is made for them. `counts`: what the
 * slices had counted where the blocks begin.
 */
export async function* applyDataSteps(
  blocks: AsyncIterable<DataBlock>,
  steps: readonly DataStep[],
  counts: readonly number[],
): AsyncGenerator<DataBlock> {
  const slices = steps.filter((step) => step.kind === "slice");
  const passed = slices.map((_, index) => counts[index] ?? 0);
  let ofRound = [...passed];
  const isEnd = (): boolean => slices.some(({ start, end }, index) => Math.max(start, passed[index] ?? 0) >= end);
  if (isEnd()) return;
  for await (let block of blocks) {
    if (block.isRoundEnd) {
      const isSkipping = slices.some(({ start }, index) => {
        const now = passed[index] ?? 0;
        return now > (ofRound[index] ?? 0) && now <= start;
      });
      if (!isSkipping) yield block; // else its rows were skipped, and others will come
      ofRound = [...passed];
      continue;
    }
    let slice = 0;
    for (const step of steps) {
      if (step.kind === "where") {
        block = block.where(step.predicate);
        continue;
      }
      const before = passed[slice] ?? 0;
      passed[slice] = before + block.length;
      slice += 1;
      block = block.counted(before).slice(step.start - before, step.end - before);
    }
    if (block.length > 0) yield block;
    if (isEnd()) return;
  }
}

import type { DataBlock } from "../arrow/data-block.ts";
import type { Part } from "../order/parts.ts";
import { blockOfRow } from "./items.ts";
import type { Plan } from "./plan.ts";
import type { StatedBlock } from "./plan-reader.ts";
import type { PlanState } from "./plan-state.ts";

/** What steps have counted in a state, and then the rows that were dealt where parts take turns. */
export function countTurns({ noCounts }: Plan, state: PlanState | undefined): readonly number[] {
  return [...noCounts, 0].map((none, counter) => state?.counts?.[counter] ?? none);
}

/** The rows of a part where all parts read the same rows, in turn; a last count says how many there were. */
export async function* rowsInTurn(
  blocks: AsyncIterable<StatedBlock>,
  parts: readonly Part[],
  passed: number,
): AsyncGenerator<StatedBlock> {
  let row = passed;
  for await (const { block, stateAfter } of blocks) {
    for (let index = 0; index < block.length; index += 1, row += 1) {
      if (!isTurnOf(parts, row)) continue;
      const counts = [...block.countsAt(index), row + 1];
      const after = { rest: block.restAfter(index), counts };
      const own = blockOfRow(block.at(index), block.placeAt(index), after, { block, index });
      yield { block: own, stateAfter: () => ({ ...stateAfter(index), counts }) };
    }
  }
}

/** The same of rows that are not made. */
export async function* dataInTurn(
  blocks: AsyncIterable<DataBlock>,
  parts: readonly Part[],
  passed: number,
): AsyncGenerator<DataBlock> {
  let row = passed;
  for await (const block of blocks) {
    const before = row;
    row += block.length;
    const own = Uint32Array.from({ length: block.length }, (_, index) => index);
    yield block.pick(own.filter((index) => isTurnOf(parts, before + index)));
  }
}

function isTurnOf(parts: readonly Part[], row: number): boolean {
  let left = row;
  for (const { count, index } of parts) {
    if (left % count !== index) return false;
    left = Math.floor(left / count);
  }
  return true;
}

import type { SourceWalk } from "../order/source-order.ts";
import type { StatedBlock } from "./plan-reader.ts";
import { type PulledRow, RowPuller } from "./row-puller.ts";

/** A row of a weave: which input it is of. */
export interface WovenRow extends PulledRow {
  readonly input: number;
}

export interface WeaveOptions {
  /** Inputs that are read at the same time, by their index; others are read when their turn comes. */
  readonly together: readonly number[];
  /** Whether an input that ended begins again. */
  readonly restarts: boolean;
  /** Begins to read an input; `pass` counts how often it ended. */
  readonly open: (input: number, pass: number) => AsyncGenerator<StatedBlock>;
  /** How often each input has ended; kept up to date. */
  readonly passes: number[];
}

/** Takes rows from inputs in the order of a walk, and tells the walk when one has given its last row. */
export async function* weave(
  walkFrom: (empty: readonly number[]) => SourceWalk,
  { together, restarts, open, passes }: WeaveOptions,
): AsyncGenerator<WovenRow & { readonly walk: SourceWalk }> {
  const pullers = new Map<number, RowPuller>();
  const pullerOf = (input: number): RowPuller => {
    const puller = pullers.get(input) ?? new RowPuller(open(input, passes[input] ?? 0));
    pullers.set(input, puller);
    return puller;
  };
  try {
    const begun = await Promise.all(
      together.map(async (input) => ({ input, hasRows: await pullerOf(input).hasMore() })),
    );
    const walk = walkFrom(begun.flatMap(({ input, hasRows }) => (hasRows ? [] : [input])));
    while (walk.source !== undefined) {
      const input = walk.source;
      const puller = pullerOf(input);
      const row = await puller.pull();
      const isLast = row === undefined || !(await puller.hasMore());
      walk.advance(isLast);
      if (isLast && restarts) {
        await puller.close();
        pullers.delete(input);
        passes[input] = (passes[input] ?? 0) + 1;
      }
      if (row !== undefined) yield { ...row, input, walk };
    }
  } finally {
    await Promise.all([...pullers.values()].map(async (puller) => await puller.close()));
  }
}

import type { Iteration, Situation } from "./iteration.ts";
import type { PlanSpec } from "./plan/spec.ts";

/** How a dataset was put together, and which of its rows are wanted. */
export interface DatasetParts {
  readonly spec: PlanSpec;
  readonly situation: Situation;
}

/** The parts, and what reads them: that of the dataset's own copy of this package, whose Arrow types are its own. */
export interface ReadableParts extends DatasetParts {
  readonly Iteration: typeof Iteration;
}

/** Where {@link partsOf} finds them: not in sight, since options are in them, and a token may be one. */
export const PARTS: unique symbol = Symbol.for("hfstream.dataset");

/** How a dataset was put together; also one of another copy of this package. */
export function partsOf(dataset: object): ReadableParts {
  return (dataset as { [PARTS](): ReadableParts })[PARTS]();
}

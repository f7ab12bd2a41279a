import type { Situation } from "./iteration.ts";
import type { PlanSpec } from "./plan/spec.ts";

/** How a dataset was put together, and which of its rows are wanted. */
export interface DatasetParts {
  readonly spec: PlanSpec;
  readonly situation: Situation;
}

/** Where {@link partsOf} finds them: not in sight, since options are in them, and a token may be one. */
export const PARTS: unique symbol = Symbol.for("hfstream.dataset");

/** How a dataset was put together; also one of another copy of this package. */
export function partsOf(dataset: object): DatasetParts {
  return (dataset as { [PARTS](): DatasetParts })[PARTS]();
}

import { HfStreamError } from "../../errors.ts";
import { isPerRow } from "../steps/steps.ts";
import { type PlanSpec, shapeOf } from "./spec.ts";

/** How rows are mixed: see `IterableDataset.shuffle`. */
export interface ShuffleRequest {
  readonly seed: number;
  readonly window: number;
}

/**
 * A dataset whose rows are mixed. Of an interleaving each input is mixed; datasets one after the other are mixed with
 * each other by interleaving them in proportion to their rows.
 */
export function shuffleSpec(spec: PlanSpec, { seed, window }: ShuffleRequest): PlanSpec {
  const { origin } = spec;
  if (origin.kind === "line") return { ...spec, steps: [...spec.steps, { kind: "shuffle", seed, window }] };
  if (origin.kind === "repeat" || !spec.steps.every(isPerRow))
    throw new HfStreamError(
      "INVALID_OPTION",
      "`shuffle` of datasets that are joined, or parts of which were taken, comes before `take`, `skip`, `slice`, `batch`, " +
        "`repeat` and a batched `map`.",
    );
  const inputs = origin.inputs.map((input, index) => shuffleSpec(input, { seed: seed + index, window }));
  if (origin.kind === "interleave") return { ...spec, origin: { ...origin, inputs } };
  if (!inputs.every((input) => shapeOf(input).isAddressable))
    throw new HfStreamError(
      "INVALID_OPTION",
      "`shuffle` of concatenated datasets mixes them by their numbers of rows, which only reading can tell here: " +
        "call it before `batch`, a batched `map`, and `take` or `skip` of what a filter leaves.",
    );
  const stop = "all_exhausted_without_replacement";
  return { ...spec, origin: { kind: "interleave", inputs, probabilities: "rows", seed, stop } };
}

import { HfStreamError } from "../errors.ts";
import { DatasetReader } from "../stream/dataset-reader.ts";
import { partsOf } from "../stream/dataset-parts.ts";
import { IterableDataset } from "../stream/iterable-dataset.ts";
import type { Situation } from "../stream/iteration.ts";
import type { LoadDatasetOptions } from "../stream/options.ts";
import type { Origin, PlanSpec } from "../stream/plan/spec.ts";

/** A dataset as plain data, which another thread can make it from. */
export interface Recipe {
  readonly spec: SpecRecipe;
  readonly situation: Situation;
}

interface SpecRecipe extends Omit<PlanSpec, "origin"> {
  readonly origin: OriginRecipe;
}

type OriginRecipe =
  | { readonly kind: "line"; readonly id: string; readonly options: LoadDatasetOptions }
  | (Omit<Extract<Origin, { kind: "concatenate" }>, "inputs"> & { readonly inputs: readonly SpecRecipe[] })
  | (Omit<Extract<Origin, { kind: "interleave" }>, "inputs"> & { readonly inputs: readonly SpecRecipe[] })
  | (Omit<Extract<Origin, { kind: "repeat" }>, "input"> & { readonly input: SpecRecipe });

/** Describes a dataset for another thread. Throws `INVALID_OPTION` for one that is not data alone. */
export function recipeOf(dataset: IterableDataset<object>): Recipe {
  const { spec, situation } = partsOf(dataset);
  return { spec: specRecipe(spec), situation };
}

/** Makes the dataset that a recipe describes. */
export function datasetOf({ spec, situation }: Recipe): IterableDataset {
  return new IterableDataset(specOf(spec), situation);
}

function specRecipe(spec: PlanSpec): SpecRecipe {
  const step = spec.steps.find(({ kind }) => kind === "map" || kind === "filter");
  const cause = step?.kind ?? (typeof spec.onError === "function" ? "onError" : undefined);
  if (cause !== undefined)
    throw new HfStreamError(
      "INVALID_OPTION",
      `Functions cannot be sent to worker threads, and this dataset has one (\`${cause}\`). Put it into a module whose default ` +
        "export makes the dataset, and give the module's URL to `DataLoader`; or use `workers: 0`.",
    );
  return { ...spec, origin: originRecipe(spec.origin) };
}

function originRecipe(origin: Origin): OriginRecipe {
  switch (origin.kind) {
    case "line": {
      // An abort ends the threads from outside; each of them would tell of its own progress.
      const { signal: _, onProgress: __, dispatcher, ...options } = origin.reader.options;
      if (dispatcher !== undefined)
        throw new HfStreamError(
          "INVALID_OPTION",
          "A `dispatcher` cannot be sent to worker threads. Put `loadDataset` into a module and give its URL to `DataLoader`.",
        );
      return { kind: "line", id: origin.reader.id, options };
    }
    case "repeat":
      return { ...origin, input: specRecipe(origin.input) };
    default:
      return { ...origin, inputs: origin.inputs.map(specRecipe) };
  }
}

function specOf({ origin, ...spec }: SpecRecipe): PlanSpec {
  switch (origin.kind) {
    case "line":
      return { ...spec, origin: { kind: "line", reader: new DatasetReader(origin.id, origin.options) } };
    case "repeat":
      return { ...spec, origin: { ...origin, input: specOf(origin.input) } };
    default:
      return { ...spec, origin: { ...origin, inputs: origin.inputs.map(specOf) } };
  }
}

import { HfStreamError } from "../errors.ts";
import { checkEach, type Checks, invalidArgument, invalidOption, isWhole } from "../fs/option-checks.ts";
import { PARTS, partsOf } from "./dataset-parts.ts";
import { IterableDataset } from "./iterable-dataset.ts";
import type { DatasetRow } from "./row-types.ts";
import type { StopRule } from "./order/source-order.ts";
import type { PlanSpec } from "./plan/spec.ts";

/** Options of `interleaveDatasets`. */
export interface InterleaveOptions {
  /** How often each dataset comes, in sum 1. @default in turn */
  readonly probabilities?: readonly number[] | undefined;
  /** What the choice is derived from, with `probabilities`. @default 0 */
  readonly seed?: number | undefined;
  /**
   * When it ends: with the first dataset that does; when all have ended, those that did before starting again (in the
   * order of their next epoch); or when all have ended, each row once. @default "first_exhausted"
   */
  readonly stop?: StopRule | undefined;
}

const STOP_RULES = new Set<unknown>(["first_exhausted", "all_exhausted", "all_exhausted_without_replacement"]);

const CALL = "interleaveDatasets(datasets, {})";

const CHECKS: Checks<InterleaveOptions> = {
  probabilities: ["a list of numbers from 0 to 1", isProbabilities],
  seed: ["a whole number, at least 0", isWhole(0)],
  stop: ["'first_exhausted', 'all_exhausted' or 'all_exhausted_without_replacement'", (rule) => STOP_RULES.has(rule)],
};

/**
 * Takes rows of several datasets, in turn or by chance. Columns are joined by name; those that a dataset lacks are null in
 * its rows. Throws `INVALID_OPTION` for datasets that are parts already: distribute the result. Rejects with
 * `SCHEMA_MISMATCH` if a column is of different kinds.
 */
export function interleaveDatasets<Row extends object = DatasetRow>(
  datasets: readonly IterableDataset<Row>[],
  options: InterleaveOptions = {},
): IterableDataset<Row> {
  checkEach(options, CHECKS, CALL);
  const inputs = inputsOf(datasets, "interleaveDatasets");
  const { probabilities, seed = 0, stop = "first_exhausted" } = options;
  if (probabilities !== undefined && probabilities.length !== inputs.length)
    throw invalidOption(CALL, "probabilities", `one number for each of ${inputs.length} datasets`, probabilities);
  const sum = probabilities?.reduce((total, chance) => total + chance, 0) ?? 1;
  if (Math.abs(sum - 1) > 1e-6) throw invalidOption(CALL, "probabilities", "numbers that sum to 1", probabilities);
  const origin = {
    kind: "interleave",
    inputs,
    probabilities: probabilities && [...probabilities],
    seed,
    stop,
  } as const;
  return new IterableDataset<Row>({ origin, steps: [], onError: "throw" });
}

/**
 * The rows of several datasets, one after the other. Columns are joined by name; those that a dataset lacks are null in
 * its rows. Errors as those of {@link interleaveDatasets}.
 */
export function concatenateDatasets<Row extends object = DatasetRow>(
  datasets: readonly IterableDataset<Row>[],
): IterableDataset<Row> {
  const inputs = inputsOf(datasets, "concatenateDatasets");
  return new IterableDataset<Row>({ origin: { kind: "concatenate", inputs }, steps: [], onError: "throw" });
}

function isOfOtherCopy(dataset: unknown): boolean {
  return typeof dataset === "object" && dataset !== null && PARTS in dataset && !(dataset instanceof IterableDataset);
}

function inputsOf(datasets: unknown, name: string): PlanSpec[] {
  if (Array.isArray(datasets) && datasets.some((dataset) => isOfOtherCopy(dataset)))
    throw new HfStreamError(
      "INVALID_OPTION",
      `${name}(datasets): some were made by another copy of hfstream, and only those of one copy can be joined. ` +
        "`npm ls hfstream` tells where copies are; `npm dedupe` may leave one. A bundle holds a copy of its own.",
    );
  if (
    !Array.isArray(datasets) ||
    datasets.length === 0 ||
    !datasets.every((dataset) => dataset instanceof IterableDataset)
  )
    throw invalidArgument(`${name}(datasets)`, "a list of at least one dataset", datasets);
  const list = (datasets as readonly IterableDataset[]).map(partsOf);
  for (const [index, { situation }] of list.entries()) {
    const what = [
      ...(situation.parts.length > 0 ? ["`shard` or `splitByNode`"] : []),
      ...(situation.resumed === undefined ? [] : ["`resume`"]),
      ...(situation.epoch === 0 ? [] : ["`withEpoch`"]),
    ];
    if (what.length > 0)
      throw new HfStreamError(
        "INVALID_OPTION",
        `\`${name}\` joins whole datasets, but dataset ${index} (counted from 0) is what ${what.join(", ")} left of one. ` +
          "Join first, and call these on the result.",
      );
  }
  return list.map(({ spec }) => spec);
}

function isProbabilities(value: unknown): boolean {
  return Array.isArray(value) && value.every((chance) => typeof chance === "number" && chance >= 0 && chance <= 1);
}

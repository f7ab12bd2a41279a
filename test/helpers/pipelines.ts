import fc from "fast-check";
import {
  concatenateDatasets,
  interleaveDatasets,
  isHfStreamError,
  type IterableDataset,
  type StopRule,
} from "../../src/index.ts";
import { layoutRows, LAYOUTS } from "./layouts.ts";
import { batchRows, interleaveRows, type ModelRow, multiplyRows, plusOne, testRow } from "./pipeline-model.ts";

/** One call of a chain. */
export type Call =
  | { readonly kind: "map" | "asyncMap" | "select" }
  | { readonly kind: "filter" | "asyncFilter" | "where"; readonly by: number }
  | { readonly kind: "slice"; readonly start: number; readonly end: number }
  | { readonly kind: "batch"; readonly size: number; readonly dropLast: boolean }
  | { readonly kind: "multiply"; readonly size: number }
  | { readonly kind: "shuffle"; readonly seed: number; readonly window: number }
  | { readonly kind: "repeat"; readonly times: number };

export type Origin =
  | { readonly kind: "layout"; readonly layout: number }
  | { readonly kind: "concatenate"; readonly inputs: readonly Pipeline[] }
  | {
      readonly kind: "interleave";
      readonly inputs: readonly Pipeline[];
      readonly stop: StopRule;
      readonly weights: readonly number[] | undefined;
    };

export interface Pipeline {
  readonly origin: Origin;
  readonly calls: readonly Call[];
}

type Dataset = IterableDataset<ModelRow>;

/** A dataset, and what is known of it without reading it. */
export interface Built {
  readonly dataset: Dataset;
  /** What an array would give; `undefined` where chance decides which rows there are. */
  readonly rows: readonly ModelRow[] | undefined;
  /** Whether `rows` stand in their order, or chance decides it. */
  readonly isSorted: boolean;
  /** What the parts have together: the rows, the rows that were joined to batches, or something else. */
  readonly parts: "rows" | "joined rows" | "other";
  /** Whether each row, or batch, of the line gives one row. */
  readonly isDense: boolean;
  /** Whether rows were joined. */
  readonly isBatched: boolean;
  /** Whether rows have been cut that only reading can count. */
  readonly isStrided: boolean;
  /** Whether the order of the inputs decides which rows there are. */
  readonly isPicky: boolean;
  /** Whether states of parts may not be joined, as the documentation says. */
  readonly mayRefuse: boolean;
  /** More rows than this there are not. */
  readonly most: number;
}

const stops = fc.constantFrom<StopRule>("first_exhausted", "all_exhausted", "all_exhausted_without_replacement");

const call: fc.Arbitrary<Call> = fc.oneof(
  fc.constantFrom<Call>({ kind: "map" }, { kind: "asyncMap" }, { kind: "select" }),
  fc.record({ kind: fc.constantFrom("filter", "asyncFilter", "where"), by: fc.integer({ min: 0, max: 6 }) }),
  fc.record({ kind: fc.constant("slice"), start: fc.nat(12), end: fc.constantFrom(3, 10, 25, 40, Infinity) }),
  fc.record({ kind: fc.constant("batch"), size: fc.constantFrom(1, 2, 3, 7), dropLast: fc.boolean() }),
  fc.record({ kind: fc.constant("multiply"), size: fc.constantFrom(1, 2, 5, 11) }),
  fc.record({ kind: fc.constant("shuffle"), seed: fc.nat(99), window: fc.constantFrom(1, 6, 15, 100) }),
  fc.record({ kind: fc.constant("repeat"), times: fc.constantFrom(2, 3, 0) }),
);

const layout = fc.record({
  kind: fc.constant("layout" as const),
  layout: fc.oneof({ weight: 4, arbitrary: fc.nat(4) }, { weight: 1, arbitrary: fc.constant(LAYOUTS.length - 1) }),
});

const joined = (inputs: fc.Arbitrary<Pipeline>): fc.Arbitrary<Origin> =>
  fc.array(inputs, { minLength: 1, maxLength: 3 }).chain((list) =>
    fc.oneof(
      fc.constant<Origin>({ kind: "concatenate", inputs: list }),
      fc.record({
        kind: fc.constant("interleave" as const),
        inputs: fc.constant(list),
        stop: stops,
        weights: fc.option(fc.array(fc.nat(4), { minLength: list.length, maxLength: list.length }), { nil: undefined }),
      }),
    ),
  );

const chain = (origin: fc.Arbitrary<Origin>, most: number): fc.Arbitrary<Pipeline> =>
  fc.record({ origin, calls: fc.array(call, { maxLength: most }) });

/** Chains of one dataset. */
export const chains: fc.Arbitrary<Pipeline> = chain(layout, 5);
/** Chains of datasets that are joined, and joined again. */
export const joins: fc.Arbitrary<Pipeline> = chain(
  joined(
    fc.oneof({ weight: 3, arbitrary: chain(layout, 2) }, { weight: 1, arbitrary: chain(joined(chain(layout, 1)), 1) }),
  ),
  3,
);

/** Puts a pipeline together, and works out on arrays what it must give. `load` opens the dataset of a layout. */
export function build({ origin, calls }: Pipeline, load: (layout: number) => Dataset): Built {
  return calls.reduce(addCall, buildOrigin(origin, load));
}

function buildOrigin(origin: Origin, load: (layout: number) => Dataset): Built {
  if (origin.kind === "layout") {
    const rows = layoutRows(origin.layout);
    const known = { rows, isSorted: true, parts: "rows", isDense: true, isBatched: false } as const;
    const flags = { isStrided: false, mayRefuse: false, isPicky: false };
    return { ...known, ...flags, dataset: load(origin.layout), most: rows.length };
  }
  const inputs = origin.inputs.map((input) => build(input, load));
  const datasets = inputs.map(({ dataset }) => dataset);
  const isDense = inputs.every((input) => input.isDense && !input.isBatched);
  const common = {
    isDense,
    isBatched: inputs.some((input) => input.isBatched),
    isStrided: false,
    isPicky: inputs.some((input) => input.isPicky),
    mayRefuse: inputs.some((input) => input.mayRefuse),
    isSorted: inputs.every((input) => input.isSorted),
    most: inputs.reduce((sum, { most }) => sum + most, 0),
  };
  const parts = leastOf(inputs.map((input) => input.parts));
  const lists = inputs.map(({ rows }) => rows);
  const isKnown = lists.every((rows) => rows !== undefined);
  if (origin.kind === "concatenate")
    return { ...common, parts, dataset: concatenateDatasets(datasets), rows: isKnown ? lists.flat() : undefined };
  const { stop } = origin;
  const total = origin.weights?.reduce((sum, weight) => sum + weight, 0) ?? 0;
  const probabilities = total === 0 ? undefined : origin.weights?.map((weight) => weight / total);
  const dataset = interleaveDatasets(datasets, { stop, probabilities, seed: 5 });
  const isCertain =
    isKnown && probabilities === undefined && (common.isSorted || stop === "all_exhausted_without_replacement");
  return {
    ...common,
    dataset,
    parts: isDense || stop === "all_exhausted_without_replacement" ? parts : "other",
    isPicky: common.isPicky || stop !== "all_exhausted_without_replacement",
    mayRefuse: common.mayRefuse || (!isDense && stop === "all_exhausted"),
    rows: isCertain ? interleaveRows(lists as ModelRow[][], stop) : undefined,
    most: stop === "all_exhausted" ? Infinity : common.most,
  };
}

function leastOf(parts: readonly Built["parts"][]): Built["parts"] {
  if (parts.includes("other")) return "other";
  return parts.includes("joined rows") ? "joined rows" : "rows";
}

/** Adds a call; where the library refuses it, or there would be too many rows, the dataset stays as it is. */
function addCall(built: Built, step: Call): Built {
  const { dataset, rows, isDense, isBatched, isSorted, parts } = built;
  /** What a step on batches makes of parts that have other batches than the whole. */
  const ofJoined = parts === "joined rows" && !built.isStrided ? "other" : parts;
  switch (step.kind) {
    case "map":
      return { ...built, dataset: dataset.map(plusOne), rows: rows?.map((row) => ({ ...row, ...plusOne(row) })) };
    case "asyncMap": {
      const later = async (row: ModelRow): Promise<object> => await Promise.resolve(plusOne(row));
      return {
        ...built,
        dataset: dataset.map(later),
        rows: rows?.map((row) => ({ ...row, ...plusOne(row) })),
      };
    }
    case "select":
      return { ...built, dataset: dataset.select(["mod", "id"]) };
    case "filter":
    case "asyncFilter":
    case "where":
      return addFilter({ ...built, parts: ofJoined }, step);
    case "slice":
      return addSlice(built, step);
    case "multiply":
      return {
        ...built,
        dataset: dataset.map(multiplyRows, { batched: true, batchSize: step.size }),
        rows: rows?.flatMap((row) => Array.from({ length: copiesOf(row) }, () => row)),
        parts: ofJoined,
        isDense: false,
        mayRefuse: built.mayRefuse || !isDense,
        most: built.most * 2,
      };
    case "batch": {
      const isAligned = isDense || built.isStrided;
      // Parts mix their own rows, and so they make other batches than the whole.
      const isSame = built.isStrided || (isAligned && isSorted);
      const own = step.dropLast && !isAligned ? "other" : isSame ? parts : leastOf([ofJoined, "joined rows"]);
      return {
        ...built,
        dataset: dataset.batch(step.size, { dropLast: step.dropLast }),
        rows: isSorted && rows !== undefined ? batchRows(rows, step.size, step.dropLast) : undefined,
        isBatched: true,
        parts: own,
      };
    }
    case "shuffle":
      return addShuffle(built, step);
    case "repeat":
      return addRepeat({ ...built, isBatched }, step.times);
  }
}

/** How often {@link multiplyRows} gives a row. */
function copiesOf(row: ModelRow): number {
  return multiplyRows({ id: [row.id], mod: [row.mod] }).id.length;
}

function addFilter(built: Built, { kind, by }: Extract<Call, { by: number }>): Built {
  const { dataset, rows } = built;
  const common = { ...built, isDense: false };
  if (kind === "where") {
    if (built.isBatched) return built;
    const kept = rows?.filter(({ mod }) => mod !== by);
    return { ...common, dataset: dataset.filter([["mod", "!=", by]]), rows: kept };
  }
  const test = (row: ModelRow): boolean => testRow(row, by);
  const later = async (row: ModelRow): Promise<boolean> => await Promise.resolve(test(row));
  return { ...common, dataset: dataset.filter(kind === "filter" ? test : later), rows: rows?.filter(test) };
}

function addSlice(built: Built, { start, end }: Extract<Call, { kind: "slice" }>): Built {
  const { dataset, isDense, isSorted } = built;
  const [from, to] = [start, Math.max(start, end)];
  const cut = from === 0 ? dataset.take(to) : to === Infinity ? dataset.skip(from) : dataset.slice(from, to);
  const rows = isSorted ? built.rows?.slice(from, to) : undefined;
  const most = Math.min(built.most, to - from);
  if (isDense) return { ...built, dataset: cut, rows, most };
  return { ...built, dataset: cut, rows, most, parts: "rows", isStrided: true, mayRefuse: true };
}

function addShuffle(built: Built, { seed, window }: Extract<Call, { kind: "shuffle" }>): Built {
  try {
    const rows = built.isPicky ? undefined : built.rows;
    return { ...built, dataset: built.dataset.shuffle({ seed, window }), rows, isSorted: false };
  } catch (error) {
    if (isHfStreamError(error, "INVALID_OPTION")) return built;
    throw error;
  }
}

function addRepeat(built: Built, times: number): Built {
  if (built.most * times > 200) return built;
  const { dataset, rows, isDense, isBatched } = built;
  const repeated = rows === undefined ? undefined : Array.from({ length: times }, () => rows).flat();
  // Behind batches each pass is read by itself, and so it is behind what only reading can count.
  const isByPass = isBatched || !isDense;
  return {
    ...built,
    dataset: dataset.repeat(times),
    rows: repeated,
    most: built.most * times,
    isDense: isDense && !isByPass,
    isStrided: built.isStrided && !isByPass,
  };
}

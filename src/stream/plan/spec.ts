import type { DatasetReader } from "../dataset-reader.ts";
import type { Cut } from "../order/parts.ts";
import type { StopRule } from "../order/source-order.ts";
import type { DatasetState } from "../state.ts";
import { type Layout, layoutOf } from "../steps/layout.ts";
import type { ErrorHandler } from "../steps/row-errors.ts";
import type { Step } from "../steps/steps.ts";

/** What a dataset's rows come from. */
export type Origin =
  | { readonly kind: "line"; readonly reader: DatasetReader }
  | { readonly kind: "concatenate"; readonly inputs: readonly PlanSpec[] }
  | ({ readonly kind: "interleave"; readonly inputs: readonly PlanSpec[] } & Interleaving)
  | RepeatOrigin;

/** Passes over a dataset; or one over what an excerpt says of it. */
export interface RepeatOrigin {
  readonly kind: "repeat";
  readonly input: PlanSpec;
  readonly times: number;
  readonly excerpt?: Excerpt | undefined;
}

/** Which rows of a dataset are meant: a part of it, what a state left of it, or both. */
export interface Excerpt {
  readonly parts: readonly Cut[];
  readonly resumed: DatasetState | undefined;
  /** The pipeline that the state has to be of, where steps followed. @default that of the dataset */
  readonly resumedAs?: string | undefined;
}

export interface Interleaving {
  /** How often each input comes; `rows`: in proportion to its rows; left out: in turn. */
  readonly probabilities: readonly number[] | "rows" | undefined;
  readonly seed: number;
  readonly stop: StopRule;
}

/** A dataset as it was put together: nothing is read, all of it is known. */
export interface PlanSpec {
  readonly origin: Origin;
  readonly steps: readonly Step[];
  /** What happens to rows that fail. */
  readonly onError: ErrorHandler;
}

/** What is known of a dataset's order before anything is read. */
export interface SpecShape {
  readonly layout: Layout;
  /** Whether its rows can be read from any place on. */
  readonly isAddressable: boolean;
  /** Whether each place gives a row. */
  readonly isDense: boolean;
}

/** Sorts the steps of a dataset. Throws `INVALID_OPTION` where they contradict each other. */
export function shapeOf({ origin, steps, onError }: PlanSpec): SpecShape {
  const below = shapeOfOrigin(origin);
  const layout = layoutOf(steps, { ...below, isColumnar: origin.kind === "line", mayLose: onError !== "throw" });
  const isAddressable = below.isAddressable && !layout.isSequential;
  return { layout, isAddressable, isDense: isAddressable && layout.isDense };
}

/** Whether the rows of an origin can be read from any place on. */
export function hasPlaces(origin: Origin): boolean {
  return shapeOfOrigin(origin).isAddressable;
}

function shapeOfOrigin(origin: Origin): { readonly isAddressable: boolean; readonly isDense: boolean } {
  switch (origin.kind) {
    case "line":
      return { isAddressable: true, isDense: true };
    case "repeat":
      return { isAddressable: false, isDense: false };
    case "concatenate":
    case "interleave": {
      const shapes = origin.inputs.map(shapeOf);
      const isWhole = shapes.every(({ isAddressable, layout }) => isAddressable && !layout.isGrouped);
      const isDense = shapes.every((shape) => shape.isDense);
      // Whose turn it is can be told where no row is missing; one of a file that is left out may be.
      const isExact =
        isDense && origin.inputs.flatMap(readersOf).every(({ settings }) => settings.onBadFile === "throw");
      return { isAddressable: isWhole && (isExact || origin.kind === "concatenate"), isDense };
    }
  }
}

/** The same with another handler of rows that fail; of what it joins or repeats too, unless that has one of its own. */
export function withErrorHandler(spec: PlanSpec, onError: ErrorHandler): PlanSpec {
  const below = (input: PlanSpec): PlanSpec => (input.onError === "throw" ? withErrorHandler(input, onError) : input);
  const { origin } = spec;
  switch (origin.kind) {
    case "line":
      return { ...spec, onError };
    case "repeat":
      return { ...spec, onError, origin: { ...origin, input: withErrorHandler(origin.input, onError) } };
    case "concatenate":
    case "interleave":
      return { ...spec, onError, origin: { ...origin, inputs: origin.inputs.map(below) } };
  }
}

/** What a dataset is made of: nothing else for one that is read. */
export function inputsOf(origin: Origin): readonly PlanSpec[] {
  if (origin.kind === "line") return [];
  return origin.kind === "repeat" ? [origin.input] : origin.inputs;
}

/** All excerpts that a dataset is made of, with what each is of. */
export function excerptsOf({ origin }: PlanSpec): { readonly input: PlanSpec; readonly excerpt: Excerpt }[] {
  const below = inputsOf(origin).flatMap(excerptsOf);
  if (origin.kind !== "repeat" || origin.excerpt === undefined) return below;
  return [{ input: origin.input, excerpt: origin.excerpt }, ...below];
}

/** The memory budgets that windows of mixed rows are made for, in the order of {@link readersOf}. */
export function windowBudgetsOf({ origin }: PlanSpec): readonly number[] {
  if (origin.kind === "line") return [origin.reader.settings.memoryBudget];
  const saved = origin.kind === "repeat" ? origin.excerpt?.resumed?.windowBudgets : undefined;
  return saved ?? inputsOf(origin).flatMap(windowBudgetsOf);
}

/** Whether rows are mixed anywhere in it. */
export function isMixed({ origin, steps }: PlanSpec): boolean {
  return steps.some(({ kind }) => kind === "shuffle") || inputsOf(origin).some(isMixed);
}

/** All datasets that are read, in order. */
export function readersOf({ origin }: PlanSpec): DatasetReader[] {
  return origin.kind === "line" ? [origin.reader] : inputsOf(origin).flatMap(readersOf);
}

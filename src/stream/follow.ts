import { HfStreamError } from "../errors.ts";
import type { DatasetParts } from "./dataset-parts.ts";
import { isPart, type Part } from "./order/parts.ts";
import { type PlanSpec, shapeOf } from "./plan/spec.ts";
import { isPerRow, type Step } from "./steps/steps.ts";

/**
 * The dataset that a step makes of another one. It works on the rows so far, also where these are a part, or what a state
 * left: `take`, `skip` and `slice` of a part are arithmetic as long as each place gives a row.
 */
export function follow({ spec, situation }: DatasetParts, step: Step): DatasetParts {
  const { parts, resumed } = situation;
  if (step.kind === "slice" && parts.length > 0 && resumed === undefined && shapeOf(spec).isDense) {
    const slice = { start: step.start, end: Number.isFinite(step.end) ? step.end : null };
    return { spec, situation: { ...situation, parts: [...parts, slice] } };
  }
  const mayAdd = isSettled({ spec, situation }) ? isPerRow(step) : step.kind !== "slice" || parts.length === 0;
  if (mayAdd) return { spec: { ...spec, steps: [...spec.steps, step] }, situation };
  return excerptWith({ spec, situation }, [step]);
}

/** The rows of a dataset as what another one is made of, so that whatever follows is of these rows. */
function excerptWith({ spec, situation }: DatasetParts, steps: readonly Step[]): DatasetParts {
  const { epoch, ...excerpt } = situation;
  const made: PlanSpec = { origin: { kind: "repeat", input: spec, times: 1, excerpt }, steps, onError: spec.onError };
  return { spec: made, situation: { epoch, parts: [], resumed: undefined } };
}

/** The rows so far, `times` over. */
export function repeated({ spec, situation }: DatasetParts, times: number): DatasetParts {
  if (isSettled({ spec, situation })) {
    const { spec: input, situation: whole } = excerptWith({ spec, situation }, []);
    return { spec: { origin: { kind: "repeat", input, times }, steps: [], onError: "throw" }, situation: whole };
  }
  if (shapeOf(spec).layout.isOrdered) return follow({ spec, situation }, { kind: "repeat", times });
  return { spec: { origin: { kind: "repeat", input: spec, times }, steps: [], onError: "throw" }, situation };
}

/** A part of the rows so far. Of what a state left of a part, it is of that rest: the state is not of parts of it. */
export function dealt({ spec, situation }: DatasetParts, part: Part): DatasetParts {
  const { parts, resumed } = situation;
  const isOfPart = resumed !== undefined && parts.length > 0 && JSON.stringify(resumed.part) === JSON.stringify(parts);
  const whole = isOfPart ? excerptWith({ spec, situation }, []) : { spec, situation };
  return { spec: whole.spec, situation: { ...whole.situation, parts: [...whole.situation.parts, part] } };
}

/** Throws `INVALID_OPTION` for a call that changes what rows there are, after rows of these were chosen. */
export function checkUnsettled(parts: DatasetParts, call: string): void {
  if (!isSettled(parts)) return;
  const cause =
    parts.situation.resumed === undefined
      ? "`take`, `skip` or `slice` of what `shard` or `splitByNode` gave"
      : "`resume`";
  throw new HfStreamError("INVALID_OPTION", `${call}: it cannot follow ${cause}. Call it before.`);
}

/** Whether rows were chosen by their places: what follows must not change where rows stand. */
function isSettled({ situation: { parts, resumed } }: DatasetParts): boolean {
  return resumed !== undefined || !parts.every(isPart);
}

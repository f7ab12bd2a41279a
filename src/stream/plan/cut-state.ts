import type { Part } from "../order/parts.ts";
import type { Plan } from "./plan.ts";
import { countTurns } from "./turns.ts";
import { courseFromJson, cutPieces, type PlanState } from "./plan-state.ts";

/** What is left for one part of a state of the whole; `undefined` if rows must be counted to tell. */
export function cutPlanState(plan: Plan, state: PlanState, parts: readonly Part[]): PlanState | undefined {
  const { source } = plan;
  if ("inner" in state) {
    if (source.isAddressable) return undefined;
    const inputs = (state.inner["inputs"] as readonly PlanState[]).map((input, index) =>
      cutPlanState(source.inputOf(index) as Plan, input, plan.takesTurns ? [] : parts),
    );
    if (inputs.includes(undefined)) return undefined;
    const turns = plan.takesTurns ? { counts: countTurns(plan, state) } : {};
    return { ...state, inner: { ...state.inner, inputs }, ...turns };
  }
  if (plan.takesTurns) return { ...state, counts: countTurns(plan, state) };
  const course = courseFromJson(state.course);
  if (!Number.isFinite(course.end) && state.pieces.some(([, end]) => end === null)) return undefined;
  return cutPieces(course, state, parts);
}

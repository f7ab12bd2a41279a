import { isObject, isWhole } from "../../fs/option-checks.ts";
import { type Piece, pieceFromJson, type PieceJson } from "../order/piece.ts";
import type { SourceMark } from "../order/source-order.ts";
import type { Plan } from "./plan.ts";
import type { InnerState, PiecesState, PlanState } from "./plan-state.ts";

/** More passes of a repeated dataset are never left at the same time. */
export const MOST_PASSES = 1000;

/** Beyond it numbers of rows are not exact. */
const MOST_ROWS = 2 ** 52;

const isCount = (value: unknown): value is number => isWhole(0)(value) && (value as number) <= MOST_ROWS;
const isCounts = (value: unknown): value is readonly number[] => Array.isArray(value) && value.every(isCount);
const isCountOrNull = (value: unknown): boolean => value === null || isCount(value);

/** Whether a value, as of JSON, can be the state of some plan: what it says of rows is possible, if not right. */
export function isPlanState(value: unknown): value is PlanState {
  if (!isObject(value)) return false;
  const state = value as Partial<PiecesState & InnerState>;
  if (state.counts !== undefined && !isCounts(state.counts)) return false;
  return state.inner === undefined ? isPieces(state) : isInner(state.inner);
}

/** Whether a state is of the kind that a plan gives; its fingerprint says so too, if nobody changed it. */
export function fitsPlan(plan: Plan, state: PlanState): boolean {
  const { source } = plan;
  if (source.isAddressable) return "pieces" in state;
  if (!("inner" in state) || source.repeats !== "times" in state.inner) return false;
  const inputs = state.inner["inputs"] as readonly PlanState[];
  if (!source.repeats && source.inputOf(inputs.length) !== undefined) return false;
  return inputs.every((input, index) => {
    const own = source.inputOf(index);
    return own !== undefined && fitsPlan(own, input);
  });
}

/** Whether pieces, which are sorted, have rows in common. */
export function overlap(pieces: readonly Piece[]): boolean {
  return pieces.some((piece, index) => {
    const before = pieces[index - 1];
    if (before === undefined || piece.start >= before.end) return false;
    return piece.start !== before.start || piece.end !== before.end || piece.from < before.to;
  });
}

function isPieces({ pieces, next, course }: Partial<PiecesState>): boolean {
  if (!Array.isArray(pieces) || !Array.isArray(course) || course.length !== 4 || !isCountOrNull(next)) return false;
  const [end, round, offset, grain] = course as PiecesState["course"];
  if (!isCountOrNull(end) || !isCountOrNull(round) || !isCount(offset) || !isWhole(1)(grain)) return false;
  if (round === 0 && end !== 0) return false;
  if (!pieces.every(isPiece)) return false;
  const last = Math.min(end ?? Infinity, next ?? Infinity);
  const own = (pieces as PieceJson[]).map(pieceFromJson);
  if (own.some((piece) => Number.isFinite(piece.end) && piece.end > last)) return false;
  return (next ?? 0) <= (end ?? Infinity) && !overlap(own.filter(({ isPadding }) => isPadding !== true));
}

function isPiece(value: unknown): boolean {
  if (!Array.isArray(value) || value.length < 4 || value.length > 6) return false;
  const [start, end, from, to, skip = 0, padding = 1] = value as unknown[];
  if (![start, from, skip].every(isCount) || ![end, to].every(isCountOrNull) || padding !== 1) return false;
  const piece = pieceFromJson(value as unknown as PieceJson);
  return piece.from <= piece.to && piece.start + piece.to <= piece.end;
}

function isInner(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { mark, passes, inputs, rows, times } = value as { readonly [name: string]: unknown };
  if (!isCounts(passes) || !Array.isArray(inputs) || passes.length !== inputs.length || passes.length === 0)
    return false;
  if (!isCount(rows) || !inputs.every(isPlanState)) return false;
  if (times === undefined) return isMark(mark, inputs.length);
  const isAscending = passes.every((pass, index) => index === 0 || pass > (passes[index - 1] as number));
  return isCountOrNull(times) && isAscending && passes.length <= MOST_PASSES;
}

function isMark(value: unknown, inputs: number): boolean {
  if (!isObject(value)) return false;
  if (Object.keys(value).length === 1) return isCount((value as { readonly position?: unknown }).position);
  const { position, start, first, empty, exhausted } = value as Partial<SourceMark>;
  const areInputs = (list: unknown): boolean => isCounts(list) && list.every((input) => input < inputs);
  if (![position, start, first].every(isCount) || !areInputs(empty) || !areInputs(exhausted)) return false;
  return (start as number) <= (position as number);
}

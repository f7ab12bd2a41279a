import { HfStreamError } from "../../errors.ts";
import type { SourceState } from "../block.ts";
import { MOST_PASSES, overlap } from "./check-state.ts";
import {
  type Course,
  type Cut,
  cutParts,
  dealtCourse,
  isPart,
  type Part,
  RoundCutter,
  roundAt,
} from "../order/parts.ts";
import type { SourceMark } from "../order/source-order.ts";
import { type Piece, type PieceJson, pieceFromJson, pieceRows, pieceToJson } from "../order/piece.ts";
import type { PassState } from "./repetition.ts";

/** Where a plan stands. Plain JSON. */
export type PlanState = PiecesState | InnerState;

/** What is left of the rows of a plan whose places are known. */
export interface PiecesState {
  /** What is left of the round under way. */
  readonly pieces: readonly PieceJson[];
  /** The row at which the next round begins; `null`: there is none. */
  readonly next: number | null;
  /** End, rows of a round, offset and grain of the {@link Course}; `null` is an end that is not known. */
  readonly course: readonly [number | null, number | null, number, number];
  /** What steps that count rows have counted, and then the rows at which parts take turns; left out if nothing. */
  readonly counts?: readonly number[];
}

/** What a source that counts for itself says. */
export interface InnerState {
  readonly inner: SourceState;
  readonly counts?: readonly number[];
}

export function courseToJson({ end, round, offset, grain }: Course): PiecesState["course"] {
  const known = (rows: number): number | null => (Number.isFinite(rows) ? rows : null);
  return [known(end), known(round), offset, grain];
}

export function courseFromJson([end, round, offset, grain]: PiecesState["course"]): Course {
  return { end: end ?? Infinity, round: round ?? Infinity, offset, grain };
}

/** Throws `STATE_MISMATCH` if a state is of another number of rows, as far as that is known. */
export function checkCourse({ course }: PiecesState, { end, round, offset, grain }: Course): void {
  const saved = courseFromJson(course);
  const isSame = (before: number, now: number): boolean => before === now || before === Infinity || now === Infinity;
  if (isSame(saved.end, end) && isSame(saved.round, round) && saved.offset === offset && saved.grain === grain) return;
  throw new HfStreamError(
    "STATE_MISMATCH",
    `The state cannot be used: it is of ${saved.end} rows, and there are ${end} now. It is damaged, or files that could not be ` +
      "read then can be read now, or the other way round.",
  );
}

/** A piece, and what follows it. */
export interface PlacedPiece {
  readonly piece: Piece;
  /** The pieces after it in the same round. */
  readonly rest: readonly Piece[];
  /** The row at which the next round begins; `null`: there is none. */
  readonly next: number | null;
}

/** What is left for a part of what a state of the whole says. Rows must be counted. */
export function cutPieces(course: Course, state: PiecesState, parts: readonly Part[]): PiecesState {
  let { next } = state;
  const whole = state.pieces.map((json) => {
    const piece = within(course, pieceFromJson(json));
    if (Number.isFinite(piece.end) || parts.length === 0) return piece;
    next = (roundAt(dealtCourse(course), piece.start + piece.from) as Piece).end;
    return { ...piece, end: next, to: next - piece.start };
  });
  const pieces = cutParts(whole, parts, course.grain, 0).map(pieceToJson);
  return { ...state, pieces, next, course: courseToJson(course) };
}

/** The pieces of one round, or of several that only together hold a whole pass. */
export interface Round {
  readonly pieces: readonly PlacedPiece[];
  readonly isLast: boolean;
}

/**
 * The rounds of a part that hold pieces of it: first what a state of it left of the round under way. Each of the others
 * holds a whole pass, but for the last one: rounds may be shorter, where they end with a batch or rows were skipped.
 */
export function* roundsOf(course: Course, state: PiecesState, cuts: readonly Cut[]): Generator<Round> {
  let { next } = state;
  const begun = state.pieces.map((json) => within(course, pieceFromJson(json)));
  if (begun.length > 0) yield { pieces: placePieces(begun, next), isLast: next === null };
  const rounds = cuts.length === 0 ? course : dealtCourse(course);
  // Rows are dealt to all parts in turn: one that got none in so many rounds never gets any.
  const turns = cuts.filter(isPart).reduce((product, { count }) => product * count, 1);
  const cutter = roundCutter(rounds, cuts, next ?? course.end);
  let pieces: PlacedPiece[] = [];
  let first = next;
  for (let missed = 0; next !== null && missed < turns && !cutter.isPast; missed += 1) {
    const round = roundAt(rounds, next);
    if (round === undefined) break;
    const { pieces: cut, isReached } = cutter.cut(round);
    next = round.end < course.end ? round.end : null;
    const own = placePieces(cut, next);
    if (own.length > 0 || isReached) missed = -1;
    pieces.push(...own);
    if (pieces.length === 0 || (next !== null && !holdsPass(rounds, first ?? 0, round.end))) continue;
    yield { pieces, isLast: next === null };
    [pieces, first] = [[], next];
  }
  if (pieces.length > 0) yield { pieces, isLast: true };
}

/** Cuts rounds from that at row `next` on; without slices each can be cut by itself. */
function roundCutter(course: Course, cuts: readonly Cut[], next: number): Pick<RoundCutter, "cut" | "isPast"> {
  const parts = cuts.filter(isPart);
  if (parts.length < cuts.length) return new RoundCutter(cuts, course, next);
  const cut: RoundCutter["cut"] = (round) => {
    const pieces = parts.length === 0 ? [round] : cutParts([round], parts, course.grain, round.start);
    return { pieces, isReached: false };
  };
  return { cut, isPast: false };
}

/** Whether rows `[start, end)` hold all of a pass. */
function holdsPass({ round, offset }: Course, start: number, end: number): boolean {
  if (!Number.isFinite(round)) return true;
  return Math.ceil((start + offset) / round) * round + round <= end + offset;
}

/** The pieces of a part, in order. */
export function* piecesOf(course: Course, state: PiecesState, cuts: readonly Cut[]): Generator<PlacedPiece> {
  for (const { pieces } of roundsOf(course, state, cuts)) yield* pieces;
}

function placePieces(pieces: readonly Piece[], next: number | null): PlacedPiece[] {
  const left = pieces.filter((piece) => pieceRows(piece) > 0);
  return left.map((piece, index) => ({ piece, rest: left.slice(index + 1), next }));
}

/** A piece that was saved when the end was not known, where it is known now. */
function within(course: Course, piece: Piece): Piece {
  if (piece.end <= course.end) return piece;
  return { ...piece, end: course.end, to: Math.min(piece.to, course.end - piece.start) };
}

/** The state of a part that has not begun, by that of another part of the same plan. */
export function unbegun(other: PlanState): PlanState {
  const counts = other.counts === undefined ? {} : { counts: other.counts.map(() => 0) };
  if ("pieces" in other) return { pieces: [], next: 0, course: other.course, ...counts };
  const { inputs, times } = other.inner as Pick<PassState, "inputs" | "times">;
  const begun = { rows: 0, ...(times === undefined ? { mark: { position: 0 } } : { times }) };
  const left = (times === undefined ? inputs : inputs.slice(0, 1)).map(unbegun);
  return { inner: { ...begun, passes: left.map(() => 0), inputs: left }, ...counts };
}

/** The state of a part that has ended, by that of another part of the same plan. */
function ended(other: PlanState): PlanState {
  if ("pieces" in other) return { ...other, pieces: [], next: null };
  const { inputs, times } = other.inner as Pick<PassState, "inputs" | "times">;
  const left = (times === undefined ? inputs : inputs.slice(0, 1)).map(ended);
  if (times !== undefined) return { ...other, inner: { ...other.inner, passes: [times], inputs: left } };
  const mark = { position: 0, start: 0, first: 0, empty: [], exhausted: left.map((_, input) => input) };
  return { ...other, inner: { ...other.inner, mark, passes: left.map(() => 0), inputs: left } };
}

/** Joins what all parts of a plan left. Throws `STATE_MISMATCH` where that cannot be told. */
export function mergePlanStates(states: readonly PlanState[], partsOf: readonly (readonly Part[])[]): PlanState {
  const [first] = states;
  if (first === undefined || states.length === 1) return first as PlanState;
  if (states.some(({ counts }) => counts !== undefined)) {
    // Where parts take turns, what one has left is in no state but its own.
    if (new Set(states.map((state) => JSON.stringify(state))).size === 1) return first; // none has begun, or all have ended
    throw withinUncounted();
  }
  const whole = states.filter((state) => "pieces" in state);
  if (whole.length === states.length) return mergePieces(whole, partsOf);
  const inner = states.flatMap((state) => ("inner" in state ? [state.inner] : []));
  if (inner.length !== states.length) throw mismatch("they are of different kinds.");
  return { inner: mergeInner(inner, partsOf) };
}

/** Parts may be in different rounds: what is left of those that others have begun is added piece by piece. */
function mergePieces(states: readonly PiecesState[], partsOf: readonly (readonly Part[])[]): PiecesState {
  const course = courseFromJson((states[0] as PiecesState).course);
  if (states.some((state) => JSON.stringify(state.course) !== JSON.stringify(states[0]?.course)))
    throw mismatch("they are of different numbers of rows.");
  const last = states.reduce((most, { next }) => Math.max(most, next ?? course.end), 0);
  if (last === Infinity) throw withinUncounted();
  const pieces = states.flatMap((state, index) => {
    const left = state.pieces.map(pieceFromJson);
    for (let next = state.next ?? course.end; next < last;) {
      const round = roundAt(dealtCourse(course), next) as Piece;
      left.push(...cutParts([round], partsOf[index] ?? [], course.grain, next));
      next = round.end;
    }
    return left.filter(({ isPadding }) => isPadding !== true);
  });
  const sorted = joinNeighbours(pieces.sort((a, b) => a.start - b.start || a.from - b.from));
  if (overlap(sorted)) throw mismatch("some rows are in more than one of them: they come from different runs.");
  const { course: json } = states[0] as PiecesState;
  return { pieces: sorted.map(pieceToJson), next: last >= course.end ? null : last, course: json };
}

/** Rows of the line that nobody has begun, joined with those that follow. */
function joinNeighbours(pieces: readonly Piece[]): Piece[] {
  const isFresh = ({ start, end, from, to, skip }: Piece): boolean =>
    from === 0 && to === end - start && (skip ?? 0) === 0;
  const joined: Piece[] = [];
  for (const piece of pieces) {
    const last = joined.at(-1);
    if (last !== undefined && isFresh(last) && isFresh(piece) && last.end === piece.start) {
      joined[joined.length - 1] = { start: last.start, end: piece.end, from: 0, to: piece.end - last.start };
    } else joined.push(piece);
  }
  return joined;
}

/** Joins the states of sources that count for themselves. */
function mergeInner(states: readonly SourceState[], partsOf: readonly (readonly Part[])[]): SourceState {
  const rows = Math.max(...states.map((state) => state["rows"] as number));
  if (states.every((state) => "times" in state)) return mergePasses(states as readonly PassState[], partsOf, rows);
  const inputs = states.map((state) => state["inputs"] as readonly PlanState[]);
  const passes = states.map((state) => JSON.stringify(state["passes"]));
  if (new Set(passes).size > 1)
    throw mismatch("datasets that were interleaved have begun again for some, and not for others.");
  const merged = (inputs[0] ?? []).map((_, index) =>
    mergePlanStates(
      inputs.map((own) => own[index] as PlanState),
      partsOf,
    ),
  );
  return { ...(states[0] as SourceState), ...mergeMarks(states), inputs: merged, rows };
}

/** Parts may be in different passes: what is left is joined pass by pass. */
function mergePasses(states: readonly PassState[], partsOf: readonly (readonly Part[])[], rows: number): PassState {
  const [first] = states as [PassState];
  const all = states.flatMap(({ passes }) => passes);
  const [sample] = first.inputs as [PlanState];
  const begin = Math.min(...all);
  if (Math.max(...all) - begin > MOST_PASSES) throw mismatch("they are too many passes apart.");
  const passes = Array.from({ length: Math.max(...all) - begin + 1 }, (_, index) => begin + index);
  const inputs = passes.map((pass) => {
    const left = states.map((state) => {
      const listed = state.inputs[state.passes.indexOf(pass)];
      return listed ?? (pass > (state.passes.at(-1) ?? 0) ? unbegun(sample) : ended(sample));
    });
    return mergePlanStates(left, partsOf);
  });
  return { ...first, passes, inputs, rows };
}

/** Goes on from the part that is least far: an input has ended when it has for all. */
function mergeMarks(states: readonly SourceState[]): { readonly mark?: SourceMark } {
  const marks = states.flatMap((state) => ("mark" in state ? [state["mark"] as Partial<SourceMark>] : []));
  if (marks.length === 0) return {};
  const least = marks.reduce((first, mark) => ((mark.position ?? 0) < (first.position ?? 0) ? mark : first));
  const exhausted = (least.exhausted ?? []).filter((input) => marks.every((mark) => mark.exhausted?.includes(input)));
  const { position = 0, start = 0, first = 0 } = least;
  return { mark: { position, start, first, empty: [], exhausted } };
}

function withinUncounted(): HfStreamError {
  return mismatch(
    "they stand within rows that only reading can count: behind `take`, `skip` or `slice` of what a filter leaves, or within " +
      "a batch of a batched `map` behind a filter. Resume with as many parts as before.",
  );
}

function mismatch(reason: string): HfStreamError {
  return new HfStreamError("STATE_MISMATCH", `These states cannot be merged: ${reason}`);
}

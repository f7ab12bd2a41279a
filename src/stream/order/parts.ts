import { type Piece, pieceRows, restOfPiece, wholePiece } from "./piece.ts";

/** What to do when rows do not divide evenly: nothing, leave the last ones out, or repeat some. */
export type Equalize = "none" | "drop" | "pad";

/** One of `count` parts. */
export interface Part {
  readonly count: number;
  readonly index: number;
  readonly equalize: Equalize;
}

/** Rows, or batches, `[start, end)` of a part, counted through all its rounds; `null`: to its end. */
export interface PartSlice {
  readonly start: number;
  readonly end: number | null;
}

/** What is taken of what the cuts before it left; the first is of the whole. */
export type Cut = Part | PartSlice;

export function isPart(cut: Cut): cut is Part {
  return "count" in cut;
}

export function describeCut(cut: Cut): string {
  if (isPart(cut)) return `part ${cut.index} of ${cut.count}`;
  return `rows ${cut.start} to ${cut.end ?? "the end"} of it`;
}

/** How a line is gone through: its rows, how often, and where it may be cut. Plain JSON but for `Infinity`. */
export interface Course {
  /** Rows of all rounds. */
  readonly end: number;
  /** Rows of one round, which is cut into parts on its own; the first is shorter by `offset`. */
  readonly round: number;
  readonly offset: number;
  /** Rows that belong together, counted from the beginning: a batch. */
  readonly grain: number;
}

/** Rows of a round where there is no end: so many that a part is seldom cut. */
const ENDLESS_ROUND = 2 ** 20;

/** How a line is gone through whose rows are counted and dealt to parts: one without end is dealt in rounds too. */
export function dealtCourse(course: Course): Course {
  const isEndless = course.end === Infinity && course.round === Infinity;
  return isEndless ? { ...course, round: ENDLESS_ROUND } : course;
}

/** The round that begins at a row; `undefined` at the end. Rounds end where a batch does. */
export function roundAt(course: Course, start: number): Piece | undefined {
  const { end, round, offset, grain } = course;
  if (start >= end) return undefined;
  if (!Number.isFinite(round)) return wholePiece(start, end);
  const passed = Math.floor((start + offset) / round) + 1;
  const border = Math.ceil((passed * round - offset) / grain) * grain;
  return wholePiece(start, Math.min(end, border));
}

/**
 * Gives the pieces of a part of a part …, the whole first. Parts are disjoint, complete, and differ by at most one item
 * (a row, or a batch of `grain` rows); with `equalize` they are equal. `before` counts the rows of earlier rounds: who
 * gets a row more goes on from there, so that parts do not drift apart.
 */
export function cutParts(pieces: readonly Piece[], parts: readonly Part[], grain: number, before: number): Piece[] {
  let [own, dealt] = [[...pieces], Math.ceil(before / grain)];
  for (const part of parts) {
    own = cutPart(own, part, grain, dealt);
    dealt = Math.floor(dealt / part.count) + (part.index < dealt % part.count ? 1 : 0);
  }
  return own;
}

/** What a round leaves after all cuts, and whether anything came to the last slice among them. */
interface CutRound {
  readonly pieces: readonly Piece[];
  readonly isReached: boolean;
}

/** Cuts the rounds of a course, in order: what slices take of one depends on those before. */
export class RoundCutter {
  readonly #cuts: readonly Cut[];
  readonly #grain: number;
  /** Items that came to each cut in earlier rounds. */
  readonly #seen: number[];

  /** Begins with the round at row `next`. */
  constructor(cuts: readonly Cut[], course: Course, next: number) {
    this.#cuts = cuts;
    this.#grain = course.grain;
    this.#seen = cuts.map(() => 0);
    for (let round = roundAt(course, 0); round !== undefined && round.start < next && !this.isPast;) {
      this.cut(round);
      round = roundAt(course, round.end);
    }
  }

  /** Whether a slice has all its rows: later rounds leave nothing. */
  get isPast(): boolean {
    return this.#cuts.some((cut, level) => !isPart(cut) && (this.#seen[level] as number) >= (cut.end ?? Infinity));
  }

  cut(round: Piece): CutRound {
    let pieces: readonly Piece[] = [round];
    let isReached = false;
    for (const [level, cut] of this.#cuts.entries()) {
      const seen = this.#seen[level] as number;
      const items = countItems(pieces, this.#grain);
      this.#seen[level] = seen + items;
      if (isPart(cut)) pieces = cutPart(pieces, cut, this.#grain, seen);
      else {
        isReached = items > 0;
        const first = Math.max(0, cut.start - seen);
        const end = Math.min(items, (cut.end ?? Infinity) - seen);
        pieces = takeItems(pieces, first, Math.max(0, end - first), this.#grain, restOfRows);
      }
    }
    return { pieces, isReached };
  }
}

function cutPart(pieces: readonly Piece[], { count, index, equalize }: Part, grain: number, dealt: number): Piece[] {
  const total = countItems(pieces, grain);
  const least = Math.floor(total / count);
  if (equalize === "drop") return takeItems(pieces, index * least, least, grain);
  const extra = total % count;
  const turn = dealt % count; // the first part that gets one more
  const more = (part: number): number => overlap(turn, extra, part) + overlap(turn - count, extra, part);
  const first = index * least + more(index);
  const items = least + more(index + 1) - more(index);
  const own = takeItems(pieces, first, items, grain);
  if (equalize === "none" || extra === 0 || items > least) return own;
  const padding = own.length > 0 ? takeItems(own, 0, 1, grain) : takeItems(pieces, 0, 1, grain);
  return [...own, ...padding.map((piece) => ({ ...piece, isPadding: true }))];
}

/** How many of the parts `[turn, turn + extra)` come before `part`. */
function overlap(turn: number, extra: number, part: number): number {
  return Math.max(0, Math.min(part, turn + extra) - Math.max(0, turn));
}

function countItems(pieces: readonly Piece[], grain: number): number {
  return pieces.reduce((sum, piece) => sum + itemsOf(piece, grain), 0);
}

function itemsOf(piece: Piece, grain: number): number {
  return Math.ceil(pieceRows(piece) / grain);
}

/** Cuts items `[first, first + count)` out of pieces that stand one after the other. */
function takeItems(
  pieces: readonly Piece[],
  first: number,
  count: number,
  grain: number,
  cut: typeof cutPiece = cutPiece,
): Piece[] {
  const taken: Piece[] = [];
  let before = 0;
  for (const piece of pieces) {
    const items = itemsOf(piece, grain);
    const start = Math.max(0, first - before);
    const end = Math.min(items, first + count - before);
    if (start < end) taken.push(cut(piece, start * grain, Math.min(pieceRows(piece), end * grain)));
    before += items;
  }
  return taken;
}

/**
 * Rows `[start, end)` of what is left of a piece. Of one that was not begun, rows of the line: then only its own units
 * are read. Of one that was, places of its order.
 */
function cutPiece(piece: Piece, start: number, end: number): Piece {
  const isBegun = piece.from > 0 || (piece.skip ?? 0) > 0 || piece.end - piece.start !== piece.to;
  return isBegun ? restOfRows(piece, start, end) : wholePiece(piece.start + start, piece.start + end);
}

/** Rows `[start, end)` of what is left of a piece, in the order in which the piece has them. */
function restOfRows(piece: Piece, start: number, end: number): Piece {
  return restOfPiece({ ...piece, to: piece.from + end }, piece.from + start, start === 0 ? (piece.skip ?? 0) : 0);
}

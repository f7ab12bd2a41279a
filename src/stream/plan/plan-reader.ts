import type { DataBlock } from "../arrow/data-block.ts";
import type { Block, Mark } from "../block.ts";
import type { Span } from "../line.ts";
import type { Order } from "../order/order.ts";
import { isPart } from "../order/parts.ts";
import { type Piece, pieceRows, pieceToJson, restOfPiece } from "../order/piece.ts";
import type { AnyRow } from "../steps/steps.ts";
import { Line } from "./line.ts";
import type { Plan } from "./plan.ts";
import {
  checkCourse,
  courseToJson,
  cutPieces,
  type PiecesState,
  piecesOf,
  roundsOf,
  type PlacedPiece,
  type PlanState,
} from "./plan-state.ts";
import { type Beginning, type PieceRange, type PlanRequest, type Reading, ROUND_END } from "./source.ts";
import { countTurns, dataInTurn, rowsInTurn } from "./turns.ts";

/** Rows, and the state in which each leaves the plan. */
export interface StatedBlock {
  readonly block: Block<AnyRow>;
  /** What is left after a row of the block. */
  stateAfter(index: number): PlanState;
}

/** A piece that is read, and the one that it is part of. */
export interface DealtPiece {
  readonly piece: Piece;
  readonly placed: PlacedPiece;
}

/** What came of a round of rows that repeat. */
export interface ReadRound {
  readonly rows: number;
  /** Whether it was read from its beginning. */
  readonly isWhole: boolean;
}

/** Who reads what of rows that others read too. */
export interface Deal {
  /** Picks what is read of pieces, round by round; `seams` knows where one can be cut for nothing. */
  pick(pieces: Iterable<PlacedPiece>, seams: (piece: Piece) => AsyncIterable<number>): AsyncIterable<DealtPiece>;
  /** Whether to go on after a round, which gave so many rows; asked of each but the last, in order. */
  goesOn(round: ReadRound): boolean | Promise<boolean>;
}

/** Reads the rows of a plan that a request asks for, and knows the state in which each leaves it. */
export class PlanReader {
  readonly #plan: Plan;
  readonly #request: PlanRequest;
  readonly #reading: Reading;
  /** What is asked of the source: all of it where parts take turns. */
  readonly #asked: PlanRequest;

  constructor(plan: Plan, request: PlanRequest, reading: Reading) {
    this.#plan = plan;
    this.#request = request;
    this.#reading = reading;
    this.#asked = request.parts.length > 0 && plan.takesTurns ? { ...request, parts: [] } : request;
  }

  /** The state before the first row: the one given, or what it leaves for a part if it is that of the whole. */
  async begin({ state, isWhole }: Beginning<PlanState>): Promise<PlanState> {
    const { source } = this.#plan;
    const turns = this.#takesTurns ? { counts: countTurns(this.#plan, state) } : {};
    if (!source.isAddressable) {
      const inner = state !== undefined && "inner" in state ? state.inner : undefined;
      return { ...state, inner: await source.begin({ state: inner, isWhole }, this.#asked, this.#reading), ...turns };
    }
    const own = state !== undefined && "pieces" in state ? state : undefined;
    const { course } = await this.#order(own);
    if (own === undefined) return { pieces: [], next: 0, course: courseToJson(course), ...turns };
    checkCourse(own, course);
    return { ...(isWhole ? cutPieces(course, own, this.#asked.parts.filter(isPart)) : own), ...turns };
  }

  /** The state after the last row. */
  async end(): Promise<PlanState> {
    const { source, noCounts } = this.#plan;
    const counts = this.#takesTurns ? { counts: [...noCounts, 1] } : {};
    if (!source.isAddressable) return { inner: await source.end(this.#asked, this.#reading), ...counts };
    const { course } = await this.#order(undefined);
    return { pieces: [], next: null, course: courseToJson(course), ...counts };
  }

  /** Reads rows from where a state says; of them, only what `deal` picks. */
  read(state: PlanState, deal: Deal = DEAL_ALL): AsyncGenerator<StatedBlock> {
    const blocks = "pieces" in state ? this.#readPieces(state, deal) : this.#readInner(state);
    return this.#takesTurns ? rowsInTurn(blocks, this.#request.parts.filter(isPart), this.#turnsPassed(state)) : blocks;
  }

  /** Reads Arrow batches of a plan that has no steps on rows. */
  async *readData(state: PlanState): AsyncGenerator<DataBlock> {
    const blocks = this.#readRanges(state);
    yield* this.#takesTurns ? dataInTurn(blocks, this.#request.parts.filter(isPart), this.#turnsPassed(state)) : blocks;
  }

  async *#readRanges(state: PlanState): AsyncGenerator<DataBlock> {
    const { ranges, counts } = await this.#begin(state);
    let round = firstRound(state);
    for await (const block of this.#line.readData(ranges(), { epoch: this.#request.epoch, counts }, this.#reading)) {
      if (block.isRoundEnd) {
        if (!DEAL_ALL.goesOn(round)) return;
        round = NEXT_ROUND;
        continue;
      }
      round = { ...round, rows: round.rows + block.length };
      yield block;
    }
  }

  /** The spans of units that would be read, those together that are needed together. */
  async *plannedSpans(state: PlanState): AsyncGenerator<readonly Span[]> {
    const { ranges } = await this.#begin(state);
    yield* this.#line.plannedSpans(ranges(), this.#request.epoch, this.#reading);
  }

  /** Counts the rows; `null` where only reading can tell. */
  async countRows(state: PlanState): Promise<number | null> {
    const plan = this.#plan;
    await plan.columns(this.#reading); // for its errors
    if (!plan.isDense || !("pieces" in state)) return null;
    const { course } = await plan.order(this.#reading, { mustCount: true });
    if (!Number.isFinite(course.end)) return course.end;
    const { parts } = this.#request;
    // All that follows the round under way is whole where nothing is dealt: there may be very many rounds.
    const [left, after] =
      parts.length === 0 ? [{ ...state, next: null }, state.next ?? course.end] : [state, course.end];
    let rows = plan.itemsIn(course.end - after);
    for (const { piece } of piecesOf(course, left, parts)) rows += plan.itemsIn(pieceRows(piece));
    return rows;
  }

  /** Whether this part takes turns with others that read the same rows. */
  get #takesTurns(): boolean {
    return this.#asked !== this.#request;
  }

  /** How many rows have been dealt where parts take turns: the last count. */
  #turnsPassed(state: PlanState): number {
    return state.counts?.[this.#plan.layout.counters] ?? 0;
  }

  get #line(): Line {
    const { source } = this.#plan;
    if (!(source instanceof Line)) throw new TypeError("datasets that are joined are not one line");
    return source;
  }

  /** The order; counted if it is to be cut, or was when the state was saved. */
  async #order(state: PiecesState | undefined): Promise<Order> {
    const wasCounted = typeof state?.course[0] === "number";
    return await this.#plan.order(this.#reading, { mustCount: this.#asked.parts.length > 0 || wasCounted });
  }

  /** Counts what must be counted, and finds the pieces that are wanted. */
  async #begin(state: PlanState): Promise<BegunPlan> {
    if (!("pieces" in state)) throw new TypeError("the state of an addressable plan has no pieces");
    const order = await this.#order(state);
    const rounds = (): Iterable<BegunRound> => this.#rounds(order, state);
    const ranges = function* (): Generator<PieceRange | typeof ROUND_END> {
      for (const { pieces, isMarked } of rounds()) {
        for (const { piece } of pieces) for (const range of order.resolve(piece)) yield { piece, range };
        if (isMarked) yield ROUND_END;
      }
    };
    return { order, rounds, ranges, counts: state.counts ?? this.#plan.noCounts };
  }

  /** The rounds in which pieces are read; one of all of them where no round can be without a row. */
  *#rounds({ course }: Order, state: PiecesState): Generator<BegunRound> {
    const { parts } = this.#asked;
    if (!this.#plan.mayGiveNone) {
      yield { pieces: piecesOf(course, state, parts), isMarked: false };
      return;
    }
    for (const { pieces, isLast } of roundsOf(course, state, parts)) yield { pieces, isMarked: !isLast };
  }

  async *#readPieces(state: PiecesState, deal: Deal): AsyncGenerator<StatedBlock> {
    const { order, rounds, counts } = await this.#begin(state);
    const { epoch } = this.#request;
    const course = courseToJson(order.course);
    const places = new WeakMap<Piece, PlacedPiece>();
    const seams = (piece: Piece): AsyncIterable<number> => this.#plan.seams(piece, epoch, this.#reading);
    let first: Piece | undefined;
    const dealt = async function* (): AsyncGenerator<Piece | typeof ROUND_END> {
      for (const { pieces, isMarked } of rounds()) {
        for await (const { piece, placed } of deal.pick(pieces, seams)) {
          first ??= piece;
          places.set(piece, placed);
          yield piece;
        }
        if (isMarked) yield ROUND_END;
      }
    };
    let round = firstRound(state);
    const start: Mark = {
      /** Known when the first piece is. */
      get rest() {
        return first === undefined ? { inner: () => ({}) } : { piece: first, from: first.from, skip: first.skip ?? 0 };
      },
      counts,
    };
    for await (const block of this.#plan.readPieces(dealt(), { epoch, start, counts }, this.#reading)) {
      if (block.isRoundEnd === true) {
        if (!(await deal.goesOn(round))) return;
        round = NEXT_ROUND;
        continue;
      }
      round = { ...round, rows: round.rows + block.length };
      const stateAfter = (index: number): PiecesState => {
        const rest = block.restAfter(index);
        const placed = "piece" in rest ? places.get(rest.piece) : undefined;
        if (placed === undefined || !("piece" in rest)) throw new TypeError("a row stands in no piece of its plan");
        const own = restOfPiece(placed.piece, rest.from, rest.skip);
        const left = pieceRows(own) > 0 ? [own, ...placed.rest] : placed.rest;
        return { pieces: left.map(pieceToJson), next: placed.next, course, ...countsOf(block.countsAt(index)) };
      };
      yield { block, stateAfter };
    }
  }

  async *#readInner(state: Exclude<PlanState, PiecesState>): AsyncGenerator<StatedBlock> {
    const { source, noCounts } = this.#plan;
    if (source.isAddressable) throw new TypeError("the state of an addressable plan has no pieces");
    const { inner } = state;
    const start: Mark = { rest: { inner: () => inner }, counts: state.counts ?? noCounts };
    const blocks = source.readFrom(inner, this.#asked, this.#reading);
    let rows = 0;
    for await (const block of this.#plan.stepped(blocks, start, this.#reading)) {
      if (block.isRoundEnd === true) {
        if (rows === 0) return;
        rows = 0;
        continue;
      }
      rows += block.length;
      const stateAfter = (index: number): PlanState => {
        const rest = block.restAfter(index);
        return { inner: "inner" in rest ? rest.inner() : {}, ...countsOf(block.countsAt(index)) };
      };
      yield { block, stateAfter };
    }
  }
}

const NEXT_ROUND: ReadRound = { rows: 0, isWhole: true };

function firstRound(state: PlanState): ReadRound {
  return { rows: 0, isWhole: !("pieces" in state) || state.pieces.length === 0 };
}

const DEAL_ALL: Deal & { goesOn(round: ReadRound): boolean } = {
  async *pick(pieces) {
    for (const placed of pieces) yield { piece: placed.piece, placed };
  },
  goesOn: ({ rows, isWhole }) => rows > 0 || !isWhole, // a pass that gave no row is the last one: others would give none for ever
};

interface BegunRound {
  readonly pieces: Iterable<PlacedPiece>;
  /** Whether it is to be told where it ends. */
  readonly isMarked: boolean;
}

interface BegunPlan {
  readonly order: Order;
  readonly rounds: () => Iterable<BegunRound>;
  readonly ranges: () => Generator<PieceRange | typeof ROUND_END>;
  readonly counts: readonly number[];
}

function countsOf(counts: readonly number[]): { readonly counts?: readonly number[] } {
  return counts.some((count) => count > 0) ? { counts } : {};
}

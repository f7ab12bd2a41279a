import type { DataBlock } from "../arrow/data-block.ts";
import type { Block, Mark } from "../block.ts";
import type { Span } from "../line.ts";
import { Order } from "../order/order.ts";
import { type Piece, pieceRows, pieceToJson, restOfPiece } from "../order/piece.ts";
import type { Layout } from "../steps/layout.ts";
import { ErrorGuard } from "../steps/row-errors.ts";
import { applyRowSteps } from "../steps/row-steps.ts";
import type { AnyRow, PlacedStep } from "../steps/steps.ts";
import { Concatenation } from "./concatenation.ts";
import { Interleaving } from "./interleaving.ts";
import { ItemBlock, itemsOf } from "./items.ts";
import type { JoinedColumn } from "./join-columns.ts";
import { Line } from "./line.ts";
import { projectColumns } from "./output-columns.ts";
import { checkCourse, courseToJson, cutPieces, type PiecesState, piecesOf, type PlacedPiece, type PlanState } from "./plan-state.ts";
import { Repetition } from "./repetition.ts";
import { SequentialJoin } from "./sequential-join.ts";
import type { Beginning, PieceRange, PlanRequest, Reading, Source } from "./source.ts";
import { isAddressable, type PlanSpec, shapeOf } from "./spec.ts";
import { dataInTurn, rowsInTurn } from "./turns.ts";

/** Rows, and the state in which each leaves the plan. */
export interface StatedBlock {
  readonly block: Block<AnyRow>;
  /** What is left after a row of the block. */
  stateAfter(index: number): PlanState;
}

/** A dataset as it is read: what its rows come from, their order, and the steps that are done on them. */
export class Plan {
  readonly spec: PlanSpec;
  readonly layout: Layout;
  readonly source: Source;
  /** Whether its rows can be read from any place on. */
  readonly isAddressable: boolean;
  readonly isDense: boolean;

  constructor(spec: PlanSpec) {
    const { layout, isAddressable, isDense } = shapeOf(spec);
    this.spec = spec;
    this.layout = layout;
    this.isAddressable = isAddressable;
    this.isDense = isDense;
    this.source = sourceOf(spec, layout);
  }

  /** The columns of the rows; `undefined` where only functions know. */
  async columns(reading: Reading): Promise<readonly JoinedColumn[] | undefined> {
    return projectColumns(await this.source.columns(reading), this.layout.rowSteps);
  }

  /** The order of the rows. Where nothing asks for their number they are not counted, so that reading begins at once. */
  async order(reading: Reading, { mustCount = false }: { readonly mustCount?: boolean } = {}): Promise<Order> {
    const { layout, source } = this;
    const { order, shuffle, grain } = layout;
    const isCounted = mustCount || shuffle !== undefined || order.some(({ kind }) => kind === "repeat");
    const rows = source.isAddressable && isCounted ? await source.count(reading) : undefined;
    if (source instanceof Line) return new Order(rows, order, grain);
    const isCut = layout.start > 0 || layout.end < Infinity;
    const cut = isCut ? [{ kind: "slice", start: layout.start, end: layout.end } as const] : [];
    return new Order(rows, [...cut, ...order], grain);
  }

  /** Counts the places of the order. */
  async count(reading: Reading): Promise<number> {
    return (await this.order(reading, { mustCount: true })).rows;
  }

  /** Reads pieces of the order of an addressable plan, in any epoch, one after the other. */
  async *readPieces(
    pieces: Iterable<Piece> | AsyncIterable<Piece>,
    { epoch, start, counts = [] }: { readonly epoch: number; readonly start: Mark; readonly counts?: readonly number[] },
    reading: Reading,
  ): AsyncGenerator<Block<AnyRow>> {
    const { source } = this;
    if (!source.isAddressable) throw new TypeError("a plan that is sequential has no pieces");
    const order = await this.order(reading);
    const ranges = async function* (): AsyncGenerator<PieceRange> {
      for await (const piece of pieces) for (const range of order.resolve(piece)) yield { piece, range };
    };
    yield* this.#stepped(source.read(ranges(), { epoch, counts }, reading), start, reading);
  }

  /** The state before the first row: the one given, or what it leaves for a part if it is that of the whole. */
  async begin({ state, isWhole }: Beginning<PlanState>, request: PlanRequest, reading: Reading): Promise<PlanState> {
    if (!this.source.isAddressable) {
      const inner = state !== undefined && "inner" in state ? state.inner : undefined;
      return { ...state, inner: await this.source.begin({ state: inner, isWhole }, this.#asked(request), reading) };
    }
    const own = state !== undefined && "pieces" in state ? state : undefined;
    const { parts } = this.#asked(request);
    const { course } = await this.order(reading, { mustCount: parts.length > 0 || typeof own?.course[0] === "number" });
    if (own === undefined) return { pieces: [], next: 0, course: courseToJson(course) };
    checkCourse(own, course);
    return isWhole ? cutPieces(course, own, parts) : own;
  }

  /** The state after the last row. */
  async end(request: PlanRequest, reading: Reading): Promise<PlanState> {
    const asked = this.#asked(request);
    // What other parts have left is in no state where parts take turns: such states must not be joined.
    const counts = asked === request ? {} : { counts: [...this.#noCounts, 1] };
    if (!this.source.isAddressable) return { inner: await this.source.end(asked, reading), ...counts };
    const { course } = await this.order(reading, { mustCount: asked.parts.length > 0 });
    return { pieces: [], next: null, course: courseToJson(course), ...counts };
  }

  /** Counts the rows that a request gives; `null` where only reading can tell. */
  async countRows(state: PlanState, { parts }: PlanRequest, reading: Reading): Promise<number | null> {
    await this.columns(reading); // for its errors
    if (!this.isDense || !("pieces" in state)) return null;
    const { course } = await this.order(reading, { mustCount: true });
    if (!Number.isFinite(course.end)) return course.end;
    let rows = 0;
    for (const { piece } of piecesOf(course, state, parts)) rows += this.#itemsIn(pieceRows(piece));
    return rows;
  }

  /** How many items the batches among the steps make of so many rows that stand together. */
  #itemsIn(rows: number): number {
    return this.layout.rowSteps.reduce((items, { step }) => {
      if (step.kind !== "batch") return items;
      return step.dropLast ? Math.floor(items / step.size) : Math.ceil(items / step.size);
    }, rows);
  }

  /** Reads Arrow batches of a plan that has no steps on rows. */
  async *readData(state: PlanState, request: PlanRequest, reading: Reading): AsyncGenerator<DataBlock> {
    const asked = this.#asked(request);
    const { ranges, counts } = await this.#begin(state, asked, reading);
    const blocks = this.#line.readData(ranges(), { epoch: request.epoch, counts }, reading);
    yield* asked === request ? blocks : dataInTurn(blocks, request.parts, this.#turnsPassed(state));
  }

  /** The spans of units that would be read, those together that are needed together. */
  async *plannedSpans(state: PlanState, request: PlanRequest, reading: Reading): AsyncGenerator<readonly Span[]> {
    const { ranges } = await this.#begin(state, this.#asked(request), reading);
    yield* this.#line.plannedSpans(ranges(), request.epoch, reading);
  }

  get #line(): Line {
    const { source } = this;
    if (!(source instanceof Line)) throw new TypeError("datasets that are joined are not one line");
    return source;
  }

  /** Places of a piece's order at which reading can be cut for nothing. */
  async *seams(piece: Piece, epoch: number, reading: Reading): AsyncGenerator<number> {
    const { source } = this;
    if (!source.isAddressable) return;
    const order = await this.order(reading);
    const { grain } = this.layout;
    for (const range of order.resolve(piece)) {
      for await (const seam of source.seams(range, epoch, reading)) {
        const place = Math.ceil((range.place + seam - range.from) / grain) * grain;
        if (place > piece.from && place < piece.to) yield place;
      }
    }
  }

  /** Reads the part of the rows that a request asks for, from where a state says; of them, only what `deal` picks. */
  read(state: PlanState, request: PlanRequest, reading: Reading, deal: Deal = dealAll): AsyncGenerator<StatedBlock> {
    const asked = this.#asked(request);
    const blocks = this.source.isAddressable
      ? this.#readPieces(state, asked, reading, deal)
      : this.#readInner(state, asked, reading);
    return asked === request ? blocks : rowsInTurn(blocks, request.parts, this.#turnsPassed(state));
  }

  /** Whether rows are cut that only reading can count: parts then take turns, and all of them read all. */
  get takesTurns(): boolean {
    const { dataSteps, rowSteps } = this.layout;
    return [...dataSteps, ...rowSteps.map(({ step }) => step)].some(({ kind }) => kind === "slice");
  }

  /** What is asked of the source for a request: all of it where parts take turns. */
  #asked(request: PlanRequest): PlanRequest {
    return request.parts.length > 0 && this.takesTurns ? { ...request, parts: [] } : request;
  }

  /** How many rows have been dealt where parts take turns: the last count. */
  #turnsPassed(state: PlanState): number {
    return state.counts?.[this.layout.counters] ?? 0;
  }

  /** Counts what must be counted, and finds the pieces that are wanted. */
  async #begin(state: PlanState, { parts }: PlanRequest, reading: Reading): Promise<BegunPlan> {
    if (!("pieces" in state)) throw new TypeError("the state of an addressable plan has no pieces");
    const order = await this.order(reading, { mustCount: parts.length > 0 || state.pieces.length > 1 });
    const pieces = (): Generator<PlacedPiece> => piecesOf(order.course, state, parts);
    const ranges = function* (): Generator<PieceRange> {
      for (const { piece } of pieces()) for (const range of order.resolve(piece)) yield { piece, range };
    };
    return { order, pieces, ranges, counts: state.counts ?? this.#noCounts };
  }

  async *#readPieces(
    state: PlanState,
    request: PlanRequest,
    reading: Reading,
    deal: Deal,
  ): AsyncGenerator<StatedBlock> {
    const { order, pieces, counts } = await this.#begin(state, request, reading);
    const course = courseToJson(order.course);
    const places = new WeakMap<Piece, PlacedPiece>();
    const seams = (piece: Piece): AsyncIterable<number> => this.seams(piece, request.epoch, reading);
    let first: Piece | undefined;
    const dealt = async function* (): AsyncGenerator<Piece> {
      for await (const { piece, placed } of deal(pieces(), seams)) {
        first ??= piece;
        places.set(piece, placed);
        yield piece;
      }
    };
    const start: Mark = {
      /** Known when the first piece is. */
      get rest() {
        return first === undefined ? { inner: () => ({}) } : { piece: first, from: first.from, skip: first.skip ?? 0 };
      },
      counts,
    };
    for await (const block of this.readPieces(dealt(), { epoch: request.epoch, start, counts }, reading)) {
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

  async *#readInner(
    state: PlanState,
    request: PlanRequest,
    reading: Reading,
  ): AsyncGenerator<StatedBlock> {
    if (this.source.isAddressable) return;
    if (!("inner" in state)) throw new TypeError("the state of a sequential plan has no inner state");
    const { inner } = state;
    const start: Mark = { rest: { inner: () => inner }, counts: state.counts ?? this.#noCounts };
    const blocks = this.source.readFrom(inner, request, reading);
    for await (const block of this.#stepped(blocks, start, reading)) {
      const stateAfter = (index: number): PlanState => {
        const rest = block.restAfter(index);
        return { inner: "inner" in rest ? rest.inner() : {}, ...countsOf(block.countsAt(index)) };
      };
      yield { block, stateAfter };
    }
  }

  get #noCounts(): readonly number[] {
    return Array.from({ length: this.layout.counters }, () => 0);
  }

  async *#stepped(
    blocks: AsyncIterable<Block<AnyRow>>,
    start: Mark,
    reading: Reading,
  ): AsyncGenerator<Block<AnyRow>> {
    const media = this.source instanceof Line ? await this.source.mediaSteps(reading) : [];
    const steps: readonly PlacedStep[] = [...media, ...this.layout.rowSteps];
    if (steps.length === 0 && this.spec.onError === "throw") {
      yield* blocks;
      return;
    }
    const errors = new ErrorGuard(this.spec.onError, () => (reading.stats.skippedRows += 1));
    for await (const items of applyRowSteps(itemsOf(blocks, errors), steps, { ...reading, start, errors }))
      yield new ItemBlock(items);
  }
}

/** A piece that is read, and the one that it is part of. */
export interface DealtPiece {
  readonly piece: Piece;
  readonly placed: PlacedPiece;
}

/** Picks what is read of pieces; `seams` knows where one can be cut for nothing. */
export type Deal = (
  pieces: Iterable<PlacedPiece>,
  seams: (piece: Piece) => AsyncIterable<number>,
) => AsyncIterable<DealtPiece>;

async function* dealAll(pieces: Iterable<PlacedPiece>): AsyncGenerator<DealtPiece> {
  for (const placed of pieces) yield { piece: placed.piece, placed };
}

interface BegunPlan {
  readonly order: Order;
  readonly pieces: () => Generator<PlacedPiece>;
  readonly ranges: () => Generator<PieceRange>;
  readonly counts: readonly number[];
}

function countsOf(counts: readonly number[]): { readonly counts?: readonly number[] } {
  return counts.some((count) => count > 0) ? { counts } : {};
}

function sourceOf(spec: PlanSpec, layout: Layout): Source {
  const { origin } = spec;
  switch (origin.kind) {
    case "line":
      return new Line(origin.reader, layout);
    case "repeat":
      return new Repetition(new Plan(origin.input), origin.times);
    case "concatenate": {
      const inputs = origin.inputs.map((input) => new Plan(input));
      return isAddressable(origin) ? new Concatenation(inputs) : new SequentialJoin(inputs);
    }
    case "interleave": {
      const inputs = origin.inputs.map((input) => new Plan(input));
      return isAddressable(origin) ? new Interleaving(inputs, origin) : new SequentialJoin(inputs, origin);
    }
  }
}

import type { Block, Mark } from "../block.ts";
import { Order } from "../order/order.ts";
import type { Piece } from "../order/piece.ts";
import type { Layout } from "../steps/layout.ts";
import { ErrorGuard } from "../steps/row-errors.ts";
import { applyRowSteps } from "../steps/row-steps.ts";
import type { AnyRow, PlacedStep } from "../steps/steps.ts";
import { Concatenation } from "./concatenation.ts";
import { Interleaving } from "./interleaving.ts";
import { ItemBlock, itemsOf } from "./items.ts";
import type { JoinedColumn } from "./join-columns.ts";
import { Line } from "./line.ts";
import { projectColumns, sourceColumns } from "./output-columns.ts";
import { Repetition } from "./repetition.ts";
import { SequentialJoin } from "./sequential-join.ts";
import { type PieceRange, type Reading, ROUND_END, type Source } from "./source.ts";
import { hasPlaces, isMixed, type PlanSpec, readersOf, shapeOf, windowBudgetsOf } from "./spec.ts";

/** A dataset as it is read: what its rows come from, their order, and the steps that are done on them. */
export class Plan {
  readonly spec: PlanSpec;
  readonly layout: Layout;
  readonly source: Source;
  /** Whether its rows can be read from any place on. */
  readonly isAddressable: boolean;
  readonly isDense: boolean;
  /** Where rows are mixed: the memory budgets that the order is made for, by dataset. */
  readonly windowBudgets: readonly number[] | undefined;

  /** Windows of mixed rows are made for the given memory budgets, or else for those of the datasets. */
  constructor(spec: PlanSpec, budgets: readonly number[] = windowBudgetsOf(spec)) {
    const { layout, isAddressable, isDense } = shapeOf(spec);
    this.spec = spec;
    this.layout = layout;
    this.isAddressable = isAddressable;
    this.isDense = isDense;
    this.windowBudgets = isMixed(spec) ? budgets : undefined;
    this.source = sourceOf(spec, layout, budgets);
  }

  /** The columns of the rows; `undefined` where only functions know. */
  async columns(reading: Reading): Promise<readonly JoinedColumn[] | undefined> {
    return projectColumns(await this.source.columns(reading), this.layout.rowSteps);
  }

  /** Has columns given in these forms, as far as functions do not make them. */
  async give(columns: readonly JoinedColumn[], reading: Reading): Promise<void> {
    if ((await this.columns(reading)) === undefined) return;
    await this.source.give(sourceColumns(columns, this.layout.rowSteps), reading);
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
    // Inputs may be mixed: their order must not hang on whether they were counted.
    const ordered = order.map((step) => (step.kind === "dropRest" ? { ...step, isCut: true } : step));
    return new Order(rows, [...cut, ...ordered], grain);
  }

  /** Counts the places of the order. */
  async count(reading: Reading): Promise<number> {
    return (await this.order(reading, { mustCount: true })).rows;
  }

  /** Reads pieces of the order of an addressable plan, in any epoch, one after the other. */
  async *readPieces(
    pieces: Iterable<Piece> | AsyncIterable<Piece | typeof ROUND_END>,
    {
      epoch,
      start,
      counts = [],
    }: { readonly epoch: number; readonly start: Mark; readonly counts?: readonly number[] },
    reading: Reading,
  ): AsyncGenerator<Block<AnyRow>> {
    const { source } = this;
    if (!source.isAddressable) throw new TypeError("a plan that is sequential has no pieces");
    const order = await this.order(reading);
    const ranges = async function* (): AsyncGenerator<PieceRange | typeof ROUND_END> {
      for await (const piece of pieces) {
        if (piece === ROUND_END) yield ROUND_END;
        else for (const range of order.resolve(piece)) yield { piece, range };
      }
    };
    yield* this.stepped(source.read(ranges(), { epoch, counts }, reading), start, reading);
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

  /** Whether a pass over all rows may give none of them. */
  get mayGiveNone(): boolean {
    return !this.isDense || readersOf(this.spec).some(({ settings }) => settings.onBadFile === "skip");
  }

  /** Whether rows are cut that only reading can count: parts then take turns, and all of them read all. */
  get takesTurns(): boolean {
    const { origin } = this.spec;
    if (origin.kind === "repeat" && origin.excerpt !== undefined) return true;
    const { dataSteps, rowSteps } = this.layout;
    return [...dataSteps, ...rowSteps.map(({ step }) => step)].some(({ kind }) => kind === "slice");
  }

  /** How many items the batches among the steps make of so many rows that stand together. */
  itemsIn(rows: number): number {
    return this.layout.rowSteps.reduce((items, { step }) => {
      if (step.kind !== "batch") return items;
      return step.dropLast ? Math.floor(items / step.size) : Math.ceil(items / step.size);
    }, rows);
  }

  /** What is counted before the first row. */
  get noCounts(): readonly number[] {
    return Array.from({ length: this.layout.counters }, () => 0);
  }

  /** Carries out the steps on the rows of blocks. */
  async *stepped(blocks: AsyncIterable<Block<AnyRow>>, start: Mark, reading: Reading): AsyncGenerator<Block<AnyRow>> {
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

function sourceOf({ origin }: PlanSpec, layout: Layout, budgets: readonly number[]): Source {
  switch (origin.kind) {
    case "line":
      return new Line(origin.reader, layout, budgets[0] as number);
    case "repeat":
      return new Repetition(new Plan(origin.input, budgets), origin);
    case "concatenate": {
      const inputs = plansOf(origin.inputs, budgets);
      return hasPlaces(origin) ? new Concatenation(inputs) : new SequentialJoin(inputs);
    }
    case "interleave": {
      const inputs = plansOf(origin.inputs, budgets);
      return hasPlaces(origin) ? new Interleaving(inputs, origin) : new SequentialJoin(inputs, origin);
    }
  }
}

function plansOf(inputs: readonly PlanSpec[], budgets: readonly number[]): Plan[] {
  let first = 0;
  return inputs.map((input) => new Plan(input, budgets.slice(first, (first += readersOf(input).length))));
}

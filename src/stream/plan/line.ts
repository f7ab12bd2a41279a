import type { Schema } from "apache-arrow";
import type { ReadOptions } from "../../fs/types.ts";
import { redact } from "../../redact.ts";
import type { DataBlock } from "../arrow/data-block.ts";
import { type Contract, FileCasts, withForms } from "../arrow/cast/contract.ts";
import type { ColumnForm } from "../arrow/cast/column-form.ts";
import { sharesMemory } from "../arrow/shares-memory.ts";
import { RowDecoder } from "../arrow/row-decoder.ts";
import type { RowReader } from "../arrow/row-factory.ts";
import type { Block, Rest, RowOrigin } from "../block.ts";
import type { DatasetReader, OpenDataset } from "../dataset-reader.ts";
import { isRelative, type Span, spansOf } from "../line.ts";
import { LineIndex } from "../line-index.ts";
import { type LineRequest, planLine, readLine } from "../line-source.ts";
import type { Range } from "../order/order.ts";
import { type Shuffle, ShuffledLine } from "../order/windows.ts";
import { createMediaStep } from "../steps/decode-media.ts";
import { applyDataSteps } from "../steps/data-steps.ts";
import type { Layout } from "../steps/layout.ts";
import { type AnyRow, type PlacedStep, type Projection, projectSchema } from "../steps/steps.ts";
import { ROUND_END_BLOCK } from "./items.ts";
import type { JoinedColumn } from "./join-columns.ts";
import type { AddressableSource, Ranges, ReadFrom, Reading } from "./source.ts";

/** Who asks, as far as opening and counting need to know. */
export type Asking = Pick<Reading, "signal" | "stats">;

/** The part of the memory budget that the units of one window may decode to: two windows are held, and the decoder. */
const WINDOW_SHARE = 0.25;

/** The rows of one dataset, at places of its line: read where they are, mixed or as they are stored. */
export class Line implements AddressableSource {
  readonly isAddressable = true;
  readonly reader: DatasetReader;
  readonly #layout: Layout;
  /** By source: forms that a join asks for, in the place of the contract's. */
  readonly #forms = new Map<string, ColumnForm>();
  readonly #windowBudget: number;
  #index: LineIndex | undefined;

  /** Windows of mixed rows are made for `windowBudget`, a memory budget in bytes. */
  constructor(reader: DatasetReader, layout: Layout, windowBudget: number) {
    this.reader = reader;
    this.#layout = layout;
    this.#windowBudget = windowBudget;
  }

  async open(asking: Asking): Promise<OpenDataset> {
    return await this.reader.open(optionsOf(asking));
  }

  /** What the columns of all files are given as. */
  async contract(asking: Asking): Promise<Contract> {
    return withForms((await this.open(asking)).contract, this.#forms);
  }

  async projection(asking: Asking): Promise<Projection & { readonly schema: Schema }> {
    const { contract, id } = await this.open(asking);
    return { schema: contract.schema, ...projectSchema(this.#layout.dataSteps, contract.schema, id) };
  }

  async columns(reading: Asking): Promise<readonly JoinedColumn[]> {
    const { columns } = await this.projection(reading);
    const { forms } = await this.contract(reading);
    return columns.flatMap(({ name, source }) => {
      const form = forms.get(source);
      return form === undefined ? [] : [{ name, form }];
    });
  }

  async give(columns: readonly JoinedColumn[], asking: Asking): Promise<void> {
    const sources = new Map((await this.projection(asking)).columns.map(({ name, source }) => [name, source]));
    for (const { name, form } of columns) {
      const source = sources.get(name);
      if (source !== undefined) this.#forms.set(source, form);
    }
  }

  async count(asking: Asking): Promise<number> {
    return (await this.index(asking)).rows;
  }

  /** Counts all units. */
  async index(asking: Asking): Promise<LineIndex> {
    this.#index ??= await this.reader.index(this.#layout, optionsOf(asking), asking.stats);
    return this.#index;
  }

  /** The same of the whole line, not only of the rows that are meant. */
  async wholeIndex(asking: Asking): Promise<LineIndex> {
    return await this.reader.index({ start: 0, end: Infinity }, optionsOf(asking));
  }

  /** What makes pixels of the images of rows, if that is asked for. */
  async mediaSteps(asking: Asking): Promise<readonly PlacedStep[]> {
    if (!this.reader.settings.decodeMedia) return [];
    const { columns } = await this.projection(asking);
    const step = await createMediaStep((await this.open(asking)).features, columns);
    return [{ step, isAligned: true, counter: 0 }];
  }

  async *read(ranges: Ranges, from: ReadFrom, reading: Reading): AsyncGenerator<Block<AnyRow>> {
    let decoder: RowDecoder | undefined;
    for await (const block of this.readData(ranges, from, reading)) {
      decoder ??= await this.#decoder(reading);
      yield block.isRoundEnd ? ROUND_END_BLOCK : new RowBlock(block, decoder);
    }
  }

  async #decoder(reading: Reading): Promise<RowDecoder> {
    const { columns } = await this.projection(reading);
    return new RowDecoder(columns, this.reader.settings, (await this.contract(reading)).forms);
  }

  /** Reads ranges without making rows. */
  async *readData(ranges: Ranges, { epoch, counts }: ReadFrom, reading: Reading): AsyncGenerator<DataBlock> {
    const dataset = await this.open(reading);
    const request = await this.#request(dataset, epoch, reading);
    const { dataSteps } = request.projection;
    const blocks = readLine(ranges, request, { reader: this.reader, dataset, reading });
    yield* dataSteps.length === 0 ? blocks : applyDataSteps(blocks, dataSteps, counts);
  }

  /** The spans of units that ranges consist of, those together that are needed together. */
  async *plannedSpans(ranges: Ranges, epoch: number, reading: Reading): AsyncGenerator<readonly Span[]> {
    const dataset = await this.open(reading);
    const request = await this.#request(dataset, epoch, reading);
    for await (const { spans } of planLine(ranges, request, { reader: this.reader, dataset, reading })) yield spans;
  }

  async #request(dataset: OpenDataset, epoch: number, reading: Reading): Promise<LineRequest> {
    const projection = await this.projection(reading);
    const casts = new FileCasts(await this.contract(reading), projection.reads);
    const shuffle = await this.#shuffle(reading);
    const index = shuffle !== undefined || isRelative(dataset.line) ? await this.index(reading) : this.#index;
    return { base: this.#layout, shuffle, projection, casts, index, epoch };
  }

  async *seams(range: Range, epoch: number, reading: Reading): AsyncGenerator<number> {
    const shuffle = await this.#shuffle(reading);
    if (shuffle !== undefined) {
      const line = new ShuffledLine(await this.index(reading), shuffle, epoch + range.pass);
      for (const { place, rows } of line.windows(range)) yield place + rows;
      return;
    }
    const dataset = await this.open(reading);
    if (this.#index === undefined && !isRelative(dataset.line)) {
      const { start, end } = this.#layout;
      const bounds = { start: start + range.start + range.from, end: Math.min(end, start + range.start + range.to) };
      const options = this.reader.lineOptions(dataset, { signal: reading.signal, meter: reading.stats });
      for await (const span of spansOf(dataset.line, bounds, options))
        yield span.row - start + span.end - span.start - range.start;
      return;
    }
    const index = await this.index(reading);
    for (const unit of index.between(range.start + range.from, range.start + range.to))
      yield unit.row + unit.end - unit.start - range.start;
  }

  /** How rows are mixed; the bytes of a window are those of the columns that are read. */
  async #shuffle(asking: Asking): Promise<Shuffle | undefined> {
    const { shuffle } = this.#layout;
    if (shuffle === undefined) return undefined;
    const { first } = await this.open(asking);
    const { reads } = await this.projection(asking);
    const share = first.decodedBytes(reads) / Math.max(1, first.decodedBytes());
    const bytes = this.#windowBudget * WINDOW_SHARE;
    return { seed: shuffle.seed, window: shuffle.window, windowBytes: bytes / Math.max(share, Number.MIN_VALUE) };
  }
}

function optionsOf({ signal, stats }: Asking): ReadOptions {
  return { signal, meter: stats };
}

/** Rows of a {@link DataBlock}. */
class RowBlock implements Block<AnyRow> {
  readonly length: number;
  readonly #data: DataBlock;
  readonly #readers: readonly RowReader[];

  constructor(data: DataBlock, decoder: RowDecoder) {
    this.length = data.length;
    this.#data = data;
    this.#readers = data.batches.map(({ batch, uncast }) =>
      uncast === undefined ? decoder.reader(batch) : (row) => decoder.reader(uncast.castRow(row))(0),
    );
  }

  at(index: number): AnyRow {
    return (this.#readers[this.#data.batchAt(index)] as RowReader)(this.#data.rowAt(index));
  }

  placeAt(index: number): number {
    return this.#data.order.piece.start + this.#data.placeAt(index);
  }

  restAfter(index: number): Rest {
    return { piece: this.#data.order.piece, from: this.#data.placeAt(index) + 1, skip: 0 };
  }

  countsAt(index: number): readonly number[] {
    const place = this.#data.placeAt(index);
    return (this.#data.order.counts ?? []).map((count) => count(place));
  }

  free(): void {
    for (const { batch, free } of this.#data.batches) if (!sharesMemory(batch.data.type)) free();
  }

  originOf(index: number): RowOrigin | undefined {
    const batch = this.#data.batches[this.#data.batchAt(index)];
    if (batch === undefined) return undefined;
    return { path: redact(batch.path), rowGroup: batch.rowGroup, row: batch.firstRow + this.#data.rowAt(index) };
  }
}

import { Breather } from "../async/breather.ts";
import type { RecordBatch } from "apache-arrow";
import { mapAhead } from "../async/map-ahead.ts";
import { HfStreamError } from "../errors.ts";
import type { OpenFile, RowBatch } from "../formats/types.ts";
import type { DataFile } from "../fs/types.ts";
import { DataBlock, type DecodedBatch, ROUND_END_DATA } from "./arrow/data-block.ts";
import { withoutColumns } from "../parquet/predicate/filters.ts";
import { batchOfRow } from "./arrow/gather.ts";
import type { FileCasts } from "./arrow/cast/contract.ts";
import type { DatasetReader, OpenDataset } from "./dataset-reader.ts";
import { type LineOptions, type Span, spansOf } from "./line.ts";
import type { LineIndex, UnitPlace } from "./line-index.ts";
import type { Piece } from "./order/piece.ts";
import { type Shuffle, ShuffledLine, type Window } from "./order/windows.ts";
import { type PieceRange, type Ranges, type Reading, ROUND_END } from "./plan/source.ts";
import { ReadAhead } from "./read-ahead.ts";
import { type FetchedGroup, readGroups, type SpanGroup } from "./scheduler.ts";
import type { Projection } from "./steps/steps.ts";

/** What of a line is read, and in which order. */
export interface LineRequest {
  /** Rows `[start, end)` of the line are all there is. */
  readonly base: { readonly start: number; readonly end: number };
  readonly shuffle: Shuffle | undefined;
  readonly projection: Projection;
  /** What makes batches of all files alike. */
  readonly casts: FileCasts;
  /** Its units, if they are known; a line that is shuffled must have them. */
  readonly index: LineIndex | undefined;
  /** Of the first pass. */
  readonly epoch: number;
}

/** The end of a round, in its place among the groups. */
interface RoundEnd extends SpanGroup {
  readonly isRoundEnd: true;
}

/** Spans that are needed together, and where their rows stand. */
interface RowGroup extends SpanGroup {
  readonly isRoundEnd?: undefined;
  readonly piece: Piece;
  /** The place in the piece's order of the first row that is given. */
  readonly place: number;
  /** For spans whose rows are mixed: the rows `[from, to)` of the window that are given. */
  readonly mixed?: { readonly window: Window; readonly from: number; readonly to: number } | undefined;
}

/** Files opened ahead where the units are known. */
const OPENING_AHEAD = 31;

/** What a line is read with. */
export interface LineReading {
  readonly reader: DatasetReader;
  readonly dataset: OpenDataset;
  readonly reading: Reading;
  /** Tells how many units are wanted ahead. */
  readonly readAhead?: ReadAhead | undefined;
}

/** Reads ranges of a dataset's line: as the files are, or window by window, mixed. */
export async function* readLine(ranges: Ranges, request: LineRequest, parts: LineReading): AsyncGenerator<DataBlock> {
  const { reader, reading } = parts;
  const { stats, signal, decoder, share, watchdog } = reading;
  const { settings } = reader;
  const readAhead = new ReadAhead({ ...settings, blockSize: reader.options.blockSize });
  const groups = readGroups(planLine(ranges, request, { ...parts, readAhead }), {
    ...settings,
    readAhead,
    signal,
    memoryBudget: settings.memoryBudget / share,
    decoder: share === 1 ? decoder : shareOf(decoder, share),
    stats,
    watchdog,
    columns: request.projection.reads,
    // Statistics are of the type in the file, and tell nothing of what its values are cast to.
    predicateOf: (file) => withoutColumns(request.projection.pruning, request.casts.of(file).casts),
    onBadFile: async (error, path) =>
      await reader.onBadFile(error, { dataset: parts.dataset, path }, { signal, meter: stats }, stats),
  });
  for await (const fetched of groups) {
    const { group, spans } = fetched;
    if (group.isRoundEnd === true) yield ROUND_END_DATA;
    else if (group.mixed === undefined) yield* blocksInOrder({ group, spans }, request.casts);
    else {
      const block = await mixedBlock({ group, spans }, group.mixed, request.casts);
      if (block.length > 0) yield block;
    }
  }
}

function shareOf(decoder: Reading["decoder"], share: number): Reading["decoder"] {
  return {
    expect: (bytes) => decoder.expect(bytes),
    begin: (unit, schema, decodedBytes) => decoder.begin(unit, schema, decodedBytes),
    allocate: (length) => decoder.allocate(length),
    close: async () => {},
    get memory() {
      return decoder.memory / share;
    },
  };
}

/** The spans of units that ranges consist of, in the order in which they are read, those of a window together. */
export async function* planLine(
  ranges: Ranges,
  { base, shuffle, casts, index, epoch }: LineRequest,
  { reader, dataset, reading: { signal, stats }, readAhead }: LineReading,
): AsyncGenerator<RowGroup | RoundEnd> {
  const unitsAhead = (): number => readAhead?.depth(1) ?? 0;
  const isAlone = (): boolean => readAhead?.hasBegun === false;
  const ahead = (): number => (isAlone() ? 0 : reader.settings.prefetchDepth);
  const options = { ...reader.lineOptions(dataset, { signal, meter: stats }, stats), ahead, unitsAhead };
  const files = new LineFiles(options, casts, stats);
  for await (const item of ranges) {
    if (item === ROUND_END) {
      yield { isRoundEnd: true, spans: [], isWhole: false };
      continue;
    }
    const { piece, range } = item;
    if (shuffle !== undefined && index !== undefined) {
      yield* windowGroups(
        { piece, range },
        { index, files, line: new ShuffledLine(index, shuffle, epoch + range.pass) },
      );
      continue;
    }
    const first = range.start + range.from;
    const last = range.start + range.to;
    if (index === undefined) {
      const bounds = { start: base.start + first, end: Math.min(base.end, base.start + last) };
      for await (const span of spansOf(dataset.line, bounds, files.options)) {
        casts.of(span.file); // for its errors
        yield { spans: [span], isWhole: false, piece, place: range.place + span.row - bounds.start };
      }
      continue;
    }
    for await (const { unit, file } of files.openAll(index.between(first, last), () =>
      isAlone() ? 0 : OPENING_AHEAD,
    )) {
      const place = range.place + unit.row - first;
      if (file !== undefined) yield { spans: [{ ...unit, file }], isWhole: false, piece, place };
    }
  }
}

async function* windowGroups(
  { piece, range }: PieceRange,
  { index, files, line }: { readonly index: LineIndex; readonly files: LineFiles; readonly line: ShuffledLine },
): AsyncGenerator<RowGroup> {
  for (const window of line.windows(range)) {
    const units = window.parts.map(({ unit, start, end }) => ({ ...index.placeOf(unit, start, end), row: 0 }));
    let row = 0;
    const spans: Span[] = [];
    for await (const { unit, file } of files.openAll(units)) {
      if (file !== undefined) spans.push({ ...unit, file, row });
      row += unit.end - unit.start;
    }
    const from = Math.max(0, range.from - window.place);
    const to = Math.min(window.rows, range.to - window.place);
    const place = range.place + window.place + from - range.from;
    yield { spans, isWhole: true, piece, place, mixed: { window, from, to } };
  }
}

/** Opens the files of a line, and checks that they have no other columns than the contract. */
class LineFiles {
  readonly options: LineOptions;
  readonly #casts: FileCasts;

  constructor(options: LineOptions, casts: FileCasts, stats: Reading["stats"]) {
    let units = 0;
    const onFile = (count: number, isLast: boolean): void => {
      units += count;
      if (isLast) stats.unitsTotal = units;
    };
    this.options = { ...options, onFile };
    this.#casts = casts;
  }

  /** Opens the files of units, some ahead; `undefined` for one that is left out. */
  openAll<T extends UnitPlace>(
    units: Iterable<T>,
    ahead: () => number = () => OPENING_AHEAD,
  ): AsyncGenerator<{ unit: T; file: OpenFile | undefined }> {
    const open = async (unit: T, job: { signal: AbortSignal }): Promise<{ unit: T; file: OpenFile | undefined }> => {
      const file = await this.#open(unit.file, job.signal);
      return { unit, file };
    };
    return mapAhead(units, open, { ahead, signal: this.options.signal });
  }

  async #open(file: DataFile, signal: AbortSignal): Promise<OpenFile | undefined> {
    const opened = await this.options.open(file, { meter: this.options.meter, signal });
    if (opened !== undefined) this.#casts.of(opened); // for its errors
    return opened;
  }
}

/** Rows as they are stored. */
async function* blocksInOrder({ group, spans }: FetchedGroup<RowGroup>, casts: FileCasts): AsyncGenerator<DataBlock> {
  const breather = new Breather(); // decoded batches may all be there
  for (const { span, batches } of spans) {
    for await (const found of batches) {
      await breather.rest();
      const { rows, firstRow } = found;
      const picks = rows === undefined ? undefined : { rows };
      const place = group.place + firstRow - span.start;
      yield new DataBlock([decoded(span, found, casts)], picks, { piece: group.piece, place, places: rows });
    }
  }
}

function decoded({ file, unit }: Span, { batch, firstRow, free }: RowBatch, casts: FileCasts): DecodedBatch {
  const common = { path: file.path, rowGroup: unit, firstRow, free };
  const { cast } = casts.of(file);
  try {
    return { ...common, batch: cast(batch) };
  } catch (error) {
    const castRow = (row: number): RecordBatch => cast(batchOfRow(batch, row));
    return { ...common, batch, uncast: { error, castRow } };
  }
}

const MISSING = 0xffff_ffff;
/** Rows of a window are looked up by place: these take 20 bytes each. */
const MAX_WINDOW_ROWS = 2 ** 26;

/** The rows of a window in their mixed order. What pruning ruled out, or cannot be read, is missing. */
async function mixedBlock(
  { group, spans }: FetchedGroup<RowGroup>,
  { window, from, to }: NonNullable<RowGroup["mixed"]>,
  casts: FileCasts,
): Promise<DataBlock> {
  if (window.rows > MAX_WINDOW_ROWS) throw tooManyToMix(window.rows, spans[0]?.span.file.path);
  const batches: DecodedBatch[] = [];
  const batchOf = new Uint32Array(window.rows).fill(MISSING);
  const rowOf = new Uint32Array(window.rows);
  for (const { span, batches: decoding } of spans) {
    for await (const found of decoding) {
      const { batch, rows, firstRow } = found;
      const first = span.row + firstRow - span.start;
      const count = rows?.length ?? batch.numRows;
      for (let index = 0; index < count; index += 1) {
        const row = rows === undefined ? index : (rows[index] as number);
        batchOf[first + row] = batches.length;
        rowOf[first + row] = row;
      }
      batches.push(decoded(span, found, casts));
    }
  }
  const picked = { batches: new Uint32Array(to - from), rows: new Uint32Array(to - from) };
  const places = new Uint32Array(to - from);
  let count = 0;
  for (let place = from; place < to; place += 1) {
    const row = window.order.at(place);
    const batch = batchOf[row] as number;
    if (batch === MISSING) continue;
    picked.batches[count] = batch;
    picked.rows[count] = rowOf[row] as number;
    places[count] = place - from;
    count += 1;
  }
  const picks = { batches: picked.batches.subarray(0, count), rows: picked.rows.subarray(0, count) };
  return new DataBlock(batches, picks, { piece: group.piece, place: group.place, places: places.subarray(0, count) });
}

function tooManyToMix(rows: number, path: string | undefined): HfStreamError {
  return new HfStreamError(
    "UNSUPPORTED_FORMAT",
    `A window of ${rows} rows is too large to be mixed: row groups are mixed whole. Read without \`shuffle\`.`,
    { path },
  );
}

import { type Data, DataType, Field, makeData, RecordBatch, Schema, Struct } from "apache-arrow";
import { HfStreamError } from "../../errors.ts";
import { isSameType } from "./cast/column-cast.ts";
import type { DataBlock } from "./data-block.ts";
import { gatherColumn, type Run } from "./gather.ts";
import { nullColumn } from "./null-column.ts";
import type { RowColumn } from "./row-decoder.ts";

export interface RecordBatchOptions {
  /** The files' schema: a column that a file lacks is null of its type. */
  readonly schema: Schema;
  /** Rows of each batch but the last; as decoded if left out. */
  readonly batchSize: number | undefined;
  /** The columns that are wanted. */
  readonly columns: readonly RowColumn[];
}

/** Rows `[start, end)` of a batch. */
interface Piece {
  readonly batch: RecordBatch;
  readonly start: number;
  readonly end: number;
}

/** Rows of a mixed block that make one batch, unless `batchSize` says otherwise. */
const MIXED_ROWS = 1024;

/** Makes record batches of just the wanted rows and columns. Batches that are wanted whole pass as they are. */
export async function* toRecordBatches(
  blocks: AsyncIterable<DataBlock>,
  { schema, batchSize, columns }: RecordBatchOptions,
): AsyncGenerator<RecordBatch> {
  const projector = new Projector(schema, columns);
  let waiting: Piece[] = [];
  let count = 0;
  for await (const block of blocks) {
    const size = batchSize ?? (block.batches.length > 1 ? MIXED_ROWS : Infinity);
    for (let piece of piecesOf(block, projector)) {
      while (count + piece.end - piece.start >= size) {
        const cut = piece.start + size - count;
        waiting.push({ batch: piece.batch, start: piece.start, end: cut });
        yield projector.join(waiting);
        [waiting, count] = [[], 0];
        piece = { batch: piece.batch, start: cut, end: piece.end };
      }
      if (piece.end > piece.start) waiting.push(piece);
      count += piece.end - piece.start;
    }
    if (batchSize !== undefined || count === 0) continue;
    yield projector.join(waiting);
    [waiting, count] = [[], 0];
  }
  if (count > 0) yield projector.join(waiting);
}

/** Chooses, names and orders the columns of batches. */
class Projector {
  readonly #columns: readonly RowColumn[];
  readonly #schema: Schema;

  constructor(schema: Schema, columns: readonly RowColumn[]) {
    this.#columns = columns;
    const fields = columns.map(({ name, source }) => {
      const field = schema.fields.find((candidate) => candidate.name === source) as Field;
      return new Field(name, field.type, true);
    });
    this.#schema = new Schema(fields);
  }

  project(batch: RecordBatch): RecordBatch {
    const children = this.#columns.map(({ source }, index): Data => {
      const place = batch.schema.fields.findIndex(({ name }) => name === source);
      return batch.data.children[place] ?? nullColumn((this.#schema.fields[index] as Field).type, batch.numRows);
    });
    return this.#make(children, batch.numRows);
  }

  join(pieces: readonly Piece[]): RecordBatch {
    const [only] = pieces;
    if (pieces.length === 1 && only?.start === 0 && only.end === only.batch.numRows) return only.batch;
    const length = pieces.reduce((sum, { start, end }) => sum + end - start, 0);
    const children = this.#columns.map((_, index) => {
      const runs = pieces.map(({ batch, start, end }): Run => ({
        data: batch.data.children[index] as Data,
        start,
        end,
      }));
      const type = this.#oneType(runs, index);
      return gatherColumn(
        type,
        runs.map((run) => (DataType.isNull(run.data.type) ? { ...run, data: nullColumn(type, run.data.length) } : run)),
      );
    });
    return this.#make(children, length);
  }

  /** Files are cast to one type, but for a column of which the first file knows none, and INT96 of two units. */
  #oneType(runs: readonly Run[], index: number): DataType {
    const types = runs.map(({ data }) => data.type);
    const type = types.find((own) => !DataType.isNull(own)) ?? (types[0] as DataType);
    const other = types.find((own) => !DataType.isNull(own) && !isSameType(own, type));
    if (other === undefined) return type;
    throw new HfStreamError(
      "SCHEMA_MISMATCH",
      `Column ${this.#schema.fields[index]?.name} is ${String(type)} in one place and ${String(other)} in another, ` +
        "which one batch cannot hold. Declare one of them with `features`, leave out `batchSize`, or read `rows()`.",
    );
  }

  #make(children: Data[], length: number): RecordBatch {
    const fields = children.map(({ type }, index) => new Field((this.#schema.fields[index] as Field).name, type, true));
    const data = makeData({ type: new Struct(fields), length, nullCount: 0, children });
    return new RecordBatch(new Schema(fields), data);
  }
}

/** Neighbouring rows as pieces. */
function piecesOf(block: DataBlock, projector: Projector): Piece[] {
  block.mustBeCast();
  const batches = block.batches.map(({ batch }) => projector.project(batch));
  const pieces: { batch: RecordBatch; start: number; end: number }[] = [];
  for (let index = 0; index < block.length; index += 1) {
    const batch = batches[block.batchAt(index)] as RecordBatch;
    const row = block.rowAt(index);
    const last = pieces.at(-1);
    if (last?.batch === batch && last.end === row) last.end += 1;
    else pieces.push({ batch, start: row, end: row + 1 });
  }
  return pieces;
}

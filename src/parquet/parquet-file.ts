import { type Field, Schema } from "apache-arrow";
import type {
  OpenFile,
  PreparedUnit,
  SlicedRowBatch,
  Unit,
  UnitReading,
  UnitReadOptions,
  UnitRequest,
} from "../formats/types.ts";
import type { ByteSource, ReadOptions } from "../fs/types.ts";
import { type Features } from "../resolve/features/features.ts";
import { featuresFromParquetMetadata } from "../resolve/features/features-arrow.ts";
import type { SlicedBatch } from "./decode/decoder.ts";
import { blaming } from "./failures.ts";
import { decodedSchema } from "./footer/arrow-schema.ts";
import type { FileMetadata } from "./footer/metadata.ts";
import { planUnit, type UnitPlan } from "./plan.ts";
import { checkNames } from "./footer/check-names.ts";
import { bindPredicate } from "./predicate/evaluate.ts";
import { predicateColumns } from "./predicate/filters.ts";
import { pruneUnit } from "./prune-unit.ts";
import { readUnit } from "./read-unit.ts";
import type { RowRange } from "./row-ranges.ts";
import { storedSchema } from "./footer/stored-schema.ts";

/** Decoded bytes that one batch aims at: small enough to hand on early, large enough to cost little. */
const BATCH_BYTES = 2 * 1024 * 1024;
const MAX_BATCH_ROWS = 8192;

/** A Parquet file whose footer is known: its row groups are the units. */
export class ParquetFile implements OpenFile {
  readonly path: string;
  readonly units: readonly Unit[];
  readonly schema: Schema;
  readonly #source: ByteSource;
  readonly #metadata: FileMetadata;

  constructor(source: ByteSource, metadata: FileMetadata) {
    this.path = source.path;
    this.units = metadata.rowGroups;
    this.schema = decodedSchema(metadata);
    this.#source = source;
    this.#metadata = metadata;
  }

  features(): Features {
    const schema = storedSchema(this.#metadata) ?? this.schema;
    return featuresFromParquetMetadata(this.#metadata.keyValues.get("huggingface"), schema);
  }

  decodedBytes(columns?: readonly string[]): number {
    const wanted = new Set(this.#columnPlaces(columns));
    const { leaves, leafBytes } = this.#metadata;
    return leafBytes.reduce((sum, bytes, leaf) => (wanted.has(leaves[leaf]?.top ?? -1) ? sum + bytes : sum), 0);
  }

  async prepare(request: UnitRequest, options: ReadOptions): Promise<PreparedUnit | undefined> {
    const { unit: rowGroup, start, end } = request;
    const columns = this.#columnPlaces(request.columns);
    const compared = request.predicate === undefined ? [] : predicateColumns(request.predicate);
    checkNames(this.#metadata, new Set([...columns, ...this.#columnPlaces(compared)]));
    const bound = request.predicate === undefined ? undefined : bindPredicate(request.predicate, this.schema);
    const wanted = { rowGroup, columns, rows: { start, end }, predicate: bound };
    const { rows, pages } = await pruneUnit(this.#source, this.#metadata, wanted, options);
    if (rows.length === 0) return undefined;
    const plan = blaming(this.path, "its footer", () =>
      planUnit(this.#metadata, { rowGroup, columns, rows, pages }, request),
    );
    return {
      slices: plan.slices.map(({ fetchedBytes, length, decodedBytes }) => ({
        fetchedBytes,
        heldBytes: length + decodedBytes,
      })),
      read: (reading) => this.#read(plan, columns, rows, reading),
    };
  }

  #read(plan: UnitPlan, columns: readonly number[], rows: readonly RowRange[], options: UnitReadOptions): UnitReading {
    const { path } = this;
    const { footer, hull, decodedBytes } = plan;
    const rowCount = hull.end - hull.start;
    const perRow = decodedBytes / Math.max(1, rowCount);
    const batchRows = Math.max(1, Math.min(MAX_BATCH_ROWS, Math.floor(BATCH_BYTES / Math.max(1, perRow))));
    const schema = new Schema(columns.map((place) => this.schema.fields[place] as Field));
    const unit = { path, footer, batchRows, memoryBudget: options.memoryBudget };
    const reading = readUnit(this.#source, plan, { unit, schema }, options);
    return {
      fetched: reading.fetched,
      batches: wantedRows(reading.batches, hull.start, rows),
      get isDecoding() {
        return reading.isDecoding;
      },
    };
  }

  /** Places of the named columns in the schema, ascending; names that the file lacks are left out. */
  #columnPlaces(names: readonly string[] | undefined): number[] {
    const wanted = names === undefined ? undefined : new Set(names);
    return this.schema.fields.flatMap(({ name }, place) => (wanted === undefined || wanted.has(name) ? [place] : []));
  }
}

/** Marks in each batch the rows that are wanted, which may be none. */
async function* wantedRows(
  batches: AsyncIterable<SlicedBatch>,
  firstRow: number,
  ranges: readonly RowRange[],
): AsyncGenerator<SlicedRowBatch> {
  let start = firstRow;
  for await (const { batch, ...rest } of batches) {
    const end = start + batch.numRows;
    yield { ...rest, batch, rows: rowsWithin(ranges, start, end), firstRow: start };
    start = end;
  }
}

/** The wanted rows of `[start, end)`, counted from `start`; `undefined` if it is all of them. */
function rowsWithin(ranges: readonly RowRange[], start: number, end: number): Uint32Array | undefined {
  const clipped = ranges
    .map((range) => ({ start: Math.max(range.start, start) - start, end: Math.min(range.end, end) - start }))
    .filter((range) => range.start < range.end);
  const [first] = clipped;
  if (clipped.length === 1 && first?.start === 0 && first.end === end - start) return undefined;
  return Uint32Array.from(
    clipped.flatMap((range) => Array.from({ length: range.end - range.start }, (_, i) => range.start + i)),
  );
}

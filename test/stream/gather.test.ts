import { type Data, Field, makeData, RecordBatch, Schema, Struct, Table, tableFromIPC, tableToIPC } from "apache-arrow";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { parseFooter, readFooter } from "../../src/parquet/footer/footer.ts";
import { planUnit } from "../../src/parquet/plan.ts";
import { gatherColumn } from "../../src/stream/arrow/gather.ts";
import { nullColumn } from "../../src/stream/arrow/null-column.ts";
import { RowDecoder } from "../../src/stream/arrow/row-decoder.ts";
import { bytesSource } from "../parquet/bytes-source.ts";
import { decodePlan } from "../parquet/decode-plan.ts";
import { readFixtureFile, type Row } from "../parquet/fixture.ts";

const batchRows = 4;

/** Decodes the first row group of a fixture, all columns, as streaming does. */
async function decodeFixture(name: string): Promise<RecordBatch[]> {
  const source = bytesSource(readFixtureFile(name), name);
  const metadata = parseFooter(await readFooter(source), source);
  const { rows = 0 } = metadata.rowGroups[0] ?? {};
  const columns = [...metadata.schema.children.keys()];
  const plan = planUnit(metadata, { rowGroup: 0, columns, rows: [{ start: 0, end: rows }] });
  return await decodePlan(source, plan, batchRows);
}

describe.each(["nested", "primitives", "temporal", "decimals", "nulls", "datasets", "codec-none-v1"])("%s", (name) => {
  let batches: RecordBatch[];
  let fields: Field[];
  let decoder: RowDecoder;

  beforeAll(async () => {
    batches = await decodeFixture(name);
    fields = batches[0]?.schema.fields as Field[];
    const columns = fields.map((field) => ({ name: field.name, source: field.name }));
    decoder = new RowDecoder(columns, { int64: "bigint", temporal: "bigint" });
  });

  test("a column of nulls is null in every row", () => {
    const nulls = fields.map(({ type }) => nullColumn(type, 5));
    const data = makeData({ type: new Struct(fields), length: 5, nullCount: 0, children: nulls });
    const batch = new RecordBatch(new Schema(fields), data);
    const none = Object.fromEntries(fields.map((field) => [field.name, null]));
    expect(rowsOf(batch, 0, 5)).toStrictEqual(Array.from({ length: 5 }, () => none));
    expect(tableFromIPC(tableToIPC(new Table([batch]))).numRows).toBe(5);
  });

  test("any runs of rows, joined into one column each, hold the same values", () => {
    const run = fc.record({ at: fc.nat(batches.length - 1), start: fc.nat(batchRows), end: fc.nat(batchRows) });
    fc.assert(
      fc.property(fc.array(run, { minLength: 1, maxLength: 5 }), (asked) => {
        const runs = asked.map(({ at, start, end }) => {
          const batch = batches[at] as RecordBatch;
          const last = Math.min(end, batch.numRows);
          return { batch, start: Math.min(start, last), end: last };
        });
        const columns = fields.map(({ type }, column) =>
          gatherColumn(
            type,
            runs.map(({ batch, start, end }) => ({ data: batch.data.children[column] as Data, start, end })),
          ),
        );
        const length = runs.reduce((sum, { start, end }) => sum + end - start, 0);
        const joined = new RecordBatch(
          new Schema(fields),
          makeData({ type: new Struct(fields), length, nullCount: 0, children: columns }),
        );
        const expected = runs.flatMap(({ batch, start, end }) => rowsOf(batch, start, end));
        expect(rowsOf(joined, 0, length)).toStrictEqual(expected);
      }),
      { numRuns: 60, seed: 7 },
    );
  });

  function rowsOf(batch: RecordBatch, start: number, end: number): Row[] {
    const read = decoder.reader(batch);
    return Array.from({ length: end - start }, (_, row) => read(start + row));
  }
});

import { type Data, Field, makeData, RecordBatch, Schema, Struct, tableFromIPC } from "apache-arrow";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeParquet } from "../../src/parquet/decode.ts";
import { gatherColumn } from "../../src/stream/gather.ts";
import { RowDecoder } from "../../src/stream/row-decoder.ts";
import { readFixtureFile, type Row } from "../parquet/fixture.ts";

const batchRows = 4;

describe.each(["nested", "primitives", "temporal", "decimals", "nulls", "datasets", "mixed"])("%s", (name) => {
  const file = readFixtureFile(name === "mixed" ? "row-groups" : name);
  const batches = [...decodeParquet({ path: name, file, batchRows })].flatMap((bytes) => tableFromIPC(bytes).batches);
  const fields = batches[0]?.schema.fields as Field[];
  const decoder = new RowDecoder(
    fields.map((field) => ({ name: field.name, source: field.name })),
    { int64: "bigint", temporal: "bigint" },
  );

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

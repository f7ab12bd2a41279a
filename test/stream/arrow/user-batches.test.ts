import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { RecordBatch } from "apache-arrow";
import { expect, test } from "vitest";
import { batchTranslator } from "../../../src/stream/arrow/user-batches.ts";
import { loadDataset } from "../../../src/stream/load-dataset.ts";

/** Another copy of it: the package has an ES module and a CommonJS one, whose classes are not the same. */
const otherArrow = createRequire(import.meta.url)("apache-arrow") as typeof import("apache-arrow");
const FIXTURES = path.join(import.meta.dirname, "../../fixtures");

const files = readdirSync(FIXTURES).filter((file) => file.endsWith(".parquet"));

test.each(files)(
  "the batches of %s become those of another copy of apache-arrow, and keep their values",
  async (file) => {
    const translate = batchTranslator(otherArrow);
    const dataset = loadDataset("parquet", { dataFiles: path.join(FIXTURES, file), decodeThreads: 0 });
    for await (const batch of dataset.take(300).batches()) {
      const other = translate(batch);
      expect([batch.constructor, other.constructor]).toEqual([RecordBatch, otherArrow.RecordBatch]);
      for (const { type } of other.schema.fields) expect(Object.values(otherArrow)).toContain(type.constructor);
      expect(other.schema.toString()).toBe(batch.schema.toString());
      expect(other.schema.fields.map(({ metadata }) => [...metadata])).toEqual(
        batch.schema.fields.map(({ metadata }) => [...metadata]),
      );
      expect(otherArrow.tableFromIPC(otherArrow.tableToIPC(new otherArrow.Table(other))).numRows).toBe(batch.numRows);
      expect(new otherArrow.Table(other).toString()).toBe(textOf(batch));
    }
  },
);

function textOf(batch: RecordBatch): string {
  return `[\n  ${batch.toArray().map(String).join(",\n  ")}\n]`;
}

import { expect, test } from "vitest";
import { type RowFormat, writeRows } from "../../src/cli/output/rows.ts";
import type { Features } from "../../src/index.ts";

const features: Features = {
  id: { _type: "Value", dtype: "int64" },
  "a,b": { _type: "Value", dtype: "string" },
  raw: { _type: "Value", dtype: "binary" },
};

async function written(format: RowFormat, ...rows: readonly Record<string, unknown>[]): Promise<string> {
  async function* all(): AsyncGenerator<Record<string, unknown>> {
    for (const row of rows) yield await Promise.resolve(row);
  }
  const about = { features, first: 0, total: undefined, width: 80 };
  const pieces: string[] = [];
  for await (const piece of writeRows(all(), format, about)) pieces.push(piece);
  return pieces.join("");
}

test("CSV is quoted by RFC 4180: null is nothing, an empty text is quoted, lists are JSON, bytes base64", async () => {
  const row = { id: 2n ** 63n, "a,b": 'say "hi",\r\nbye', raw: Uint8Array.of(1, 2) };
  expect(await written("csv", row, { id: null, "a,b": "", raw: ["x", 1n] })).toBe(
    'id,"a,b",raw\n9223372036854775808,"say ""hi"",\r\nbye",AQI=\n,"","[""x"",1]"\n',
  );
});

test("Markdown keeps a row in a line, and its signs apart from the table's", async () => {
  expect(await written("markdown", { id: 1, "a,b": "x|y\\\nz", raw: null })).toBe(
    "| id | a,b | raw |\n| ---: | --- | --- |\n| 1 | x\\|y\\\\↵z | null |\n",
  );
});

test("a table without rows still says which columns there are", async () => {
  expect(await written("table")).toBe("   id  a,b     raw\nint64  string  binary\n─────  ──────  ──────\n\n0 rows\n");
});

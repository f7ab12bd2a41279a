import zlib from "node:zlib";
import { describe, expect, test } from "vitest";
import { dictionaryPage, indices, lengthed, type MadeColumn, type MadePage, makeFile, run } from "./made-file.ts";
import { expectError, int32s, read, useFolder } from "./read-bytes.ts";

useFolder();

const integers = (...pages: MadePage[]): MadeColumn => ({ name: "a", type: 1, pages });

describe("Counts that contradict each other are corrupt", () => {
  const page = (...values: number[]): MadePage => ({ values: values.length, body: int32s(...values) });
  const version2 = { rows: 2, nulls: 0 };
  const files: readonly [string, Uint8Array, RegExp][] = [
    ["rows of the file", makeFile({ rows: 2, fileRows: 3, columns: [integers(page(1, 2))] }), /counts 3 rows/],
    [
      "values of a chunk",
      makeFile({ rows: 2, columns: [{ ...integers(page(1, 2)), values: 1 }] }),
      /1 values in a row group of 2/,
    ],
    [
      "fewer pages",
      makeFile({ rows: 3, columns: [{ ...integers(page(1, 2)), values: 3 }] }),
      /2 values where the footer counts 3/,
    ],
    [
      "more pages",
      makeFile({ rows: 2, columns: [{ ...integers(page(1, 2), page(3)), values: 2 }] }),
      /more rows than the row group/,
    ],
    [
      "rows of a page",
      makeFile({ rows: 2, columns: [integers({ ...page(1, 2), version2: { ...version2, rows: 1 } })] }),
      /another kind/,
    ],
    [
      "nulls of a page",
      makeFile({ rows: 2, columns: [integers({ ...page(1, 2), version2: { ...version2, nulls: 1 } })] }),
      /1 nulls/,
    ],
    [
      "chunks that overlap",
      makeFile({ rows: 1, columns: [integers(page(1)), { ...integers(page(1)), name: "b", offset: 4 }] }),
      /overlap/,
    ],
  ];
  test.each(files)("%s", async (_, bytes, about) => await expectError(bytes, "CORRUPT_FILE", about));

  test("a count of rows that is left at 0 is none", async () => {
    expect(await read(makeFile({ rows: 2, fileRows: 0, columns: [integers(page(1, 2))] }))).toEqual([
      { a: 1 },
      { a: 2 },
    ]);
  });
});

describe.each([
  ["read directly", 1, 4],
  ["by the decoder", 7, 4],
])("Levels and indices that cannot be are corrupt: %s", (_, type, width) => {
  const column = (...pages: MadePage[]): MadeColumn => ({ name: "a", type, ...(type === 7 ? { width } : {}), pages });
  const value = int32s(1);

  test("a definition level above the highest", async () => {
    const pages = [{ values: 1, body: Buffer.concat([lengthed(run(1, 3)), value]) }];
    await expectError(
      makeFile({ rows: 1, columns: [{ ...column(...pages), isOptional: true }] }),
      "CORRUPT_FILE",
      /is 3, of at most 1/,
    );
  });

  test("a first repetition level that is not 0", async () => {
    const body = Buffer.concat([lengthed(run(1, 1)), lengthed(run(1, 1)), value]);
    await expectError(
      makeFile({ rows: 1, columns: [{ ...column({ values: 1, body }), isList: true }] }),
      "CORRUPT_FILE",
      /first repetition level/,
    );
  });

  test("an index out of the dictionary, or no dictionary", async () => {
    const bad = { values: 1, encoding: 8, body: indices(1, 1) };
    await expectError(
      makeFile({ rows: 1, columns: [column(dictionaryPage(value), bad)] }),
      "CORRUPT_FILE",
      /is 1, of at most 0/,
    );
    await expectError(makeFile({ rows: 1, columns: [column(bad)] }), "CORRUPT_FILE", /a dictionary is missing/);
  });

  test("fewer values than levels say", async () => {
    await expectError(
      makeFile({ rows: 2, columns: [column({ values: 2, body: value })] }),
      "CORRUPT_FILE",
      /values end too early/,
    );
  });
});

test("Bytes that are not those of their checksum are corrupt, and the page is named", async () => {
  const body = int32s(1, 2, 3);
  const checksum = zlib.crc32(body);
  const file = (sum: number, type = 1) => {
    const page = { values: 3, body, checksum: sum };
    return makeFile({ rows: 3, columns: [{ name: "a", type, ...(type === 7 ? { width: 4 } : {}), pages: [page] }] });
  };
  expect(await read(file(checksum))).toHaveLength(3);
  for (const type of [1, 7])
    await expectError(file(checksum ^ 1, type), "CORRUPT_FILE", /column a: page 0 .* checksum/);
});

test("Columns of one name are an error that names them, unless others are chosen", async () => {
  const named = (name: string): MadeColumn => ({ ...integers({ values: 1, body: int32s(5) }), name });
  const file = makeFile({ rows: 1, columns: [named("a"), named("a"), named("b")] });
  await expectError(file, "SCHEMA_MISMATCH", /two columns or fields named 'a'/);
  await expectError(file, "SCHEMA_MISMATCH", /'a'/, { columns: ["a"] });
  expect(await read(file, { columns: ["b"] })).toEqual([{ b: 5 }]);
});

test("A dictionary header that its writer did not count is read, though the next chunk follows at once", async () => {
  const column = (name: string): MadeColumn => ({
    ...integers(dictionaryPage(int32s(9)), { values: 25, encoding: 8, body: indices(25, 0) }),
    name,
  });
  const parts = { rows: 25, columns: [column("a"), column("b")], uncounted: 13 };
  const rows = await read(makeFile({ ...parts, createdBy: "parquet-mr" }));
  expect(rows).toEqual(Array.from({ length: 25 }, () => ({ a: 9, b: 9 })));
  await expectError(makeFile({ ...parts, createdBy: "parquet-mr version 1.12.0" }), "CORRUPT_FILE", /column a/);
});

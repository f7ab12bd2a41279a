import zlib from "node:zlib";
import { describe, expect, test } from "vitest";
import { isHfStreamError } from "../../src/errors.ts";
import { writeThrift } from "../../src/parquet/footer/thrift-writer.ts";
import type { LoadDatasetOptions } from "../../src/stream/options.ts";
import type { Row } from "./fixture.ts";
import {
  dictionaryPage,
  indices,
  lengthed,
  type MadeColumn,
  type MadePage,
  makeFile,
  run,
  withFooter,
} from "./made-file.ts";
import { expectError, int32s, open, read, useFolder } from "./read-bytes.ts";

const MIB = 1024 * 1024;
const MOST = 2 ** 31 - 1;

useFolder();

/** The first rows, of so many that nobody can read all. */
async function firstRows(bytes: Uint8Array, count: number, options?: LoadDatasetOptions): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const row of await open(bytes, options)) {
    rows.push(row);
    if (rows.length === count) break;
  }
  return rows;
}

const textOf = (length: number): Uint8Array => Buffer.concat([int32s(length), Buffer.alloc(length, "a")]);
const integers = (...pages: MadePage[]): MadeColumn => ({ name: "a", type: 1, pages });

describe("A few bytes that stand for billions of rows give the first ones at once", () => {
  const levels = lengthed(run(MOST, 0));
  const files: readonly [string, MadeColumn, unknown][] = [
    [
      "indices of integers",
      integers(dictionaryPage(int32s(7)), { values: MOST, encoding: 8, body: indices(MOST, 0) }),
      7,
    ],
    ["nulls", { ...integers({ values: MOST, body: levels }), isOptional: true }, null],
    [
      "bytes of the decoder's own kind",
      {
        name: "a",
        type: 7,
        width: 2,
        pages: [dictionaryPage(Buffer.from("xy")), { values: MOST, encoding: 8, body: indices(MOST, 0) }],
      },
      new Uint8Array(Buffer.from("xy")),
    ],
  ];
  test.each(files)("%s", async (_, column, value) => {
    for (const decodeThreads of [0, 1]) {
      const rows = await firstRows(makeFile({ rows: MOST, columns: [column] }), 10_000, { decodeThreads });
      expect(rows).toHaveLength(10_000);
      expect(rows.at(-1)).toStrictEqual({ a: value });
    }
  });

  test("lists, too", async () => {
    const body = Buffer.concat([lengthed(run(MOST, 0)), lengthed(run(MOST, 1)), indices(MOST, 0)]);
    const column = { ...integers(dictionaryPage(int32s(7)), { values: MOST, encoding: 8, body }), isList: true };
    const rows = await firstRows(makeFile({ rows: MOST, columns: [column] }), 10_000);
    expect(rows.at(-1)).toStrictEqual({ a: [7] });
  });

  test("and long values that are repeated come in small batches", async () => {
    const page: MadePage = { values: 10_000_000, encoding: 8, body: indices(10_000_000, 0) };
    const column: MadeColumn = { name: "a", type: 6, isText: true, pages: [dictionaryPage(textOf(MIB)), page] };
    const rows = await firstRows(makeFile({ rows: 10_000_000, columns: [column] }), 20);
    expect(String(rows.at(-1)?.["a"])).toHaveLength(MIB);
  });
});

describe("What is more than the memory budget allows is told as too large, not as corrupt", () => {
  const size = 200 * MIB;
  test.each([
    ["gzip", 2, zlib.gzipSync(textOf(size - 4))],
    ["brotli", 4, zlib.brotliCompressSync(textOf(size - 4), { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 } })],
  ])("a page of %s", async (_, codec, body) => {
    const column: MadeColumn = { name: "a", type: 6, codec, pages: [{ values: 1, body, size }] };
    const file = makeFile({ rows: 1, columns: [column] });
    for (const decodeThreads of [0, 1])
      await expectError(file, "UNSUPPORTED_FORMAT", /column a: a page would take 200 MiB/, { decodeThreads });
  });

  test("a row of many pages, though each is small", async () => {
    const body = zlib.gzipSync(textOf(MIB));
    const columns = Array.from({ length: 200 }, (_, index): MadeColumn => {
      return { name: `c${index}`, type: 6, codec: 2, pages: [{ values: 1, body, size: MIB + 4 }] };
    });
    await expectError(makeFile({ rows: 1, columns }), "UNSUPPORTED_FORMAT", /memoryBudget/);
    const wide = columns.map((column) => ({ ...column, type: 7, width: MIB + 4 }));
    await expectError(makeFile({ rows: 1, columns: wide }), "UNSUPPORTED_FORMAT", /memoryBudget/);
  });

  test("a row of a list without end", async () => {
    const levels = Buffer.concat([run(1, 0), run(MOST - 1, 1)]);
    const body = Buffer.concat([lengthed(levels), lengthed(run(MOST, 1)), indices(MOST, 0)]);
    const column = { ...integers(dictionaryPage(int32s(7)), { values: MOST, encoding: 8, body }), isList: true };
    await expectError(makeFile({ rows: 1, columns: [column] }), "UNSUPPORTED_FORMAT", /a row would take/);
  });

  test("nulls of a width that nobody can hold", async () => {
    const pages = [{ values: 9, body: lengthed(run(9, 0)) }];
    const column: MadeColumn = { name: "a", type: 7, width: 2 ** 30, isOptional: true, pages };
    await expectError(makeFile({ rows: 9, columns: [column] }), "UNSUPPORTED_FORMAT", /a row would take/);
  });
});

describe("A page that becomes more than is said is corrupt, before it takes memory", () => {
  const body = zlib.gzipSync(textOf(50 * MIB));
  test("than its header says", async () => {
    const column: MadeColumn = { name: "a", type: 6, codec: 2, pages: [{ values: 1, body, size: 100 }] };
    await expectError(makeFile({ rows: 1, columns: [column] }), "CORRUPT_FILE", /becomes more bytes than it says/);
  });

  test("than the footer counts", async () => {
    const page = { values: 1, body, size: 50 * MIB + 4 };
    const column: MadeColumn = { name: "a", type: 6, codec: 2, uncompressedLength: 100, pages: [page] };
    await expectError(makeFile({ rows: 1, columns: [column] }), "CORRUPT_FILE", /more bytes than the footer counts/);
  });
});

test("A footer of millions of empty things is refused, whatever they are", async () => {
  const many = Buffer.alloc(3_000_000);
  const count = [0xfc, 0xc0, 0x8d, 0xb7, 0x01];
  const root = writeThrift(new Map([[4, { type: 8, value: Buffer.from("s") }]]));
  const schema = Buffer.concat([Buffer.from([0x29, 0x1c]), root]);
  for (const footer of [
    Buffer.from([0x29, ...count]),
    Buffer.concat([schema, Buffer.from([0x29, ...count])]),
    Buffer.concat([schema, Buffer.from([0x39, ...count])]),
  ]) {
    const bytes = withFooter(Buffer.from("PAR1"), Buffer.concat([footer, many, Buffer.from([0])]));
    const error = await read(bytes).catch((thrown: unknown) => thrown);
    expect(isHfStreamError(error, "CORRUPT_FILE", "UNSUPPORTED_FORMAT"), String(error)).toBe(true);
  }
});

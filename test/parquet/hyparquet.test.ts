import { parquetReadObjects } from "hyparquet";
import { expect, test } from "vitest";
import { pick, readFixture, readFixtureFile } from "./fixture.ts";

// What this other reader has exact values for: it makes doubles of decimals, and loses a timestamp's microseconds.
const columns = ["id", "small", "score", "ratio", "text", "lang", "flag", "tags"];

test.each(["codec-none-v2", "codec-snappy-v1", "dictionary-full", "delta", "row-groups", "empty-row-groups"])(
  "%s holds the rows that hyparquet reads, too",
  async (name) => {
    const rows = await parquetReadObjects({ file: readFixtureFile(name).buffer, columns });
    // Nulls of lists are `undefined` there.
    const found = rows.map((row) => Object.fromEntries(columns.map((column) => [column, row[column] ?? null])));
    expect(found).toStrictEqual(readFixture(name).rows.map((row) => pick(row, columns)));
  },
);

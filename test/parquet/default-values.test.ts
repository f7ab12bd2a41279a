import path from "node:path";
import { DataType, type Field } from "apache-arrow";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isHfStreamError } from "../../src/errors.ts";
import { decodedSchema } from "../../src/parquet/footer/arrow-schema.ts";
import { parseFooter, readFooter } from "../../src/parquet/footer/footer.ts";
import { loadDataset } from "../../src/stream/load-dataset.ts";
import { makeFolder, type TemporaryFolder } from "../helpers/temporary-folder.ts";
import { bytesSource } from "./bytes-source.ts";
import { collect, fixtureFolder, fixtureNames, readFixture, readFixtureFile } from "./fixture.ts";

const MS_PER_UNIT = [1000, 1, 1e-3, 1e-6] as const;
const MAX_DATE_MS = 8.64e15;

let folder: TemporaryFolder;

beforeAll(async () => {
  folder = await makeFolder();
});

afterAll(() => folder[Symbol.asyncDispose]());

/** A value that the default options have no exact form for. */
class Inexact extends Error {
  readonly option: string;

  constructor(option: string) {
    super(option);
    this.option = option;
  }
}

/** What a bigint of the column is by default. */
function narrow(type: DataType, value: bigint): unknown {
  if (DataType.isDate(type)) return new Date(Number(value) * 86_400_000);
  if (DataType.isTimestamp(type)) {
    const ms = Number(value) * (MS_PER_UNIT[type.unit] ?? 1);
    if (!Number.isInteger(ms) || Math.abs(ms) > MAX_DATE_MS) throw new Inexact("temporal: 'bigint'");
    return new Date(ms);
  }
  if (!Number.isSafeInteger(Number(value))) throw new Inexact("int64: 'bigint'");
  return Number(value);
}

/** Turns a value with bigints into what the default options give. */
function byDefault(type: DataType, value: unknown): unknown {
  const children = type.children as readonly Field[];
  if (typeof value === "bigint") return narrow(type, value);
  if (Array.isArray(value)) {
    const item = (children[0] as Field).type as DataType;
    if (!DataType.isMap(type)) return value.map((element) => byDefault(item, element));
    const [key, cell] = item.children as [Field<DataType>, Field<DataType>];
    return (value as [unknown, unknown][]).map((pair) => [byDefault(key.type, pair[0]), byDefault(cell.type, pair[1])]);
  }
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(
    children.map(({ name, type: inner }) => [
      name,
      byDefault(inner as DataType, (value as Record<string, unknown>)[name]),
    ]),
  );
}

// How the values are stored makes no difference here.
const names = fixtureNames.filter((name) => !name.startsWith("codec-") || name === "codec-zstd-v2");

describe.each(names)("%s", (name) => {
  test("gives numbers and dates by default, or says which option keeps the column's values exact", async () => {
    const file = readFixtureFile(name);
    const source = bytesSource(file, name);
    const schema = decodedSchema(parseFooter(await readFooter(source), source));
    const { rows } = readFixture(name);
    for (const { name: column, type } of schema.fields) {
      const read = collect(
        loadDataset("parquet", {
          dataFiles: path.join(fixtureFolder, `${name}.parquet`),
          columns: [column],
          decodeThreads: 0,
          cacheDir: folder.path,
        }),
      );
      let expected: unknown[];
      try {
        expected = rows.map((row) => ({ [column]: byDefault(type as DataType, row[column]) }));
      } catch (error) {
        if (!(error instanceof Inexact)) throw error;
        const failure: unknown = await read.catch((reason: unknown) => reason);
        expect(isHfStreamError(failure, "UNSAFE_INTEGER"), column).toBe(true);
        expect((failure as Error).message).toContain(`Column ${column}`);
        expect((failure as Error).message).toContain(error.option);
        continue;
      }
      expect(await read).toStrictEqual(expected);
    }
  });
});

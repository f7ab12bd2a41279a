import path from "node:path";
import { DataType, type Field } from "apache-arrow";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decodedSchema } from "../../src/parquet/footer/arrow-schema.ts";
import { parseFooter, readFooter } from "../../src/parquet/footer/footer.ts";
import { loadDataset } from "../../src/stream/load-dataset.ts";
import { makeFolder, type TemporaryFolder } from "../helpers/temporary-folder.ts";
import { bytesSource } from "./bytes-source.ts";
import { collect, fixtureFolder, fixtureNames, parsedJson, readFixture, readFixtureFile } from "./fixture.ts";

/** Of a second, by unit. */
const PER_SECOND = [1n, 1000n, 1_000_000n, 1_000_000_000n] as const;

let folder: TemporaryFolder;

beforeAll(async () => {
  folder = await makeFolder();
});

afterAll(() => folder[Symbol.asyncDispose]());

/** What a bigint of the column is by default. */
function narrow(type: DataType, value: bigint): unknown {
  if (DataType.isDate(type)) return new Date(Number(value) * 86_400_000);
  if (DataType.isTimestamp(type)) {
    const per = PER_SECOND[type.unit] as bigint;
    const ms = (value * 1000n - ((((value * 1000n) % per) + per) % per)) / per; // rounded down
    return new Date(Number(ms));
  }
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
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
  test("gives numbers where they are exact, else bigints, and dates rounded down to the millisecond by default", async () => {
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
      const expected = rows.map((row) => ({ [column]: byDefault(type as DataType, row[column]) }));
      expect(await read).toStrictEqual(parsedJson(name, expected));
    }
  });
});

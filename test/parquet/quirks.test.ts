import { cp, mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type ThriftList, type ThriftStruct, ThriftType } from "../../src/parquet/footer/thrift.ts";
import { intField, listField } from "../../src/parquet/footer/thrift-fields.ts";
import type { LoadDatasetOptions } from "../../src/stream/options.ts";
import { loadDataset } from "../../src/stream/load-dataset.ts";
import { makeFolder, type TemporaryFolder } from "../helpers/temporary-folder.ts";
import { editFooter, footerStart, mapChunks, mapField, mapList, withFields } from "./edit-footer.ts";
import { collect, fixtureFolder, pick, readFixture, readFixtureFile, type Row } from "./fixture.ts";

let folder: TemporaryFolder;

beforeEach(async () => {
  folder = await makeFolder();
  await mkdir(path.join(folder.path, "data"));
});

afterEach(() => folder[Symbol.asyncDispose]());

async function put(name: string, bytes: Uint8Array): Promise<void> {
  await writeFile(path.join(folder.path, "data", name), bytes);
}

function open(options: LoadDatasetOptions = {}) {
  return loadDataset<Row>(path.join(folder.path, "data"), {
    cacheDir: path.join(folder.path, "cache"),
    decodeThreads: 0,
    int64: "bigint",
    temporal: "bigint",
    ...options,
  });
}

const int = (value: number) => ({ type: ThriftType.I64, value });

/** The metadata of a chunk, which is its field 3, with fields changed. */
function withMetadata(chunk: ThriftStruct, edit: (metadata: ThriftStruct) => ThriftStruct): ThriftStruct {
  return mapField(chunk, 3, (metadata) => edit(metadata as ThriftStruct));
}

test("A dictionary offset of 0 is none", async () => {
  const noDictionary = (chunk: ThriftStruct): ThriftStruct =>
    withMetadata(chunk, (data) => withFields(data, { 11: int(0) }));
  await put(
    "a.parquet",
    editFooter(readFixtureFile("dictionary-off"), (footer) => mapChunks(footer, noDictionary)),
  );
  expect(await collect(open())).toStrictEqual(readFixture("dictionary-off").rows);
});

test("Row groups count their rows where the file's count is 0", async () => {
  await put(
    "a.parquet",
    editFooter(readFixtureFile("row-groups"), (footer) => withFields(footer, { 3: int(0) })),
  );
  expect(await collect(open())).toStrictEqual(readFixture("row-groups").rows);
  expect(await open().numRows()).toBe(60);
});

test("Column chunks may stand in any order in the file", async () => {
  const file = readFixtureFile("codec-zstd-v1");
  const places = new Map<number, number>();
  const parts: Uint8Array[] = [];
  const end = footerStart(file);
  let length = end;
  // The chunks once more behind the old ones, the last column first.
  editFooter(file, (footer) =>
    mapChunks(footer, (chunk, index) => {
      const metadata = chunk.get(3)?.value as ThriftStruct;
      const data = intField(metadata, 9) as number;
      const start = Math.min(data, intField(metadata, 11) ?? data);
      places.set(index, start);
      parts.unshift(file.subarray(start, start + (intField(metadata, 7) as number)));
      return chunk;
    }),
  );
  const moved = new Map<number, number>();
  for (const [at, part] of parts.entries()) {
    moved.set(parts.length - 1 - at, length);
    length += part.length;
  }
  const longer = Buffer.concat([file.subarray(0, end), ...parts, file.subarray(end)]);
  const edited = editFooter(longer, (footer) =>
    mapChunks(footer, (chunk, index) =>
      withMetadata(chunk, (metadata) => {
        const shift = (moved.get(index) as number) - (places.get(index) as number);
        const move = (value: unknown): number => (value as number) + shift;
        return mapField(mapField(metadata, 9, move), 11, move);
      }),
    ),
  );
  // What the footer no longer points at may be anything.
  edited.fill(0xee, 4, end);
  await put("a.parquet", edited);
  const { rows, columns } = readFixture("codec-zstd-v1");
  expect(await collect(open())).toStrictEqual(rows);
  for (const column of columns) {
    expect(await collect(open({ columns: [column] }))).toStrictEqual(rows.map((row) => pick(row, [column])));
  }
});

test("Lists of the old form, without a group of their own for the items, are read as lists", async () => {
  const isOld = (element: ThriftStruct): boolean => text(element) === "list_of_required";
  const edited = editFooter(readFixtureFile("nulls"), (footer) => {
    const schema = listField(footer, 2) as readonly ThriftStruct[];
    const at = schema.findIndex(isOld);
    const item = withFields(schema[at + 2] as ThriftStruct, {
      3: { type: ThriftType.I32, value: 2 },
      4: { type: ThriftType.BINARY, value: Buffer.from("array") },
    });
    const shortened = mapList(footer, 2, (element, index) =>
      index === at + 1 ? item : index === at + 2 ? undefined : element,
    );
    return mapChunks(shortened, (chunk) =>
      withMetadata(chunk, (metadata) =>
        mapField(metadata, 3, (names) => {
          const list = names as ThriftList;
          const [first] = list.values as readonly Uint8Array[];
          if (Buffer.from(first as Uint8Array).toString() !== "list_of_required") return names;
          return { ...list, values: [first as Uint8Array, Buffer.from("array")] };
        }),
      ),
    );
  });
  await put("a.parquet", edited);
  const { rows } = readFixture("nulls");
  expect(await collect(open())).toStrictEqual(rows);
  expect(await collect(open({ columns: ["list_of_required"] }))).toStrictEqual(
    rows.map((row) => pick(row, ["list_of_required"])),
  );
});

test("A page index that cannot be that of its column is not relied on", async () => {
  const shifted = editFooter(readFixtureFile("paged-v1"), (footer) =>
    mapChunks(footer, (chunk, index) => {
      const [own, other] = [4, 5].map((id) => intField(chunk, id)) as [number, number];
      // One that is of another column, one that is out of the file.
      return index === 2
        ? withFields(chunk, { 4: int(own + other) })
        : index === 10
          ? withFields(chunk, { 4: int(2 ** 40) })
          : chunk;
    }),
  );
  await put("a.parquet", shifted);
  const { rows } = readFixture("paged-v1");
  for (const column of ["images", "hash"]) {
    const found = await collect(open({ columns: [column] }).slice(300, 310));
    expect(found).toStrictEqual(rows.slice(300, 310).map((row) => pick(row, [column])));
  }
});

test("Columns that a later file lacks are null in its rows, for filters too", async () => {
  await cp(path.join(fixtureFolder, "codec-none-v1.parquet"), path.join(folder.path, "data/a.parquet"));
  await cp(path.join(fixtureFolder, "row-groups-200.parquet"), path.join(folder.path, "data/b.parquet"));
  const { rows } = readFixture("codec-none-v1");
  const few = readFixture("row-groups-200").rows;
  const options = { columns: ["small", "tags"] };
  const nothing = few.map(() => ({ small: null, tags: null }));
  expect(await collect(open(options))).toStrictEqual([...rows.map((row) => pick(row, ["small", "tags"])), ...nothing]);
  expect((await collect(open(options).batches({ batchSize: 50 }))).map(({ numRows }) => numRows)).toEqual([
    50, 50, 50, 50, 50, 10,
  ]);
  expect(await collect(open({ ...options, filters: [["small", "==", 1]] }))).toHaveLength(1);
  expect(await collect(open({ ...options, filters: [["small", "not in", [1]]] }))).toHaveLength(259);
  expect(
    await collect(
      open({
        ...options,
        filters: [
          ["small", "in", [null]],
          ["lang", "in", ["x", null]],
        ],
      }),
    ),
  ).toHaveLength(200);
});

function text(element: ThriftStruct): string {
  return Buffer.from(element.get(4)?.value as Uint8Array).toString();
}

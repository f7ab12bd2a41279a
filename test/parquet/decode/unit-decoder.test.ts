import type { RecordBatch } from "apache-arrow";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isHfStreamError } from "../../../src/errors.ts";
import { UnitDecoder } from "../../../src/parquet/decode/unit-decoder.ts";
import { Workspace } from "../../../src/parquet/decode/workspace.ts";
import { parseFooter, readFooter } from "../../../src/parquet/footer/footer.ts";
import type { FileMetadata, FileRange } from "../../../src/parquet/footer/metadata.ts";
import { type PageLocation, parseOffsetIndex } from "../../../src/parquet/footer/page-index.ts";
import { readThrift, type ThriftField, type ThriftStruct, ThriftType } from "../../../src/parquet/footer/thrift.ts";
import { writeThrift } from "../../../src/parquet/footer/thrift-writer.ts";
import { planUnit, type UnitPlan } from "../../../src/parquet/plan.ts";
import { RowDecoder } from "../../../src/stream/arrow/row-decoder.ts";
import { bytesSource } from "../bytes-source.ts";
import { pick, readFixture, readFixtureFile, type Row } from "../fixture.ts";
import { decodeCut } from "./cut-plan.ts";

interface Opened {
  readonly file: Uint8Array;
  readonly metadata: FileMetadata;
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
}

async function openFixture(name: string): Promise<Opened> {
  const file = readFixtureFile(name);
  const source = bytesSource(file, name);
  return { file, metadata: parseFooter(await readFooter(source), source), ...readFixture(name) };
}

/** Plans row group 0, or some rows of it. */
function planFirst({ file, metadata }: Opened, range?: FileRange, places?: readonly number[]): UnitPlan {
  const { rows, columns } = metadata.readRowGroup(0);
  const pages = (): Map<number, readonly PageLocation[]> =>
    new Map(
      columns.map(({ offsetIndex }, leaf) => {
        const { offset, length } = offsetIndex as FileRange;
        return [leaf, parseOffsetIndex(file.subarray(offset, offset + length), "fixture")];
      }),
    );
  return planUnit(metadata, {
    rowGroup: 0,
    columns: places ?? [...metadata.schema.children.keys()],
    rows: [range === undefined ? { start: 0, end: rows } : { start: range.offset, end: range.offset + range.length }],
    pages: range === undefined ? undefined : pages(),
  });
}

function rowsOf(batches: readonly RecordBatch[], columns: readonly string[]): Row[] {
  const decoder = new RowDecoder(
    columns.map((column) => ({ name: column, source: column })),
    { int64: "bigint", temporal: "bigint" },
  );
  return batches.flatMap((batch) => {
    const read = decoder.reader(batch);
    return Array.from({ length: batch.numRows }, (_, row) => read(row));
  });
}

/** Places to cut each chunk at, chunks with places of their own. */
const someCuts = fc
  .tuple(fc.integer({ min: 1, max: 6 }), fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })))
  .map(([count, shares]) => {
    const byChunk = Array.from({ length: 40 }, () => [...shares.take(count)].sort((a, b) => a - b));
    return (chunk: number): readonly number[] => byChunk[chunk] ?? [];
  });

describe.each([false, true])("A row group, its pages put into files: %s", (throughFiles) => {
  test.each([
    "codec-none-v1",
    "codec-none-v2",
    "codec-snappy-v1",
    "codec-zstd-v2",
    "dictionary-full",
    "dictionary-off",
    "nested",
    "nested-v2",
    "nulls",
    "primitives",
    "datasets",
  ])("%s gives the same rows wherever its bytes are cut", async (name) => {
    const opened = await openFixture(name);
    const plan = planFirst(opened);
    const expected = opened.rows.slice(0, plan.hull.end);
    const decode = async (cuts: (chunk: number) => readonly number[], batchRows: number): Promise<void> => {
      const found = await decodeCut(opened.file, plan, { cuts, batchRows, throughFiles });
      expect(rowsOf(found, opened.columns)).toStrictEqual(expected);
    };
    await fc.assert(fc.asyncProperty(someCuts, fc.constantFrom(1, 7, 5000), decode), { numRuns: 6, seed: 5 });
  });

  test.each(["paged-v1", "paged-v2"])("%s gives the wanted rows, wherever its bytes are cut", async (name) => {
    const opened = await openFixture(name);
    const count = opened.metadata.rowGroups[0]?.rows ?? 0;
    const decode = async (cuts: (chunk: number) => readonly number[], share: number, length: number): Promise<void> => {
      const start = Math.floor(share * (count - 1));
      const end = Math.min(count, start + length);
      const plan = planFirst(opened, { offset: start, length: end - start });
      const found = rowsOf(await decodeCut(opened.file, plan, { cuts, throughFiles }), opened.columns);
      expect(found.length).toBe(plan.hull.end - plan.hull.start);
      const wanted = found.slice(start - plan.hull.start, end - plan.hull.start);
      expect(wanted).toStrictEqual(opened.rows.slice(start, end));
    };
    const anywhere = fc.double({ min: 0, max: 1, noNaN: true });
    await fc.assert(fc.asyncProperty(someCuts, anywhere, fc.integer({ min: 1, max: 40 }), decode), {
      numRuns: 25,
      seed: 7,
    });
  });
});

test("Rows of lists whose pages do not say how many they have may come after rows that nobody wants", async () => {
  const opened = await openFixture("paged-v1");
  const { leaves, schema } = opened.metadata;
  const count = opened.metadata.rowGroups[0]?.rows ?? 0;
  const lists = leaves.filter(
    ({ list: own, top }) => own !== undefined && leaves.filter((leaf) => leaf.top === top).length === 1,
  );
  const flat = leaves.filter(({ path }) => path.length === 1);
  expect(Math.min(lists.length, flat.length)).toBeGreaterThan(0);
  for (const one of lists)
    for (const other of flat)
      for (let start = 50; start < count; start += 90) {
        const places = [one.top, other.top].sort((a, b) => a - b);
        const plan = planFirst(opened, { offset: start, length: 1 }, places);
        const [slice] = plan.slices;
        // The rows before come alone first, of the list; all of the other column.
        const cuts = (chunk: number): number[] => {
          const { offset = 0, length = 1 } = slice?.chunks[chunk] ?? {};
          const filler = slice?.made.find(({ target }) => target === offset);
          return [places[chunk] === other.top ? 1 : (filler?.bytes.length ?? 0) / length];
        };
        const names = places.map((place) => schema.children[place]?.name ?? "");
        const found = rowsOf(await decodeCut(opened.file, plan, { cuts, throughFiles: true }), names);
        expect(found[start - plan.hull.start]).toStrictEqual(pick(opened.rows[start] as Row, names));
      }
});

const int = (value: number): ThriftField => ({ type: ThriftType.I32, value });
const struct = (...fields: [number, ThriftField][]): ThriftField => ({
  type: ThriftType.STRUCT,
  value: new Map(fields),
});
const list = (elementType: number, values: readonly (number | ThriftStruct | Uint8Array)[]): ThriftField => ({
  type: ThriftType.LIST,
  value: { elementType, values },
});
const bytes = (value: string): Uint8Array => new TextEncoder().encode(value);

/** One uncompressed column of required strings, whose pages name the values of a dictionary. */
function dictionaryUnit(
  values: readonly string[],
  pages: readonly { readonly index: number; readonly rows: number }[],
): { readonly footer: Uint8Array; readonly pages: readonly Uint8Array[] } {
  const stored = values.map((value) => {
    const text = bytes(value);
    return [...new Uint8Array(new Int32Array([text.length]).buffer), ...text];
  });
  const page = (type: number, body: Uint8Array, kind: [number, ThriftField]): Uint8Array => {
    const header = writeThrift(new Map([[1, int(type)], [2, int(body.length)], [3, int(body.length)], kind]));
    return Uint8Array.from([...header, ...body]);
  };
  const dictionary = page(2, Uint8Array.from(stored.flat()), [7, struct([1, int(values.length)], [2, int(0)])]);
  const data = pages.map(({ index, rows }) => {
    const run: number[] = [];
    let rest = rows * 2;
    for (; rest >= 0x80; rest = Math.floor(rest / 128)) run.push((rest % 128) | 0x80);
    const body = Uint8Array.from([8, ...run, rest, index]);
    return page(0, body, [5, struct([1, int(rows)], [2, int(8)], [3, int(3)], [4, int(3)])]);
  });
  const rows = pages.reduce((sum, { rows: own }) => sum + own, 0);
  const all = [dictionary, ...data];
  const size = all.reduce((sum, { length }) => sum + length, 0);
  const name: ThriftField = { type: ThriftType.BINARY, value: bytes("text") };
  const long = (value: number): ThriftField => ({ type: ThriftType.I64, value });
  const column = struct(
    ...([
      [1, int(6)],
      [2, list(ThriftType.I32, [0, 3, 8])],
      [3, list(ThriftType.BINARY, [bytes("text")])],
      [4, int(0)],
      [5, long(rows)],
      [6, long(size)],
      [7, long(size)],
      [9, long(4 + dictionary.length)],
      [11, long(4)],
    ] as [number, ThriftField][]),
  );
  const schema: ThriftStruct[] = [
    new Map([
      [4, name],
      [5, int(1)],
    ]),
    new Map([
      [1, int(6)],
      [3, int(0)],
      [4, name],
      [6, int(0)],
    ]),
  ];
  const group: ThriftStruct = new Map([
    [
      1,
      list(ThriftType.STRUCT, [
        new Map([
          [2, long(4)],
          [3, column],
        ]),
      ]),
    ],
    [2, long(size)],
    [3, long(rows)],
  ]);
  const footer = writeThrift(
    new Map([
      [1, int(1)],
      [2, list(ThriftType.STRUCT, schema)],
      [3, long(rows)],
      [4, list(ThriftType.STRUCT, [group])],
    ]),
  );
  return { footer, pages: all };
}

/** Pushes each of `slices` as one, and fills its buffer when it is given back. */
async function lengthsAndTexts(
  footer: Uint8Array,
  slices: readonly (readonly Uint8Array[])[],
): Promise<{ readonly rows: number; readonly bytes: number; readonly first: string }[]> {
  const decoder = await UnitDecoder.begin(
    { path: "made", footer, batchRows: 8192, memoryBudget: 2 ** 29 },
    new Workspace(),
  );
  const found: { rows: number; bytes: number; first: string }[] = [];
  for (const [index, pieces] of slices.entries()) {
    const slice = new Uint8Array(Buffer.concat(pieces));
    const chunks = [{ offset: 0, length: slice.length }];
    for (const batch of decoder.push({ bytes: slice, chunks, isLast: index === slices.length - 1 })) {
      const [column] = "columns" in batch ? batch.columns : [];
      const { rows = 0, values = new Uint8Array(), offsets = new Int32Array() } = column ?? {};
      found.push({ rows, bytes: values.length, first: Buffer.from(values.subarray(0, offsets[1])).toString() });
    }
    if (decoder.leave(slice.buffer)) slice.fill(0xff);
  }
  return found;
}

test("A dictionary outlives the buffer that it came in", async () => {
  const { footer, pages } = dictionaryUnit(
    ["zero", "one"],
    [
      { index: 0, rows: 100 },
      { index: 1, rows: 100 },
    ],
  );
  const [dictionary, first, second] = pages as [Uint8Array, Uint8Array, Uint8Array];
  expect(await lengthsAndTexts(footer, [[dictionary, first], [second]])).toEqual([
    { rows: 100, bytes: 400, first: "zero" },
    { rows: 100, bytes: 300, first: "one" },
  ]);
});

test("Batches stay small where few bytes stand for long values many times over", async () => {
  const { footer, pages } = dictionaryUnit(["x".repeat(300_000)], [{ index: 0, rows: 500 }]);
  const batches = await lengthsAndTexts(footer, [pages]);
  expect(batches.reduce((sum, { rows }) => sum + rows, 0)).toBe(500);
  for (const { bytes: size } of batches) expect(size).toBeLessThanOrEqual(32 * 1024 * 1024);
});

test("A footer whose column chunks make no sense is corrupt, before any page comes", async () => {
  const { file, metadata } = await openFixture("codec-snappy-v1");
  const group = metadata.readRowGroup(0);
  const [first] = group.columns;
  const codec = new Map(readThrift(first?.stored ?? new Uint8Array()).struct).set(4, {
    type: ThriftType.BINARY,
    value: file.subarray(0, 4),
  });
  const columns = [{ ...first, stored: writeThrift(codec) }, ...group.columns.slice(1)];
  const damaged = { ...metadata, readRowGroup: () => ({ ...group, columns }) };
  const { footer } = planUnit(damaged as FileMetadata, { rowGroup: 0, columns: [0], rows: [{ start: 0, end: 1 }] });
  const begun = UnitDecoder.begin({ path: "made", footer, batchRows: 1, memoryBudget: 2 ** 29 }, new Workspace());
  const error = await begun.catch((thrown: unknown) => thrown);
  expect(isHfStreamError(error, "CORRUPT_FILE")).toBe(true);
});

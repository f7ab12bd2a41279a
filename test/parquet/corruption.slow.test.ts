import { copyFile, mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isHfStreamError } from "../../src/errors.ts";
import { parseFooter, readFooter } from "../../src/parquet/footer/footer.ts";
import { ParquetFile } from "../../src/parquet/parquet-file.ts";
import { ThriftType } from "../../src/parquet/footer/thrift.ts";
import type { LoadDatasetOptions } from "../../src/stream/options.ts";
import { loadDataset } from "../../src/stream/load-dataset.ts";
import { makeFolder, type TemporaryFolder } from "../helpers/temporary-folder.ts";
import { bytesSource } from "./bytes-source.ts";
import { editFooter, footerStart, mapChunks, mapField, mapList, withFields } from "./edit-footer.ts";
import { collect, fixtureFolder, readFixture, readFixtureFile, type Row } from "./fixture.ts";

let folder: TemporaryFolder;
let next = 0;

beforeEach(async () => {
  folder = await makeFolder();
  next = 0;
});

afterEach(() => folder[Symbol.asyncDispose]());

/** Reads a file of these bytes: its rows, or the error. */
async function outcome(bytes: Uint8Array, options: LoadDatasetOptions = {}): Promise<readonly Row[] | Error> {
  const file = path.join(folder.path, `${(next += 1)}.parquet`);
  await writeFile(file, bytes);
  const dataset = loadDataset<Row>("parquet", {
    dataFiles: file,
    cacheDir: path.join(folder.path, "cache"),
    decodeThreads: 0,
    int64: "bigint",
    temporal: "bigint",
    ...options,
  });
  return await collect(dataset).catch((error: unknown) => error as Error);
}

/** Rows, or an error that says that the file is to blame. */
function expectHandled(result: readonly Row[] | Error): void {
  if (Array.isArray(result)) return;
  if (isHfStreamError(result, "CORRUPT_FILE", "UNSUPPORTED_FORMAT")) return;
  throw new Error("a corrupt file failed otherwise", { cause: result });
}

async function expectCorrupt(bytes: Uint8Array, options: LoadDatasetOptions = {}): Promise<void> {
  const result = await outcome(bytes, options);
  expect(isHfStreamError(result, "CORRUPT_FILE"), String(result)).toBe(true);
}

/** Flips bits at these places, given as shares of `[start, end)`. */
function flip(
  file: Uint8Array,
  start: number,
  end: number,
  flips: readonly (readonly [share: number, bits: number])[],
): Uint8Array {
  const damaged = file.slice();
  for (const [share, bits] of flips) {
    const at = start + Math.floor(share * (end - start));
    damaged[at] = (damaged[at] as number) ^ bits;
  }
  return damaged;
}

const someFlips = fc.array(
  fc.tuple(fc.double({ min: 0, max: 0.9999, noNaN: true }), fc.integer({ min: 1, max: 255 })),
  {
    minLength: 1,
    maxLength: 4,
  },
);

describe("A file that is cut short", () => {
  test("is corrupt, wherever the cut is", async () => {
    const file = readFixtureFile("codec-snappy-v1");
    const footer = footerStart(file);
    const lengths = [
      0,
      1,
      4,
      8,
      11,
      12,
      13,
      100,
      footer - 1,
      footer,
      footer + 1,
      file.length - 9,
      file.length - 8,
      file.length - 4,
      file.length - 1,
    ];
    for (const length of lengths) await expectCorrupt(file.subarray(0, length));
  });

  test("is corrupt where bytes are missing in its midst", async () => {
    const file = readFixtureFile("codec-snappy-v1");
    await expectCorrupt(Buffer.concat([file.subarray(0, 4), file.subarray(footerStart(file))]));
  });
});

describe("A damaged file gives rows or an error that blames it", () => {
  test.each(["codec-none-v1", "codec-zstd-v2", "nested", "delta"])("%s, its footer", async (name) => {
    const file = readFixtureFile(name);
    const damage = async (flips: [number, number][]): Promise<void> => {
      expectHandled(await outcome(flip(file, footerStart(file), file.length, flips)));
    };
    await fc.assert(fc.asyncProperty(someFlips, damage), { numRuns: 60, seed: 11, endOnFailure: true });
  });

  test.each(["codec-none-v1", "codec-snappy-v1", "codec-zstd-v2", "nested", "delta", "primitives"])(
    "%s, its pages",
    async (name) => {
      const file = readFixtureFile(name);
      const damage = async (flips: [number, number][]): Promise<void> => {
        expectHandled(await outcome(flip(file, 4, footerStart(file), flips)));
      };
      await fc.assert(fc.asyncProperty(someFlips, damage), { numRuns: 40, seed: 12, endOnFailure: true });
    },
  );

  test("paged-v1, its page index and its bytes, when slices and filters ask for it", async () => {
    const file = readFixtureFile("paged-v1");
    const damage = async (flips: [number, number][]): Promise<void> => {
      const damaged = flip(file, footerStart(file) - 12_000, footerStart(file), flips);
      expectHandled(await outcome(damaged, { columns: ["images"], filters: [["id", ">", 700]] }));
    };
    await fc.assert(fc.asyncProperty(someFlips, damage), { numRuns: 40, seed: 13, endOnFailure: true });
  });

  test("bloom filters", async () => {
    const file = readFixtureFile("bloom");
    const damage = async (flips: [number, number][]): Promise<void> => {
      expectHandled(
        await outcome(flip(file, 4, footerStart(file), flips), { filters: [["text", "in", ["row 7 é🤗 x"]]] }),
      );
    };
    await fc.assert(fc.asyncProperty(someFlips, damage), { numRuns: 40, seed: 14, endOnFailure: true });
  });

  test("by threads too, which go on with the next file", async () => {
    const file = readFixtureFile("codec-none-v1");
    for (const share of [0.01, 0.2, 0.4, 0.6, 0.8]) {
      expectHandled(await outcome(flip(file, 4, footerStart(file), [[share, 255]]), { decodeThreads: 1 }));
    }
  });
});

describe("A footer that claims what cannot be", () => {
  const file = readFixtureFile("codec-none-v1");
  const int = (value: number | bigint) => ({ type: ThriftType.I64, value });

  test("is corrupt if it claims to be longer than the file", async () => {
    const damaged = file.slice();
    new DataView(damaged.buffer).setUint32(file.length - 8, 0xffffffff, true);
    await expectCorrupt(damaged);
  });

  test("is corrupt if chunks are not in the file", async () => {
    for (const [field, value] of [
      [7, 2 ** 40],
      [7, -1],
      [9, -5],
      [9, 2 ** 50],
      [6, -1],
    ] as const) {
      await expectCorrupt(
        editFooter(file, (footer) =>
          mapChunks(footer, (chunk) =>
            mapField(chunk, 3, (metadata) =>
              withFields(metadata as ReadonlyMap<number, never>, { [field]: int(value) }),
            ),
          ),
        ),
      );
    }
  });

  test("is corrupt if row groups have more rows than their pages", async () => {
    for (const rows of [61, 10_000, 2 ** 45, -1]) {
      await expectCorrupt(
        editFooter(file, (footer) => mapList(footer, 4, (group) => withFields(group, { 3: int(rows) }))),
      );
    }
  });

  test("is corrupt if a field is of another type", async () => {
    for (const [id, field] of [
      [12, { type: ThriftType.BINARY, value: new Uint8Array(60) }],
      [2, int(0)],
      [9, { type: ThriftType.BINARY, value: new Uint8Array(3) }],
    ] as const) {
      await expectCorrupt(
        editFooter(file, (footer) =>
          mapChunks(footer, (chunk) =>
            mapField(chunk, 3, (metadata) => withFields(metadata as ReadonlyMap<number, never>, { [id]: field })),
          ),
        ),
      );
    }
  });

  test("is corrupt if lists are longer than the footer or nested without end", async () => {
    const bytes = new Uint8Array(200_000);
    for (const filling of [0x19, 0x1c, 0xfc, 0xff, 0x80]) {
      const footer = bytes.slice().fill(filling);
      const { buffer } = new Uint32Array([footer.length, 0x31524150]);
      await expectCorrupt(Buffer.concat([Buffer.from("PAR1"), footer, new Uint8Array(buffer)]));
    }
  });

  test("is corrupt if its schema is not a tree", async () => {
    for (const children of [-1, 1, 1_000_000_000]) {
      const count = { type: ThriftType.I32, value: children };
      const edited = editFooter(file, (footer) =>
        mapList(footer, 2, (element, at) => (at === 0 ? withFields(element, { 5: count }) : element)),
      );
      const source = bytesSource(edited);
      const footer = await readFooter(source);
      expect(() => parseFooter(footer, source)).toThrow(/is corrupt/);
    }
  });
});

test("A writer's own schema that is damaged is left alone, however long it claims to be", async () => {
  const source = bytesSource(readFixtureFile("datasets"));
  const metadata = parseFooter(await readFooter(source), source);
  const stored = Buffer.from(metadata.keyValues.get("ARROW:schema") as string, "base64");
  const whole = new ParquetFile(source, metadata).features();
  for (let at = 0; at + 4 <= stored.length; at += 4) {
    for (const value of [0x7fffffff, 0x00ffff00, 8]) {
      const damaged = Buffer.from(stored);
      damaged.writeUInt32LE(value, at);
      const keyValues = new Map([["ARROW:schema", damaged.toString("base64")]]);
      const file = new ParquetFile(source, { ...metadata, keyValues });
      try {
        expect(Object.keys(file.features())).toEqual(Object.keys(whole));
      } catch (error) {
        // It may name types that there are, but not in datasets.
        if (!isHfStreamError(error, "UNSUPPORTED_FORMAT")) throw error;
      }
    }
  }
});

test("A string that is not UTF-8 is corrupt", async () => {
  const file = readFixtureFile("codec-none-v1");
  const at = Buffer.from(file).indexOf("row 20 ");
  await expectCorrupt(flip(file, at, at + 1, [[0, 0xff]]));
});

test("With `onBadFile: 'skip'` the other files are read, and the stats name the bad ones", async () => {
  const data = path.join(folder.path, "data");
  await mkdir(data);
  const file = readFixtureFile("codec-none-v1");
  const footer = footerStart(file);
  const clobbered = file.slice().fill(0x55, 4, footer);
  await copyFile(path.join(fixtureFolder, "codec-zstd-v1.parquet"), path.join(data, "b.parquet"));
  await copyFile(path.join(fixtureFolder, "codec-gzip-v2.parquet"), path.join(data, "e.parquet"));
  await writeFile(path.join(data, "a.parquet"), file.subarray(0, 500));
  await writeFile(path.join(data, "c.parquet"), clobbered);
  await writeFile(path.join(data, "d.parquet"), "");
  const { rows } = readFixture("codec-none-v1");
  for (const decodeThreads of [0, 1]) {
    const dataset = loadDataset<Row>(data, {
      cacheDir: path.join(folder.path, "cache"),
      onBadFile: "skip",
      decodeThreads,
      int64: "bigint",
      temporal: "bigint",
    });
    const iterator = dataset.rows();
    expect(await collect(iterator)).toStrictEqual([...rows, ...rows]);
    const { skipped, skippedFiles } = iterator.stats;
    expect(skipped).toBe(3);
    const names = skippedFiles.map((bad) => path.basename(bad.path));
    expect(names.sort()).toEqual(["a.parquet", "c.parquet", "d.parquet"]);
    for (const { reason } of skippedFiles) expect(reason).toContain("is corrupt");
  }
});

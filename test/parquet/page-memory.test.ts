import zlib from "node:zlib";
import { snappyCompress } from "hysnappy";
import { describe, expect, test } from "vitest";
import type { LoadDatasetOptions } from "../../src/stream/options.ts";
import { lastBlock, makeFrame, rawBlock } from "./decode/zstd-frames.ts";
import type { Row } from "./fixture.ts";
import { lengthed, type MadeColumn, type MadePage, makeFile, run } from "./made-file.ts";
import { open, useFolder } from "./read-bytes.ts";

useFolder();

const PAGES = 12;
const VALUES_EACH = 5;
const VALUE_BYTES = 90_000;

/** By `CompressionCodec` of parquet.thrift. */
const CODECS: readonly [string, number, (bytes: Uint8Array) => Uint8Array][] = [
  ["none", 0, (bytes) => bytes],
  ["snappy", 1, (bytes) => snappyCompress(bytes)],
  ["gzip", 2, (bytes) => zlib.gzipSync(bytes, { level: 1 })],
  ["zstd", 6, storedZstd],
];

function storedZstd(bytes: Uint8Array): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += 128 * 1024) blocks.push(rawBlock(bytes.subarray(at, at + 128 * 1024)));
  return makeFrame(...blocks.slice(0, -1), lastBlock(blocks.at(-1) as Uint8Array));
}

/** A value that no other is like, of a length of its own. */
function valueOf(index: number): Buffer {
  return Buffer.alloc(VALUE_BYTES + index, `${index} `);
}

/** Pages of so many values, large enough to be read where they are decompressed. */
function pagesOf(
  values: readonly Buffer[],
  pageValues: number,
  compress: (bytes: Uint8Array) => Uint8Array,
): MadePage[] {
  const starts = Array.from({ length: Math.ceil(values.length / pageValues) }, (_, page) => page * pageValues);
  return starts.map((start) => {
    const own = values.slice(start, start + pageValues);
    const plain = Buffer.concat(own.map((value) => lengthed(value)));
    return { values: own.length, body: compress(plain), size: plain.length };
  });
}

describe("Whatever a caller keeps stays as it was, though the pages after it came to the same memory", () => {
  const values = Array.from({ length: PAGES * VALUES_EACH }, (_, index) => valueOf(index));

  test.each(CODECS)("%s", async (_, codec, compress) => {
    const column = { type: 6, codec } as const;
    const columns: MadeColumn[] = [
      { ...column, name: "bytes", pages: pagesOf(values, VALUES_EACH, compress) },
      { ...column, name: "text", isText: true, pages: pagesOf(values, 7, compress) }, // its pages end elsewhere
    ];
    const file = makeFile({ rows: values.length, columns });
    const settings: LoadDatasetOptions[] = [0, 1].flatMap((decodeThreads) =>
      [32, 512].map((mib) => ({ decodeThreads, memoryBudget: mib * 1024 * 1024 })),
    );
    for (const options of settings) {
      const dataset = await open(file, options);
      const rows: Row[] = [];
      for await (const row of dataset) rows.push(row);
      const batches = [];
      for await (const batch of dataset.batches()) batches.push(batch);
      expect(rows).toHaveLength(values.length);
      for (const [index, { bytes, text }] of rows.entries()) {
        expect(Buffer.compare(bytes as Uint8Array, values[index] as Buffer)).toBe(0);
        expect(text === values[index]?.toString()).toBe(true);
      }
      const kept = batches.flatMap((batch) => [...(batch.getChild("bytes") ?? [])] as Uint8Array[]);
      expect(kept.map((bytes, index) => Buffer.compare(bytes, values[index] as Buffer) === 0)).not.toContain(false);
      expect(kept).toHaveLength(values.length);
    }
  });
});

test("Nulls and long values in pages of any length become the same rows", async () => {
  const present = [true, false, true, true, false, true, false, false, true, true, true, false];
  const values = present.map((isThere, index) => (isThere ? valueOf(index) : null));
  const lengths = [1, 3, 2, 4, 2];
  let at = 0;
  const pages = lengths.map((count): MadePage => {
    const own = values.slice(at, at + count);
    at += count;
    const levels = Buffer.concat(own.map((value) => run(1, value === null ? 0 : 1)));
    const plain = Buffer.concat([
      lengthed(levels),
      ...own.flatMap((value) => (value === null ? [] : [lengthed(value)])),
    ]);
    return { values: count, body: snappyCompress(plain), size: plain.length };
  });
  const file = makeFile({
    rows: values.length,
    columns: [{ name: "a", type: 6, codec: 1, isOptional: true, pages }],
  });
  const rows: Row[] = [];
  for await (const row of await open(file)) rows.push(row);
  expect(rows.map(({ a }) => (a === null ? null : Buffer.from(a as Uint8Array)))).toEqual(values);
});

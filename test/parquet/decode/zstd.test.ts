import zlib from "node:zlib";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { Workspace } from "../../../src/parquet/decode/workspace.ts";
import { Zstd } from "../../../src/parquet/decode/zstd.ts";
import { DamageError } from "../../../src/parquet/failures.ts";
import { makeFile } from "../made-file.ts";
import { expectError, useFolder } from "../read-bytes.ts";
import { lastBlock, makeFrame, rawBlock, repeatedBlock, skippableFrame } from "./zstd-frames.ts";

const MIB = 1024 * 1024;
/** Of libzstd, level 19, with a content checksum. */
const SENTENCE = "the quick brown fox jumps over the lazy dog; ".repeat(40);
const COMPRESSED = Buffer.from(
  "KLUv/WAIBrUBANQCdGhlIHF1aWNrIGJyb3duIGZveCBqdW1wcyBvdmVyIHRoZSBsYXp5IGRvZzsgAQDFFv6qDA==",
  "base64",
);

useFolder();

const zstd = new Zstd();
beforeAll(async () => await zstd.load());

/** A copy of what bytes become, whose memory is given back. */
function decompress(pieces: readonly Uint8Array[], size: number): Buffer {
  const { bytes, free } = zstd.decompress(pieces, size);
  const copy = Buffer.from(bytes);
  free?.();
  return copy;
}

test("What libzstd compressed comes back, whatever pieces it comes in", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(COMPRESSED.length), { maxLength: 5 }), (cuts) => {
      const borders = [0, ...cuts.sort((a, b) => a - b), COMPRESSED.length];
      const pieces = borders.slice(1).map((end, index) => COMPRESSED.subarray(borders[index], end));
      expect(decompress(pieces, SENTENCE.length).toString()).toBe(SENTENCE);
    }),
    { numRuns: 50, seed: 1 },
  );
});

test("Frames follow one another, with others between them that are passed over", () => {
  const frames = [
    COMPRESSED,
    skippableFrame(100),
    makeFrame(lastBlock(rawBlock(Buffer.from("and then ")))),
    COMPRESSED,
  ];
  const expected = `${SENTENCE}and then ${SENTENCE}`;
  expect(decompress(frames, expected.length).toString()).toBe(expected);
});

test("Pages that are read at the same time do not disturb each other, and each is read where its memory is", () => {
  const pages = [1, 2, 3].map((byte) => {
    const blocks = Array.from({ length: 8 * byte }, () => repeatedBlock(byte, 128 * 1024));
    return {
      byte,
      size: blocks.length * 128 * 1024,
      frame: makeFrame(...blocks.slice(1), lastBlock(blocks[0] as Buffer)),
    };
  });
  const open = pages.map(({ frame, size }) => zstd.decompress([frame], size));
  for (const [index, { bytes }] of open.entries())
    expect(bytes.every((byte) => byte === pages[index]?.byte) && bytes.length === pages[index]?.size).toBe(true);
  for (const { free } of open) free?.();
  const { spareBytes } = zstd;
  expect(spareBytes).toBeGreaterThan(0);
  decompress([pages[0]?.frame as Buffer], 8 * 128 * 1024);
  expect(zstd.spareBytes).toBe(spareBytes);
});

describe("Hostile bytes are damaged, take no more memory than their page says, and harm no page after them", () => {
  const bomb = makeFrame(
    ...Array.from({ length: 20_000 }, () => repeatedBlock(0, 128 * 1024)),
    lastBlock(rawBlock(Buffer.alloc(0))),
  );
  const claiming = Buffer.from(COMPRESSED); // its header says how long its content is
  claiming.writeUInt16LE(0xffff, 5);
  const cases: readonly [string, Buffer, number][] = [
    ["of 2.6 GB in 80 kB", bomb, MIB],
    ["of one byte too many", COMPRESSED, SENTENCE.length - 1],
    ["of one byte too few", COMPRESSED, SENTENCE.length + 1],
    ["that end early", COMPRESSED.subarray(0, -1), SENTENCE.length],
    ["with more behind them", Buffer.concat([COMPRESSED, Buffer.from([0])]), SENTENCE.length],
    ["that claim to become more", claiming, SENTENCE.length],
    ["that go back to before their beginning", makeFrame(Buffer.from([0x15, 0, 0, 0x54, 0x01])), 1000],
    ["of a block of no kind", makeFrame(Buffer.from([0x07, 0, 0])), 10],
    ["that need a dictionary", Buffer.from("28b52ffd2307000000050900006162", "hex"), 2],
    ["of no frame", Buffer.from("neither zstd nor anything else"), 10],
    ["of nothing", Buffer.alloc(0), 10],
  ];
  test.each(cases)("%s", (_, bytes, size) => {
    const before = zstd.spareBytes;
    expect(() => zstd.decompress([bytes], size)).toThrow(DamageError);
    expect(zstd.spareBytes).toBeLessThanOrEqual(Math.max(before, 32 * MIB));
    expect(decompress([COMPRESSED], SENTENCE.length).toString()).toBe(SENTENCE);
  });

  test("with bits flipped anywhere", () => {
    const flips = fc.array(fc.tuple(fc.nat(COMPRESSED.length - 1), fc.integer({ min: 1, max: 255 })), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(flips, (places) => {
        const damaged = Buffer.from(COMPRESSED);
        for (const [at, bits] of places) damaged[at] = (damaged[at] as number) ^ bits;
        try {
          expect(decompress([damaged], SENTENCE.length)).toHaveLength(SENTENCE.length);
        } catch (error) {
          expect(error).toBeInstanceOf(DamageError);
        }
      }),
      { numRuns: 2000, seed: 2 },
    );
  });

  test("in a file, on any Node", async () => {
    for (const body of [bomb, COMPRESSED.subarray(0, -1)])
      for (const decodeThreads of [0, 1])
        await expectError(
          makeFile({ rows: 1, columns: [{ name: "a", type: 6, codec: 6, pages: [{ values: 1, body, size: 1800 }] }] }),
          "CORRUPT_FILE",
          /column a/,
          { decodeThreads },
        );
  });
});

test.skipIf(!("zstdCompressSync" in zlib))("It gives what Node gives", () => {
  const { zstdCompressSync } = zlib as unknown as { zstdCompressSync(bytes: Uint8Array): Buffer };
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 5000 }), fc.integer({ min: 1, max: 200 }), (part, times) => {
      const bytes = Buffer.concat(Array.from({ length: times }, () => part));
      expect(decompress([zstdCompressSync(bytes)], bytes.length).equals(bytes)).toBe(true);
    }),
    { numRuns: 100, seed: 3 },
  );
});

test("Workspaces of one thread share what is loaded, and no memory", async () => {
  const [one, other] = [new Workspace(), new Workspace()];
  await Promise.all([one.zstd.load(), other.zstd.load()]);
  for (const { zstd: own } of [one, other])
    expect(own.decompress([COMPRESSED], SENTENCE.length).bytes).toHaveLength(1800);
  expect(one.bytes).toBeGreaterThan(0);
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { type ChunkStream, cutSlices, type Slice } from "../../src/parquet/slices.ts";

const MIB = 1024 * 1024;

/** A column chunk from `offset` on, as long as it becomes unless said otherwise. */
function chunkAt(offset: number, length: number, { head = 0, decodedBytes = length } = {}): ChunkStream {
  return {
    pieces: [{ offset, length }],
    length,
    head,
    values: undefined,
    uncompressedLength: decodedBytes,
    fetchedBytes: length,
    decodedBytes,
  };
}

/** What is fetched for a slice. */
function fetches({ segments }: Slice): { start: number; end: number }[] {
  return segments.map(({ source, length }) => ({ start: source, end: source + length }));
}

test("The first slice is a page of each long column, its dictionary before it, and all of the short ones", () => {
  const image = chunkAt(4, 100 * MIB, { head: MIB });
  const text = chunkAt(4 + 100 * MIB, 20 * MIB, { decodedBytes: 50 * MIB });
  const id = chunkAt(4 + 120 * MIB, 400_000);
  const slices = cutSlices([image, text, id], { sliceBytes: 64 * MIB, isEarly: true });
  expect(slices.map(fetches)).toEqual(
    [
      [
        { start: 4, end: 4 + 2.25 * MIB },
        { start: 4 + 100 * MIB, end: 4 + 100.5 * MIB },
        { start: 4 + 120 * MIB, end: 4 + 120 * MIB + 400_000 },
      ],
      ...[0, 1, 2].map((share) => [
        { start: 4 + 2.25 * MIB + share * cut(97.75), end: 4 + 2.25 * MIB + (share + 1) * cut(97.75) },
        { start: 4 + 100.5 * MIB + share * cut(19.5), end: 4 + 100.5 * MIB + (share + 1) * cut(19.5) },
      ]),
    ].map((list) => list.map(({ start, end }) => ({ start: Math.floor(start), end: Math.floor(end) }))),
  );
});

function cut(mebibytes: number): number {
  return (mebibytes * MIB) / 3;
}

test("Where it would gain little, or be no small one, all slices are alike", () => {
  const bounds = (streams: readonly ChunkStream[], isEarly: boolean): unknown =>
    cutSlices(streams, { sliceBytes: 16 * MIB, isEarly }).map(fetches);
  const little = [chunkAt(4, 3 * MIB)];
  expect(bounds(little, true)).toEqual([[{ start: 4, end: 4 + 3 * MIB }]]);
  const dictionary = [chunkAt(4, 40 * MIB, { head: 39 * MIB })];
  expect(bounds(dictionary, true)).toEqual(bounds(dictionary, false));
  const wide = Array.from({ length: 100 }, (_, column) => chunkAt(4 + column * MIB, MIB));
  expect(bounds(wide, true)).toEqual(bounds(wide, false));
});

test("Slices have every byte of every column once, in order", () => {
  const size = fc.integer({ min: 0, max: 200 * MIB });
  const sizes = fc.array(fc.tuple(size, fc.double({ min: 0, max: 1, noNaN: true }), size), {
    minLength: 1,
    maxLength: 6,
  });
  fc.assert(
    fc.property(sizes, fc.integer({ min: MIB, max: 64 * MIB }), fc.boolean(), (chunks, sliceBytes, isEarly) => {
      let at = 4;
      const streams = chunks.map(([length, share, decodedBytes]) => {
        const stream = chunkAt(at, length, { head: Math.floor(length * share), decodedBytes });
        at += length;
        return stream;
      });
      const slices = cutSlices(streams, { sliceBytes, isEarly });
      for (const [index, stream] of streams.entries()) {
        const lengths = slices.map(({ chunks: own }) => own[index]?.length ?? 0);
        expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(stream.length);
      }
      const fetched = slices.flatMap(fetches).sort((a, b) => a.start - b.start);
      let end = 4;
      for (const range of fetched) {
        expect(range.start).toBe(end);
        end = range.end;
      }
      expect(end).toBe(at);
    }),
    { numRuns: 300, seed: 1 },
  );
});

import fc from "fast-check";
import { snappyCompress } from "hysnappy";
import { expect, test } from "vitest";
import { copySnappy } from "../../../src/parquet/decode/copy-snappy.ts";
import { type Decompress, directDecompress } from "../../../src/parquet/decode/decompress.ts";

const snappy = directDecompress(1) as Decompress;

/** Bytes that shrink, or do not. */
const content = fc.oneof(
  fc.uint8Array({ maxLength: 400 }),
  fc.array(fc.constantFrom(65, 66, 67), { maxLength: 3000 }).map((values) => Uint8Array.from(values)),
  fc
    .tuple(fc.uint8Array({ maxLength: 300 }), fc.nat(9))
    .map(([part, times]) => Uint8Array.from(Array.from({ length: times }, () => [...part]).flat())),
);

/** Cuts bytes into pieces, some of them empty. */
function cut(bytes: Uint8Array, shares: readonly number[]): Uint8Array[] {
  const borders = [0, ...shares.map((share) => Math.floor(share * bytes.length)).sort((a, b) => a - b), bytes.length];
  return borders.slice(1).map((end, index) => bytes.subarray(borders[index], end));
}

const shares = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 5 });

test("What was compressed comes back, whatever pieces it comes in", () => {
  fc.assert(
    fc.property(content, shares, (bytes, at) => {
      const compressed = snappyCompress(bytes);
      expect(copySnappy(cut(compressed, at), new Uint8Array(bytes.length))).toEqual(bytes);
      expect(snappy(cut(compressed, at), bytes.length)).toEqual(bytes);
    }),
    { numRuns: 300, seed: 1 },
  );
});

test("Damaged bytes become as many bytes as they should, or an error, in both ways alike", () => {
  const flips = fc.array(fc.tuple(fc.nat(5000), fc.integer({ min: 1, max: 255 })), { maxLength: 3 });
  fc.assert(
    fc.property(content, flips, fc.double({ min: 0, max: 1, noNaN: true }), (bytes, places, kept) => {
      const damaged = snappyCompress(bytes);
      const body = damaged.subarray(bytes.length < 128 ? 1 : 2); // a wrong length only one of them sees
      for (const [at, bits] of places) {
        if (body.length > 0) body[at % body.length] = (body[at % body.length] as number) ^ bits;
      }
      const pieces = [kept > 0.5 ? damaged : damaged.subarray(0, Math.ceil(damaged.length * kept * 2))];
      const [one, other] = [
        attempt(() => copySnappy(pieces, new Uint8Array(bytes.length))),
        attempt(() => snappy(pieces, bytes.length)),
      ];
      expect(one).toEqual(other);
      expect(one?.length ?? bytes.length).toBe(bytes.length);
    }),
    { numRuns: 500, seed: 2 },
  );
});

test("Snappy of another size than its page says is refused, and never filled up with bytes of other pages", () => {
  const secret = new Uint8Array(100_000).fill(83);
  snappy([snappyCompress(secret)], secret.length);
  const compressed = snappyCompress(new Uint8Array(1000));
  for (const size of [0, 900, 1001, 100_000, 2 ** 31 - 1])
    expect(() => snappy([compressed], size), `${size}`).toThrow(RangeError);
});

function attempt(work: () => Uint8Array): Uint8Array | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

import fc from "fast-check";
import { snappyCompress, snappyUncompressor } from "hysnappy";
import { DamageError } from "../../../../src/parquet/failures.ts";
import { expect, test } from "vitest";
import { Snappy } from "../../../../src/parquet/decode/snappy/snappy.ts";

const snappy = new Snappy();
const uncompressElsewhere = snappyUncompressor();

/** A copy of what bytes become, whose memory is given back. */
function uncompress(pieces: readonly Uint8Array[], size: number): Uint8Array {
  const { bytes, free } = snappy.uncompress(pieces, size);
  const copy = bytes.slice();
  free?.();
  return copy;
}

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
      expect(uncompress(cut(compressed, at), bytes.length)).toEqual(bytes);
    }),
    { numRuns: 300, seed: 1 },
  );
});

test("Damaged bytes become what another implementation makes of them, or an error if that finds one", () => {
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
        attempt(() => uncompress(pieces, bytes.length)),
        attempt(() => uncompressElsewhere(pieces[0] as Uint8Array, bytes.length)),
      ];
      expect(one).toEqual(other);
      expect(one?.length ?? bytes.length).toBe(bytes.length);
    }),
    { numRuns: 500, seed: 2 },
  );
});

test("Snappy of another size than its page says is refused, and never filled up with bytes of other pages", () => {
  const secret = new Uint8Array(100_000).fill(83);
  uncompress([snappyCompress(secret)], secret.length);
  const compressed = snappyCompress(new Uint8Array(1000));
  for (const size of [0, 900, 1001, 100_000, 2 ** 31 - 1])
    expect(() => uncompress([compressed], size), `${size}`).toThrow(DamageError);
});

test("What is uncompressed stays until it is freed, whatever is uncompressed meanwhile, however much", () => {
  const pages = Array.from({ length: 70 }, (_, page) => new Uint8Array(300_000).fill(page));
  const held = pages.map((page) => snappy.uncompress([snappyCompress(page)], page.length));
  expect(held.every(({ bytes }, page) => bytes.length === 300_000 && bytes.every((byte) => byte === page))).toBe(true);
  for (const { free } of held) free?.();
  expect(snappy.spareBytes).toBeGreaterThan(0);
  expect(snappy.spareBytes).toBeLessThanOrEqual(64 * 1024 * 1024);
});

test("Copies of every offset and length, from before and from what is still being written, are exact", () => {
  for (let offset = 1; offset <= 70; offset += 1) {
    for (const length of [1, 4, 11, 15, 16, 17, 32, 33, 60, 64]) {
      const start = Uint8Array.from({ length: 70 }, (_, index) => index);
      const expected = [...start];
      for (let byte = 0; byte < length; byte += 1) expected.push(expected[expected.length - offset] as number);
      const elements = [(60 << 2) | 0, start.length - 1, ...start, ((length - 1) << 2) | 2, offset, 0];
      const header = [(expected.length & 0x7f) | 0x80, expected.length >> 7];
      expect([...uncompress([Uint8Array.from([...header, ...elements])], expected.length)]).toEqual(expected);
    }
  }
});

/** Stretches of noise, and of what was before: far longer than what is uncompressed at a time. */
const longContent = fc
  .array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 300_000 }), fc.nat(2 ** 31)), { minLength: 4, maxLength: 8 })
  .map((parts) => {
    let bytes = Buffer.alloc(0);
    for (const [isNew, length, seed] of parts) {
      const from = isNew ? noise(length, seed) : bytes.subarray(-Math.max(1, length % 60_000)).subarray(0, length);
      bytes = Buffer.concat([bytes, from]);
    }
    return new Uint8Array(bytes);
  });

test("Long input is uncompressed in stretches, and damage is found in any of them", () => {
  fc.assert(
    fc.property(longContent, fc.double({ min: 0, max: 1, noNaN: true }), shares, (bytes, at, cuts) => {
      const compressed = snappyCompress(bytes);
      expect(Buffer.compare(uncompress(cut(compressed, cuts), bytes.length), bytes)).toBe(0);
      compressed[4 + Math.floor(at * (compressed.length - 4))] = 0xff;
      const one = attempt(() => uncompress([compressed], bytes.length));
      const other = attempt(() => uncompressElsewhere(compressed, bytes.length));
      expect(one === undefined).toBe(other === undefined);
      if (one !== undefined && other !== undefined) expect(Buffer.compare(one, other)).toBe(0);
    }),
    { numRuns: 40, seed: 4 },
  );
});

test("A literal may be longer than a stretch, and must not go on behind the input", () => {
  const bytes = noise(1_000_000, 7);
  const elements = Buffer.concat([Buffer.from([62 << 2, 0x3f, 0x42, 0x0f]), bytes]);
  const header = Buffer.from([0xc0, 0x84, 0x3d]);
  expect(Buffer.compare(uncompress([header, elements], 1_000_000), bytes)).toBe(0);
  for (const short of [elements.subarray(0, -1), elements.subarray(0, 300_000), Buffer.concat([elements, elements])])
    expect(() => uncompress([header, short], 1_000_000)).toThrow(DamageError);
});

function noise(length: number, seed: number): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state >>> 16;
  });
}

function attempt(work: () => Uint8Array): Uint8Array | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

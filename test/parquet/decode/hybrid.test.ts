import fc from "fast-check";
import { expect, test } from "vitest";
import { isRunOf, readHybrid } from "../../../src/parquet/decode/direct/hybrid.ts";

/** A run of one value, or groups of eight packed ones. */
type Run = { readonly value: number; readonly times: number } | { readonly packed: readonly number[] };

const someRuns = fc.integer({ min: 0, max: 24 }).chain((bitWidth) => {
  const value = fc.nat(2 ** bitWidth - 1);
  const packed = fc
    .integer({ min: 1, max: 4 })
    .chain((groups) =>
      fc.array(value, { minLength: groups * 8, maxLength: groups * 8 }).map((values): Run => ({ packed: values })),
    );
  const same = fc.record({ value, times: fc.integer({ min: 1, max: 300 }) });
  return fc.record({ bitWidth: fc.constant(bitWidth), runs: fc.array(fc.oneof(packed, same), { maxLength: 6 }) });
});

/** Writes runs as Encodings.md describes. */
function write(runs: readonly Run[], bitWidth: number): Uint8Array {
  const bytes: number[] = [];
  const varint = (value: number): void => {
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
    bytes.push(rest);
  };
  for (const run of runs) {
    if ("packed" in run) {
      varint((run.packed.length / 8) * 2 + 1);
      const bits = run.packed.reduce((all, value, at) => all | (BigInt(value) << BigInt(at * bitWidth)), 0n);
      for (let at = 0; at < (run.packed.length / 8) * bitWidth; at += 1)
        bytes.push(Number((bits >> BigInt(at * 8)) & 0xffn));
    } else {
      varint(run.times * 2);
      for (let at = 0; at < Math.ceil(bitWidth / 8); at += 1) bytes.push((run.value >>> (at * 8)) & 0xff);
    }
  }
  return Uint8Array.from(bytes);
}

function valuesOf(runs: readonly Run[]): number[] {
  return runs.flatMap((run) => ("packed" in run ? run.packed : Array.from({ length: run.times }, () => run.value)));
}

test("Runs and packed values of any width are read, as many as are asked for", () => {
  fc.assert(
    fc.property(someRuns, fc.double({ min: 0, max: 1, noNaN: true }), ({ bitWidth, runs }, share) => {
      const expected = valuesOf(runs);
      const count = Math.ceil(expected.length * share);
      const found = new Int32Array(count);
      readHybrid(write(runs, bitWidth), bitWidth, found);
      expect([...found]).toEqual(expected.slice(0, count));
    }),
    { numRuns: 300, seed: 1 },
  );
});

test("Bytes that hold fewer values are refused, and no bytes make it run on", () => {
  fc.assert(
    fc.property(someRuns, ({ bitWidth, runs }) => {
      const whole = write(runs, bitWidth);
      const count = valuesOf(runs).length;
      expect(() => readHybrid(whole, bitWidth, new Int32Array(count + 1))).toThrow(RangeError);
      if (count > 0 && bitWidth > 0)
        expect(() => readHybrid(whole.subarray(0, -1), bitWidth, new Int32Array(count))).toThrow(RangeError);
    }),
    { numRuns: 200, seed: 2 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(32), (bytes, bitWidth) => {
      try {
        readHybrid(bytes, bitWidth, new Int32Array(10_000));
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }),
    { numRuns: 500, seed: 3 },
  );
});

test("Only one run that is long enough counts as a run of a value", () => {
  expect(isRunOf(write([{ value: 1, times: 10 }], 1), 1, 10)).toBe(true);
  expect(isRunOf(write([{ value: 1, times: 10 }], 1), 1, 11)).toBe(false);
  expect(isRunOf(write([{ value: 0, times: 10 }], 1), 1, 10)).toBe(false);
  expect(isRunOf(write([{ packed: [1, 1, 1, 1, 1, 1, 1, 1] }], 1), 1, 8)).toBe(false);
});

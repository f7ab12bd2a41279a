import fc from "fast-check";
import { expect, test } from "vitest";
import { DamageError } from "../../../src/parquet/failures.ts";
import { HybridReader } from "../../../src/parquet/decode/direct/hybrid.ts";

/** A run of one value, or groups of eight packed ones. */
type Run = { readonly value: number; readonly times: number } | { readonly packed: readonly number[] };

const someRuns = fc.integer({ min: 0, max: 30 }).chain((bitWidth) => {
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

function readerOf(bytes: Uint8Array, bitWidth: number): HybridReader {
  return new HybridReader(bytes, bitWidth, 2 ** bitWidth - 1);
}

function valuesOf(runs: readonly Run[]): number[] {
  return runs.flatMap((run) => ("packed" in run ? run.packed : Array.from({ length: run.times }, () => run.value)));
}

test("Runs and packed values of any width are read, as many as are asked for", () => {
  fc.assert(
    fc.property(someRuns, fc.array(fc.nat(50), { maxLength: 10 }), ({ bitWidth, runs }, counts) => {
      const expected = valuesOf(runs);
      const reader = readerOf(write(runs, bitWidth), bitWidth);
      let at = 0;
      for (const count of counts) {
        const found = new Int32Array(Math.min(count, expected.length - at));
        reader.read(found);
        expect([...found]).toEqual(expected.slice(at, at + found.length));
        at += found.length;
      }
      const rest = expected.slice(at);
      expect(reader.sum(rest.length, (value) => value)).toBe(rest.reduce((sum, value) => sum + value, 0));
    }),
    { numRuns: 300, seed: 1 },
  );
});

test("Bytes that hold fewer values are refused, and no bytes make it run on", () => {
  fc.assert(
    fc.property(someRuns, ({ bitWidth, runs }) => {
      const whole = write(runs, bitWidth);
      const count = valuesOf(runs).length;
      if (bitWidth === 0) return; // all are 0, however many
      expect(() => readerOf(whole, bitWidth).read(new Int32Array(count + 1))).toThrow(DamageError);
      if (count > 0)
        expect(() => readerOf(whole.subarray(0, -1), bitWidth).read(new Int32Array(count))).toThrow(DamageError);
    }),
    { numRuns: 200, seed: 2 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(32), (bytes, bitWidth) => {
      try {
        readerOf(bytes, bitWidth).read(new Int32Array(10_000));
      } catch (error) {
        expect(error).toBeInstanceOf(DamageError);
      }
    }),
    { numRuns: 500, seed: 3 },
  );
});

test("Only one run that is long enough stands for all values", () => {
  const isRun = (run: Run, count: number): boolean => readerOf(write([run], 1), 1).unlessAll(1, count) === undefined;
  expect(isRun({ value: 1, times: 10 }, 10)).toBe(true);
  expect(isRun({ value: 1, times: 10 }, 11)).toBe(false);
  expect(isRun({ value: 0, times: 10 }, 10)).toBe(false);
  expect(isRun({ packed: [1, 1, 1, 1, 1, 1, 1, 1] }, 8)).toBe(false);
});

test("Billions of values of one run are read a few at a time, and summed up at once", () => {
  const times = 2 ** 31 - 1;
  const bytes = write([{ value: 3, times }], 2);
  const few = new Int32Array(4);
  readerOf(bytes, 2).read(few);
  expect([...few]).toEqual([3, 3, 3, 3]);
  expect(readerOf(bytes, 2).sum(times, (value) => value)).toBe(times * 3);
});

test("A value above the highest is refused, in a run and among packed ones", () => {
  for (const run of [{ value: 3, times: 9 }, { packed: [0, 1, 2, 3, 0, 0, 0, 0] }]) {
    const bytes = write([run], 2);
    expect(() => new HybridReader(bytes, 2, 2).read(new Uint8Array(8))).toThrow("is 3, of at most 2");
    expect(() => new HybridReader(bytes, 2, 2).sum(8, () => 0)).toThrow(DamageError);
  }
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DamageError } from "../../src/parquet/failures.ts";
import { readFooter } from "../../src/parquet/footer/footer.ts";
import {
  readThrift,
  type ThriftField,
  type ThriftStruct,
  ThriftType,
  type ThriftValue,
} from "../../src/parquet/footer/thrift.ts";
import { writeThrift } from "../../src/parquet/footer/thrift-writer.ts";
import { bytesSource } from "./bytes-source.ts";
import { fixtureNames, readFixtureFile } from "./fixture.ts";

const integer = fc
  .oneof(fc.integer(), fc.maxSafeInteger(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }))
  .map((value) => {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : BigInt(value);
  });

const { field: anyField } = fc.letrec<{ field: ThriftField; struct: ThriftStruct }>((tie) => {
  const of = (type: number, value: fc.Arbitrary<ThriftValue>): fc.Arbitrary<ThriftField> =>
    value.map((item) => ({ type, value: item }));
  const leaves: fc.Arbitrary<ThriftField>[] = [
    fc.boolean().map((value) => ({ type: value ? ThriftType.TRUE : ThriftType.FALSE, value })),
    of(ThriftType.BYTE, fc.integer({ min: -128, max: 127 })),
    of(ThriftType.I32, fc.integer()),
    of(ThriftType.I64, integer),
    of(ThriftType.DOUBLE, fc.double({ noNaN: true })),
    of(ThriftType.BINARY, fc.uint8Array({ maxLength: 200 })),
  ];
  const listOf = (elementType: number, item: fc.Arbitrary<ThriftValue>): fc.Arbitrary<ThriftField> =>
    fc.array(item, { maxLength: 20 }).map((values) => ({ type: ThriftType.LIST, value: { elementType, values } }));
  const mapOf: fc.Arbitrary<ThriftField> = fc
    .array(fc.tuple(fc.uint8Array({ maxLength: 5 }), integer), { minLength: 1, maxLength: 4 })
    .map((entries) => ({
      type: ThriftType.MAP,
      value: { keyType: ThriftType.BINARY, valueType: ThriftType.I64, entries },
    }));
  const struct = fc
    .array(fc.tuple(fc.integer({ min: 1, max: 300 }), tie("field")), { maxLength: 6 })
    .map((fields): ThriftStruct => new Map(fields.sort(([a], [b]) => a - b)));
  return {
    struct,
    field: fc.oneof(
      { maxDepth: 4 },
      ...leaves,
      listOf(ThriftType.TRUE, fc.boolean()),
      listOf(ThriftType.I32, fc.integer()),
      mapOf,
      of(ThriftType.STRUCT, tie("struct")),
      listOf(ThriftType.STRUCT, tie("struct")),
    ),
  };
});

const anyStruct = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 40 }), anyField), { maxLength: 8 })
  .map((fields): ThriftStruct => new Map(fields.sort(([a], [b]) => a - b)));

test("Any struct is read as it was written", () => {
  fc.assert(
    fc.property(anyStruct, (struct) => {
      const bytes = writeThrift(struct);
      expect(readThrift(bytes)).toEqual({ struct, end: bytes.length });
    }),
    { numRuns: 300, seed: 5 },
  );
});

test("Bytes that are no struct throw a DamageError", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      try {
        readThrift(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(DamageError);
      }
    }),
    { numRuns: 2000, seed: 6 },
  );
});

test.each([
  ["structs", 0x1c],
  ["lists", 0x19],
])("%s nested too deep throw a DamageError that says so", (_, byte) => {
  expect(() => readThrift(new Uint8Array(1_000_000).fill(byte))).toThrow("nested too deep");
});

describe("The footers of all fixtures", () => {
  test.each(fixtureNames)("%s: is the same, byte for byte, when it is written again", async (name) => {
    const footer = await readFooter(bytesSource(readFixtureFile(name)));
    const { struct, end } = readThrift(footer);
    expect(end).toBe(footer.length);
    const again = writeThrift(struct);
    expect(readThrift(again).struct).toEqual(struct);
    expect(Buffer.compare(again, footer)).toBe(0);
  });
});

import { describe, expect, test } from "vitest";
import { type MadeColumn, makeFile } from "./made-file.ts";
import { expectError, read, useFolder } from "./read-bytes.ts";

useFolder();

type Stored = readonly (readonly [days: number, nanoseconds: bigint])[];

describe("Timestamps of 96 bits", () => {
  const DAY = 86_400_000_000_000n;
  const stored = (values: Stored): Uint8Array => {
    const view = new DataView(new ArrayBuffer(values.length * 12));
    for (const [at, [days, nanoseconds]] of values.entries()) {
      view.setBigInt64(at * 12, nanoseconds, true);
      view.setInt32(at * 12 + 8, days + 2_440_588, true);
    }
    return new Uint8Array(view.buffer);
  };
  const file = (values: Stored, others: readonly MadeColumn[] = []) =>
    makeFile({
      rows: values.length,
      columns: [{ name: "at", type: 3, pages: [{ values: values.length, body: stored(values) }] }, ...others],
    });
  /** A column that only the decoder reads, so that it reads the other one, too. */
  const beside = (rows: number): MadeColumn[] => [
    { name: "b", type: 7, width: 1, pages: [{ values: rows, body: new Uint8Array(rows) }] },
  ];

  test.each([false, true])(
    "are nanoseconds, or microseconds where those do not fit; by the decoder: %s",
    async (isByDecoder) => {
      const within: Stored = [
        [0, 1n],
        [-1, DAY - 1n],
        [106_751, 0n],
      ];
      const beyond: Stored = [
        [0, 1999n],
        [-1, DAY - 1n],
        [2_932_896, 3n],
        [-719_162, 0n],
      ];
      const others = (rows: number) => (isByDecoder ? beside(rows) : []);
      const values = async (list: Stored) => (await read(file(list, others(list.length)))).map((row) => row["at"]);
      expect(await values(within)).toEqual([1n, -1n, 106_751n * DAY]);
      const micros = DAY / 1000n;
      expect(await values(beyond)).toEqual([1n, -1n, 2_932_896n * micros, -719_162n * micros]);
    },
  );

  test("that no 64 bits hold are corrupt", async () => {
    await expectError(file([[2 ** 30, 0n]]), "CORRUPT_FILE", /INT96/);
  });

  test("are compared as they are, whatever the unit of their batch", async () => {
    const rows = file([
      [0, 5000n],
      [1, 0n],
      [2_932_896, 0n],
    ]);
    const found = async (...filter: [string, "<" | ">" | "==", bigint | Date]) =>
      (await read(rows, { filters: [filter] })).length;
    expect(await found("at", ">", new Date("9999-01-01"))).toBe(1);
    expect(await found("at", "<", new Date("2000-01-01"))).toBe(2);
    expect(await found("at", "==", 5000n)).toBe(1);
    expect(await found("at", "==", DAY)).toBe(1);
  });
});

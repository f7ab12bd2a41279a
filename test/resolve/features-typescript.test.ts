import { execFileSync } from "node:child_process";
import path from "node:path";
import { expect, test } from "vitest";
import { featuresFromJson } from "../../src/resolve/features/features-json.ts";
import { interfaceName, printInterface } from "../../src/resolve/features/features-typescript.ts";
import { makeFolder } from "../helpers/temporary-folder.ts";

const value = (dtype: string): object => ({ _type: "Value", dtype });
const FEATURES = featuresFromJson({
  id: value("int64"),
  "a-b": value("string"),
  flag: value("bool"),
  score: value("float32"),
  price: value("decimal128(10, 2)"),
  when: value("timestamp[us, tz=UTC]"),
  label: { _type: "ClassLabel", names: ["cat", "dog*/"] },
  image: { _type: "Image" },
  tags: { _type: "List", feature: value("string") },
  boxes: { _type: "List", feature: { _type: "List", feature: value("int32"), length: 4 } },
  turns: { _type: "List", feature: { user: value("string"), "…": value("binary") } },
  grid: { _type: "Array2D", shape: [2, 3], dtype: "uint8" },
  any: { _type: "Json" },
  text: { _type: "Translation", languages: ["en", "de"] },
  none: value("null"),
});

const INTERFACE = `export interface ThingRow {
  id: number | bigint | null;
  "a-b": string | null;
  flag: boolean | null;
  score: number | null;
  /** decimal128(10, 2) */
  price: string | null;
  /** timestamp[us, tz=UTC] */
  when: Date | null;
  /** 0: cat, 1: dog*\\/ */
  label: number | bigint | null;
  /** Image */
  image: {
    bytes: Uint8Array | null;
    path: string | null;
  } | null;
  tags: (string | null)[] | null;
  boxes: ((number | null)[] | null)[] | null;
  turns: ({
    user: string | null;
    "…": Uint8Array | null;
  } | null)[] | null;
  /** 2 × 3 uint8 */
  grid: ((number | null)[] | null)[] | null;
  /** Json */
  any: unknown;
  /** Translation */
  text: {
    de: string | null;
    en: string | null;
  } | null;
  none: null;
}
`;

test("an interface has the type of each column, as rows have it by default", () => {
  expect(printInterface(FEATURES, { name: "ThingRow", hasNulls: true })).toBe(INTERFACE);
});

test("without nulls the types are the plain ones, and all of it compiles", async () => {
  await using folder = await makeFolder();
  const plain = printInterface(FEATURES, { name: "PlainRow", hasNulls: false });
  expect(plain).not.toContain("| null");
  expect(plain).toContain("  boxes: (number[])[];");
  await folder.write({
    "rows.ts": `${INTERFACE}${plain}export const row: PlainRow["turns"] = [{ user: "a", "…": new Uint8Array() }];\n`,
  });
  const tsc = path.join(import.meta.dirname, "../../node_modules/typescript/bin/tsc");
  execFileSync(process.execPath, [
    tsc,
    "--noEmit",
    "--ignoreConfig",
    "--strict",
    "--target",
    "es2022",
    path.join(folder.path, "rows.ts"),
  ]);
});

test.each([
  ["HuggingFaceM4/FineVisionMax", "FineVisionMaxRow"],
  ["org/my-data_set.v2", "MyDataSetV2Row"],
  ["./2024", "Dataset2024Row"],
  ["org/über", "ÜberRow"],
])("the interface of %s is called %s", (id, name) => {
  expect(interfaceName(id)).toBe(name);
});

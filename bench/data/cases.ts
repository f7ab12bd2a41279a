import { imageTable, type MakeTable, nestedTable, textTable, wideTable } from "./tables.ts";

/** A dataset to measure with. Files and row groups are equally large, except a file's last row group. */
export interface BenchCase {
  readonly name: string;
  readonly codec: "SNAPPY" | "ZSTD";
  readonly makeTable: MakeTable;
  readonly files: number;
  readonly rowsPerFile: number;
  readonly rowsPerGroup: number;
  /** All files are copies of the first. */
  readonly copies: boolean;
}

/** The datasets that peers are compared on; `scale` 1 is 30 to 190 MB each. */
export function benchCases(scale: number): BenchCase[] {
  const shape = (
    rowsPerFile: number,
    rowsPerGroup: number,
    makeTable: MakeTable,
  ): Omit<BenchCase, "name" | "codec"> => ({
    makeTable,
    files: 4,
    rowsPerFile: Math.ceil(rowsPerFile * scale),
    rowsPerGroup,
    copies: false,
  });
  const text = shape(12_000, 3000, textTable);
  return [
    { name: "text-snappy", codec: "SNAPPY", ...text },
    { name: "text-zstd", codec: "ZSTD", ...text },
    { name: "images", codec: "SNAPPY", ...shape(400, 100, imageTable) },
    { name: "wide", codec: "SNAPPY", ...shape(10_000, 5000, wideTable) },
    { name: "nested", codec: "SNAPPY", ...shape(20_000, 5000, nestedTable) },
  ];
}

import path from "node:path";
import { tableFromArrays } from "apache-arrow";
import { writeParquetFile } from "../../src/cli/demo-dataset.ts";
import type { TemporaryFolder } from "./temporary-folder.ts";

/** Rows of a file, and of its row groups. */
export type FileLayout = readonly [rows: number, rowsPerGroup: number];

/** Layouts that a reader may stumble over: empty files, one-row groups, very uneven ones, a single one, nothing at all. */
export const LAYOUTS: readonly (readonly FileLayout[])[] = [
  [
    [0, 1],
    [7, 3],
    [0, 5],
    [1, 1],
    [20, 20],
    [5, 1],
  ],
  [[12, 12]],
  [
    [10, 5],
    [10, 5],
    [10, 5],
  ],
  [
    [1, 1],
    [1, 1],
    [40, 40],
    [2, 2],
    [0, 1],
  ],
  [[9, 1]],
  [[0, 1]],
];

/** Rows of each layout, by number: those of different layouts have different ids. */
export function layoutRows(layout: number): { id: number; mod: number }[] {
  const rows = (LAYOUTS[layout] ?? []).reduce((sum, [count]) => sum + count, 0);
  return Array.from({ length: rows }, (_, row) => ({ id: layout * 1000 + row, mod: row % 7 }));
}

/** Writes a dataset for each layout; gives their folders. */
export async function writeLayouts(folder: TemporaryFolder): Promise<string[]> {
  const files: Record<string, Uint8Array> = {};
  for (const [layout, parts] of LAYOUTS.entries()) {
    let first = 0;
    for (const [index, [count, rowsPerGroup]] of parts.entries()) {
      const rows = layoutRows(layout).slice(first, first + count);
      const table = tableFromArrays({
        id: Int32Array.from(rows, ({ id }) => id),
        mod: Int32Array.from(rows, ({ mod }) => mod),
      });
      files[`layout-${layout}/data/train-${index}.parquet`] = await writeParquetFile(table, rowsPerGroup);
      first += count;
    }
  }
  await folder.write(files);
  return LAYOUTS.map((_, layout) => path.join(folder.path, `layout-${layout}`));
}

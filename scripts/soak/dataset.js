import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { tableFromArrays } from "apache-arrow";
import { writeParquetFile } from "../../build/cli/demo-dataset.js";

export const DATASET = "org/soak";
const FILES = 12;
const ROWS_PER_FILE = 4000;
const ROWS_PER_GROUP = 500;
const TEXT_BYTES = 400;

/** Rows in all, numbered from 0 by their column `id`. */
export const ROWS = FILES * ROWS_PER_FILE;

/** Writes the dataset below the root of a Hub. */
export async function writeDataset(root) {
  const folder = path.join(root, DATASET, "data");
  await mkdir(folder, { recursive: true });
  for (let file = 0; file < FILES; file += 1) {
    const ids = Array.from({ length: ROWS_PER_FILE }, (_, row) => file * ROWS_PER_FILE + row);
    // Texts that do not shrink to nothing: else all of a file would come with one request.
    const text = ids.map((id) =>
      Array.from({ length: TEXT_BYTES / 8 }, (_, at) => ((id * 7919 + at * 104_729) % 1e8).toString(36)).join(" "),
    );
    const bytes = await writeParquetFile(tableFromArrays({ id: Int32Array.from(ids), text }), ROWS_PER_GROUP);
    const name = `train-${`${file}`.padStart(5, "0")}-of-${`${FILES}`.padStart(5, "0")}.parquet`;
    await writeFile(path.join(folder, name), bytes);
  }
}

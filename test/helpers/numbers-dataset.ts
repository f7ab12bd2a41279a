import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { tableFromArrays } from "apache-arrow";
import { writeParquetFile } from "../../src/cli/demo-dataset.ts";

/** How large a dataset of {@link writeNumbers} is. */
export interface NumbersOptions {
  readonly files?: number;
  readonly rowsPerFile?: number;
  readonly rowsPerGroup?: number;
  readonly split?: string;
  /** Bytes of filler text in each row, so that row groups have some weight. */
  readonly textBytes?: number;
}

/** A row of {@link writeNumbers}: `id` counts through all files. */
export interface NumberRow {
  readonly id: number;
  readonly text: string;
  readonly half: number;
}

/** Writes a dataset of Parquet files below `folder`, whose rows are numbered from 0. */
export async function writeNumbers(
  folder: string,
  { files = 3, rowsPerFile = 100, rowsPerGroup = 20, split = "train", textBytes = 0 }: NumbersOptions = {},
): Promise<void> {
  await mkdir(path.join(folder, "data"), { recursive: true });
  for (let file = 0; file < files; file += 1) {
    const ids = Array.from({ length: rowsPerFile }, (_, row) => file * rowsPerFile + row);
    const table = tableFromArrays({
      id: Int32Array.from(ids),
      text: ids.map((id) => `row ${id}`.padEnd(textBytes, `${id} `)),
      half: Float64Array.from(ids, (id) => id / 2),
    });
    const name = `${split}-${number(file)}-of-${number(files)}.parquet`;
    await writeFile(path.join(folder, "data", name), await writeParquetFile(table, rowsPerGroup));
  }
}

function number(file: number): string {
  return `${file}`.padStart(5, "0");
}

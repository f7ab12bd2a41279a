import { copyFile, mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { writeParquetFile } from "../../src/cli/demo-dataset.ts";
import type { Section } from "../options.ts";
import type { BenchCase } from "./cases.ts";

/** A dataset that lies ready below a root. */
export interface BenchDataset {
  readonly name: string;
  /** What a Hub over the root calls it. */
  readonly id: string;
  readonly folder: string;
  readonly files: number;
  readonly rows: number;
  /** Of all data files. */
  readonly bytes: number;
}

/** Which datasets to make. */
export interface DataOrder {
  readonly root: string;
  readonly section: Section;
  readonly scale: number;
  readonly quick: boolean;
  readonly names: readonly string[];
}

/** Writes a case's dataset to `<root>/bench/<name>` unless it is there. The same case gives the same bytes. */
export async function makeDataset(root: string, bench: BenchCase): Promise<BenchDataset> {
  const { name, files, rowsPerFile } = bench;
  const id = `bench/${name}`;
  const folder = path.join(root, id);
  if ((await stat(folder).catch(() => undefined))?.isDirectory() !== true) {
    const building = `${folder}.${process.pid}.tmp`;
    await mkdir(path.join(building, "data"), { recursive: true });
    try {
      await writeFiles(path.join(building, "data"), bench);
      await rename(building, folder);
    } finally {
      await rm(building, { recursive: true, force: true });
    }
  }
  const data = path.join(folder, "data");
  let bytes = 0;
  for (const file of await readdir(data)) bytes += (await stat(path.join(data, file))).size;
  return { name, id, folder, files, rows: files * rowsPerFile, bytes };
}

async function writeFiles(folder: string, bench: BenchCase): Promise<void> {
  const { codec, copies, files, makeTable, rowsPerFile, rowsPerGroup } = bench;
  const first = path.join(folder, fileName(0, bench));
  for (let file = 0; file < files; file += 1) {
    const target = path.join(folder, fileName(file, bench));
    if (copies && file > 0) await copyFile(first, target);
    else
      await writeFile(target, await writeParquetFile(makeTable(file * rowsPerFile, rowsPerFile), rowsPerGroup, codec));
  }
}

function fileName(file: number, { files }: BenchCase): string {
  return `train-${pad(file)}-of-${pad(files)}.parquet`;
}

function pad(number: number): string {
  return `${number}`.padStart(5, "0");
}

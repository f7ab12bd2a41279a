import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, expect } from "vitest";
import { type HfStreamErrorCode, isHfStreamError } from "../../src/errors.ts";
import type { LoadDatasetOptions } from "../../src/stream/options.ts";
import { loadDataset } from "../../src/stream/load-dataset.ts";
import type { IterableDataset } from "../../src/stream/iterable-dataset.ts";
import { makeFolder, type TemporaryFolder } from "../helpers/temporary-folder.ts";
import { collect, type Row } from "./fixture.ts";

let folder: TemporaryFolder;

/** Gives each test of a file a folder, in which {@link open} puts what it reads. */
export function useFolder(): void {
  beforeEach(async () => {
    folder = await makeFolder();
  });
  afterEach(() => folder[Symbol.asyncDispose]());
}

/** A dataset of one file of these bytes, read with little memory. */
export async function open(bytes: Uint8Array, options: LoadDatasetOptions = {}): Promise<IterableDataset<Row>> {
  const file = path.join(folder.path, "made.parquet");
  await writeFile(file, bytes);
  return loadDataset<Row>("parquet", {
    dataFiles: file,
    cacheDir: path.join(folder.path, "cache"),
    decodeThreads: 0,
    memoryBudget: 32 * 1024 * 1024,
    temporal: "bigint",
    int64: "bigint",
    ...options,
  });
}

export async function read(bytes: Uint8Array, options?: LoadDatasetOptions): Promise<Row[]> {
  return await collect(await open(bytes, options));
}

/** Expects an error of a code, and of a message. */
export async function expectError(
  bytes: Uint8Array,
  code: HfStreamErrorCode,
  about: RegExp,
  options: LoadDatasetOptions = {},
): Promise<void> {
  const error = await read(bytes, options).catch((thrown: unknown) => thrown);
  expect(isHfStreamError(error, code), String(error)).toBe(true);
  expect((error as Error).message).toMatch(about);
}

/** Values of 32 bits, as they are stored. */
export function int32s(...values: readonly number[]): Uint8Array {
  return new Uint8Array(Int32Array.from(values).buffer);
}

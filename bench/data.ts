import { mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { Binary, Table, tableFromArrays, Utf8, vectorFromArray } from "apache-arrow";
import { randomFrom, writeParquetFile } from "../src/cli/demo-dataset.ts";

/** A dataset to measure. */
export interface BenchCase {
  readonly name: string;
  readonly codec: "SNAPPY" | "ZSTD";
  readonly kind: "text" | "images";
  readonly files: number;
  readonly rowsPerFile: number;
  readonly rowsPerGroup: number;
}

/** Text in two codecs, and images; `scale` 1 is about 100 MB of text as it decodes, and 200 MB of images. */
export function benchCases(scale: number): BenchCase[] {
  const text = { kind: "text", files: 4, rowsPerFile: Math.ceil(12_000 * scale), rowsPerGroup: 3000 } as const;
  const images = { kind: "images", files: 4, rowsPerFile: Math.ceil(400 * scale), rowsPerGroup: 100 } as const;
  return [
    { name: "text-snappy", codec: "SNAPPY", ...text },
    { name: "text-zstd", codec: "ZSTD", ...text },
    { name: "images", codec: "SNAPPY", ...images },
  ];
}

/** Writes a case's dataset to `<root>/bench/<name>` unless it is there. The same seed gives the same bytes. */
export async function makeBenchData(root: string, bench: BenchCase): Promise<void> {
  const target = path.join(root, "bench", bench.name);
  if ((await stat(target).catch(() => undefined))?.isDirectory() === true) return;
  const building = `${target}.tmp`;
  await rm(building, { recursive: true, force: true });
  await mkdir(path.join(building, "data"), { recursive: true });
  for (let file = 0; file < bench.files; file += 1) {
    const table = bench.kind === "text" ? textTable(bench, file) : imageTable(bench, file);
    const name = `train-${pad(file)}-of-${pad(bench.files)}.parquet`;
    await writeFile(path.join(building, "data", name), await writeParquetFile(table, bench.rowsPerGroup, bench.codec));
  }
  await rename(building, target);
}

/** Sentences of about 2 kB from a vocabulary of 5 000 words, the frequent ones first (Zipf). */
function textTable({ rowsPerFile }: BenchCase, file: number): Table {
  const random = randomFrom(1 + file);
  const words = Array.from({ length: 5000 }, (_, index) => Math.floor(1e6 + index * 7919).toString(36));
  const text = Array.from({ length: rowsPerFile }, () => {
    const count = 200 + Math.floor(random() * 300);
    return Array.from({ length: count }, () => words[Math.floor(5000 ** random()) - 1] ?? "the").join(" ");
  });
  return tableFromArrays({
    id: Int32Array.from({ length: rowsPerFile }, (_, row) => file * rowsPerFile + row),
    text,
    score: Float64Array.from({ length: rowsPerFile }, random),
  });
}

/** Bytes that do not compress, as those of images do not, 120 kB each, with a caption. */
function imageTable({ rowsPerFile }: BenchCase, file: number): Table {
  const random = randomFrom(101 + file);
  const images = Array.from({ length: rowsPerFile }, () => {
    const words = new Uint32Array(30_000);
    for (let at = 0; at < words.length; at += 1) words[at] = random() * 4294967296;
    return new Uint8Array(words.buffer);
  });
  const caption = Array.from({ length: rowsPerFile }, (_, row) => `Picture ${row} of file ${file}`);
  return new Table({ image: vectorFromArray(images, new Binary()), caption: vectorFromArray(caption, new Utf8()) });
}

function pad(number: number): string {
  return `${number}`.padStart(5, "0");
}

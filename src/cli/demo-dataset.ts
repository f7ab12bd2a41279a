import { mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { crc32, deflateSync } from "node:zlib";
import {
  Binary,
  Builder,
  Field,
  Int64,
  List,
  makeBuilder,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  tableToIPC,
  Utf8,
} from "apache-arrow";

/** How large the demo's dataset is. */
const FILES = 4;
const ROWS_PER_FILE = 250;
const ROWS_PER_GROUP = 50;
const IMAGE_SIDE = 96;
/** Counted up when the data changes: an older folder is then made anew. */
const VERSION = 1;

const README = `---
license: apache-2.0
configs:
- config_name: default
  data_files:
  - split: train
    path: data/train-*
dataset_info:
  features:
  - name: images
    list: image
  - name: texts
    list:
    - name: user
      dtype: string
    - name: assistant
      dtype: string
  - name: source
    dtype: string
  - name: rating
    dtype: int64
  splits:
  - name: train
    num_examples: ${FILES * ROWS_PER_FILE}
---
# A small dataset in the shape of FineVision: images and conversations about them
`;

/** Makes the demo's dataset `hfstream/demo-vision` below `root`, once. Tells whether it had to be made. */
export async function makeDemoDataset(root: string): Promise<boolean> {
  const target = path.join(root, `v${VERSION}`, "hfstream", "demo-vision");
  if ((await stat(target).catch(() => undefined))?.isDirectory() === true) return false;
  const building = `${target}.${process.pid}.tmp`;
  await mkdir(path.join(building, "data"), { recursive: true });
  try {
    for (let file = 0; file < FILES; file += 1) {
      const name = `train-${pad(file)}-of-${pad(FILES)}.parquet`;
      await writeFile(path.join(building, "data", name), await makeFile(file));
    }
    await writeFile(path.join(building, "README.md"), README);
    await rename(building, target);
  } finally {
    await rm(building, { recursive: true, force: true });
  }
  return true;
}

/** The folder that a Hub server has to serve for {@link makeDemoDataset}'s dataset. */
export function demoRoot(root: string): string {
  return path.join(root, `v${VERSION}`);
}

const SCHEMA = new Schema([
  new Field("images", new List(new Field("element", structOf({ bytes: new Binary(), path: new Utf8() }), true)), true),
  new Field("texts", new List(new Field("element", structOf({ user: new Utf8(), assistant: new Utf8() }), true)), true),
  new Field("source", new Utf8(), true),
  new Field("rating", new Int64(), true),
]);

const SOURCES = ["charts", "photos", "scans", "diagrams"] as const;

async function makeFile(file: number): Promise<Uint8Array> {
  const rows = Array.from({ length: ROWS_PER_FILE }, (_, row) => makeRow(file * ROWS_PER_FILE + row));
  const columns = SCHEMA.fields.map(({ name, type }) =>
    buildColumn(
      makeBuilder({ type }),
      rows.map((row) => row[name]),
    ),
  );
  const data = makeData({ type: new Struct(SCHEMA.fields), length: rows.length, nullCount: 0, children: columns });
  return await writeParquetFile(new Table([new RecordBatch(SCHEMA, data)]), ROWS_PER_GROUP);
}

/** Writes an Arrow table as Parquet. */
export async function writeParquetFile(
  table: Table,
  rowsPerGroup: number,
  codec: "SNAPPY" | "ZSTD" = "SNAPPY",
): Promise<Uint8Array> {
  const { Compression, Table: WasmTable, writeParquet, WriterPropertiesBuilder } = await import("parquet-wasm");
  const properties = new WriterPropertiesBuilder()
    .setCompression(Compression[codec])
    .setMaxRowGroupSize(rowsPerGroup)
    .build();
  return writeParquet(WasmTable.fromIPCStream(tableToIPC(table, "stream")), properties);
}

function makeRow(index: number): Record<string, unknown> {
  const random = randomFrom(index + 1);
  const source = SOURCES[index % SOURCES.length] ?? "photos";
  const images = Array.from({ length: 1 + (index % 7 === 0 ? 1 : 0) }, (_, image) => ({
    bytes: makePng(IMAGE_SIDE, IMAGE_SIDE, random),
    path: `${source}-${index}-${image}.png`,
  }));
  const texts = Array.from({ length: 1 + (index % 3) }, (_, turn) => ({
    user: `Question ${turn + 1} about picture ${index}: what do the ${source} show?`,
    assistant: `They show a gradient with noise of strength ${Math.floor(random() * 100)}.`,
  }));
  return { images, texts, source, rating: BigInt(1 + (index % 5)) };
}

function buildColumn(builder: Builder, values: readonly unknown[]): ReturnType<Builder["flush"]> {
  for (const value of values) builder.append(value);
  return builder.finish().flush();
}

function structOf(types: Record<string, Binary | Utf8>): Struct {
  return new Struct(Object.entries(types).map(([name, type]) => new Field(name, type, true)));
}

/** Encodes a gradient with some noise as a PNG, true colour with 8 bits (ISO/IEC 15948). */
export function makePng(width: number, height: number, random: () => number): Uint8Array {
  const raw = new Uint8Array(height * (1 + width * 3));
  const [red, green] = [random() * 255, random() * 255];
  for (let y = 0, at = 0; y < height; y += 1) {
    raw[at++] = 0; // no filter
    for (let x = 0; x < width; x += 1) {
      raw[at++] = red * (x / width);
      raw[at++] = green * (y / height);
      raw[at++] = random() * 64;
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const data = deflateSync(raw, { level: 1 });
  return Buffer.concat([
    signature,
    pngChunk("IHDR", header),
    pngChunk("IDAT", data),
    pngChunk("IEND", Buffer.alloc(0)),
  ]);
}

function pngChunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const chunk = Buffer.alloc(body.length + 8);
  chunk.writeUInt32BE(data.length, 0);
  chunk.set(body, 4);
  chunk.writeUInt32BE(crc32(body), body.length + 4);
  return chunk;
}

/** Numbers in [0, 1) that are the same each time (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

function pad(number: number): string {
  return `${number}`.padStart(5, "0");
}

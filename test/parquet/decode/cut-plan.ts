import type { RecordBatch } from "apache-arrow";
import { PageStream } from "../../../src/parquet/decode/page-stream.ts";
import { decompressor } from "../../../src/parquet/decode/decompress.ts";
import { PartFiles } from "../../../src/parquet/decode/part-files.ts";
import { freeing, toBatch } from "../../../src/parquet/decode/to-batch.ts";
import { type SliceToDecode, UnitDecoder } from "../../../src/parquet/decode/unit-decoder.ts";
import { UnitMemory } from "../../../src/parquet/decode/unit-memory.ts";
import { decompressByWasm } from "../../../src/parquet/decode/wasm-codec.ts";
import { Workspace } from "../../../src/parquet/decode/workspace.ts";
import { decodedSchema } from "../../../src/parquet/footer/arrow-schema.ts";
import { parseUnitFooter } from "../../../src/parquet/footer/footer.ts";
import type { ColumnChunk } from "../../../src/parquet/footer/metadata.ts";
import type { UnitPlan } from "../../../src/parquet/plan.ts";
import type { Slice } from "../../../src/parquet/slices.ts";

const MEMORY = 2 ** 29;

export interface CutOptions {
  /** Where each column chunk is cut, as shares of it, ascending; by its place. */
  readonly cuts: (chunk: number) => readonly number[];
  readonly batchRows?: number;
  /** Goes through the decoder even where pages could be read directly. */
  readonly throughFiles?: boolean;
}

/** Decodes a unit that came as one slice as if it had come in several, cut anywhere. */
export async function decodeCut(file: Uint8Array, plan: UnitPlan, options: CutOptions): Promise<RecordBatch[]> {
  const { cuts, batchRows = 100, throughFiles = false } = options;
  const metadata = parseUnitFooter(plan.footer, "cut");
  const schema = decodedSchema(metadata);
  const workspace = new Workspace();
  const giveBack = (buffers: readonly ArrayBuffer[]): void => {
    for (const buffer of buffers) new Uint8Array(buffer).fill(0xff); // another batch is written there
    workspace.giveBack(buffers);
  };
  const direct = await UnitDecoder.begin(
    { path: "cut", footer: plan.footer, batchRows, memoryBudget: MEMORY },
    workspace,
  );
  const decoder = throughFiles ? fileDecoder(metadata, batchRows, workspace) : direct;
  const batches: RecordBatch[] = [];
  for (const slice of cutSlices(file, plan.slices[0] as Slice, cuts)) {
    for (const batch of decoder.push(slice)) {
      batches.push(toBatch(structuredClone(batch), schema));
      freeing(batch, giveBack)();
    }
    if (decoder.leave(slice.bytes.buffer)) slice.bytes.fill(0xff); // the buffer is used again
  }
  return batches;
}

/** As {@link UnitDecoder}, but always with small files. */
function fileDecoder(
  metadata: ReturnType<typeof parseUnitFooter>,
  batchRows: number,
  workspace: Workspace,
): Pick<UnitDecoder, "push" | "leave"> {
  const { columns, rows } = metadata.readRowGroup(0);
  const streams = metadata.leaves.map((leaf, index) => new PageStream(leaf, columns[index] as ColumnChunk, rows));
  const decompress = columns.map(({ codec }) => decompressor(codec, workspace, decompressByWasm));
  const files = new PartFiles(metadata, streams, { decompress, batchRows, memory: new UnitMemory(MEMORY) });
  let done = 0;
  return {
    *push({ bytes, chunks, isLast }) {
      for (const [index, stream] of streams.entries()) {
        const { offset = 0, length = 0 } = chunks[index] ?? {};
        stream.push(bytes.subarray(offset, offset + length));
      }
      done = yield* files.decode(done, isLast);
    },
    leave(buffer) {
      for (const stream of streams) stream.leave(buffer);
      files.leave(buffer);
      return true;
    },
  };
}

function cutSlices(file: Uint8Array, slice: Slice, cuts: CutOptions["cuts"]): SliceToDecode[] {
  const whole = new Uint8Array(slice.length);
  for (const { target, bytes } of slice.made) whole.set(bytes, target);
  for (const { source, target, length } of slice.segments) whole.set(file.subarray(source, source + length), target);
  const borders = slice.chunks.map(({ length }, chunk) => [
    0,
    ...cuts(chunk).map((share) => Math.floor(share * length)),
    length,
  ]);
  const count = Math.max(...borders.map(({ length }) => length - 1));
  return Array.from({ length: count }, (_, index): SliceToDecode => {
    const parts = slice.chunks.map(({ offset, length }, chunk) => {
      const [start = length, end = length] = borders[chunk]?.slice(index, index + 2) ?? [];
      return whole.subarray(offset + start, offset + end);
    });
    const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
    let offset = 0;
    const chunks = parts.map((part) => {
      bytes.set(part, offset);
      offset += part.length;
      return { offset: offset - part.length, length: part.length };
    });
    return { bytes, chunks, isLast: index === count - 1 };
  });
}

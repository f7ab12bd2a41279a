import { DamageError, failureOf } from "../failures.ts";
import { parseUnitFooter } from "../footer/footer.ts";
import type { ColumnChunk, FileRange } from "../footer/metadata.ts";
import { bytesIn } from "./byte-pieces.ts";
import type { DecodedBatch } from "./column-data.ts";
import { DirectUnit } from "./direct/direct-unit.ts";
import { decompressor, needsWasm, needsZstd } from "./decompress.ts";
import { PageStream } from "./page-stream.ts";
import { UnitMemory } from "./unit-memory.ts";
import type * as wasmDecoder from "./wasm-decoder.ts";
import type { Workspace } from "./workspace.ts";

/** A unit to decode, whose bytes follow. */
export interface UnitToDecode {
  /** What it is part of, for messages. */
  readonly path: string;
  /** Says what the column chunks hold; where they are does not matter. */
  readonly footer: Uint8Array;
  /** Rows of each batch but the last of a part. */
  readonly batchRows: number;
  /** Bytes that may be held. */
  readonly memoryBudget: number;
}

/** A stretch of every column chunk, in the order of the footer. */
export interface SliceToDecode {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where in `bytes` the stretch of each column chunk is. */
  readonly chunks: readonly FileRange[];
  readonly isLast: boolean;
}

/** A buffer of which more than this is still needed is not worth copying. */
const MAX_COPIED_SHARE = 0.25;

type Wasm = typeof wasmDecoder;

/** What the WebAssembly decoder reads is held by us, as a file, and once more by itself. */
const COPIES = 3;

let loaded: Wasm | undefined;

async function loadWasm(): Promise<Wasm> {
  return await import("./wasm-decoder.ts");
}

/** Bytes that are held whatever there is to decode: WebAssembly memory, which only grows, and memory to use again. */
export function decoderMemory(workspace: Workspace): number {
  return (loaded?.decoderMemory() ?? 0) + workspace.bytes;
}

/** How the rows of pages that have come are decoded. */
interface Strategy {
  /** Memory that it reads from, beside the pages that wait. */
  readonly pieces: readonly Uint8Array[];
  /** Pages that wait with it. */
  readonly waiting?: readonly Uint8Array[];
  /** Copies what those have of `buffer`. */
  leave?(buffer: ArrayBufferLike): void;
  /** Decodes what can be decoded of the rows from `start` on; tells where it stopped. */
  decode(start: number, isLast: boolean): Generator<DecodedBatch, number>;
  /** Gives the memory of pages back. */
  close?(): void;
}

/** Decodes a row group while its bytes come. Throws `CORRUPT_FILE`; `UNSUPPORTED_FORMAT` for what is too large, or not known. */
export class UnitDecoder {
  readonly #path: string;
  readonly #rowCount: number;
  readonly #streams: readonly PageStream[];
  readonly #strategy: Strategy;
  #done = 0;

  /** Prepares a unit. The WebAssembly decoder is loaded when the first unit needs it. */
  static async begin(unit: UnitToDecode, workspace: Workspace): Promise<UnitDecoder> {
    const { path, footer, batchRows } = unit;
    try {
      const metadata = parseUnitFooter(footer, path);
      const { rows, columns } = metadata.readRowGroup(0);
      const streams = metadata.leaves.map((leaf, index) => new PageStream(leaf, columns[index] as ColumnChunk, rows));
      const isWasmCodec = columns.some(({ codec }) => needsWasm(codec));
      const memory = new UnitMemory(unit.memoryBudget, isWasmCodec ? COPIES : 1);
      if (isWasmCodec) loaded ??= await loadWasm();
      if (columns.some(({ codec }) => needsZstd(codec))) await workspace.zstd.load();
      const wasmCodec = loaded?.decompressByWasm;
      const direct = DirectUnit.of(metadata, streams, { batchRows, workspace, memory, wasmCodec });
      if (direct !== undefined) return new UnitDecoder(path, rows, streams, direct);
      loaded ??= await loadWasm();
      const decompress = columns.map(({ codec }) => decompressor(codec, workspace, wasmCodec));
      const options = { decompress, batchRows, memory: new UnitMemory(unit.memoryBudget, COPIES) };
      const parts = new loaded.PartFiles(metadata, streams, options);
      return new UnitDecoder(path, rows, streams, parts);
    } catch (cause) {
      throw failureOf(path, "its pages", cause);
    }
  }

  private constructor(path: string, rowCount: number, streams: readonly PageStream[], strategy: Strategy) {
    this.#path = path;
    this.#rowCount = rowCount;
    this.#streams = streams;
    this.#strategy = strategy;
  }

  /** Bytes of pages that wait for others. */
  get heldBytes(): number {
    return this.#heldIn(() => true);
  }

  /** Decodes what a slice completes. What is left of the slice stays in its buffer. */
  *push({ bytes, chunks, isLast }: SliceToDecode): Generator<DecodedBatch> {
    try {
      for (const [index, stream] of this.#streams.entries()) {
        const { offset = 0, length = 0 } = chunks[index] ?? {};
        stream.push(bytes.subarray(offset, offset + length));
      }
      this.#done = yield* this.#strategy.decode(this.#done, isLast);
      if (!isLast) return;
      for (const stream of this.#streams) stream.finish();
      if (this.#done !== this.#rowCount)
        throw new DamageError(`they hold ${this.#done} rows where the footer counts ${this.#rowCount}`);
    } catch (cause) {
      throw failureOf(this.#path, "its pages", cause);
    }
  }

  /** Gives a slice's buffer back, and copies what is still needed of it; `false` if that is so much that it keeps it. */
  leave(buffer: ArrayBufferLike): boolean {
    const isOpen = this.#strategy.pieces.some((piece) => piece.buffer === buffer);
    const needed = this.#heldIn((piece) => piece.buffer === buffer);
    if (isOpen || needed > buffer.byteLength * MAX_COPIED_SHARE) return false;
    for (const stream of this.#streams) stream.leave(buffer);
    this.#strategy.leave?.(buffer);
    return true;
  }

  /** Gives memory back: nothing more is decoded. */
  close(): void {
    this.#strategy.close?.();
  }

  #heldIn(counts: (piece: Uint8Array) => boolean): number {
    const { pieces: read, waiting = [] } = this.#strategy;
    const pieces = [...read, ...waiting, ...this.#streams.flatMap((stream) => stream.pieces)].filter(counts);
    return bytesIn(pieces);
  }
}

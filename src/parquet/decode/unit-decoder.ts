import { HfStreamError } from "../../errors.ts";
import { corrupt, parseFooter } from "../footer/footer.ts";
import type { FileRange } from "../footer/metadata.ts";
import type { DecodedBatch } from "./column-data.ts";
import { DirectUnit } from "./direct/direct-unit.ts";
import { PageStream } from "./pages.ts";
import type { Workspace } from "./workspace.ts";

/** A unit to decode, whose bytes follow. */
export interface UnitToDecode {
  /** What it is part of, for messages. */
  readonly path: string;
  /** Says what the column chunks hold; where they are does not matter. */
  readonly footer: Uint8Array;
  /** Rows of each batch but the last of a part. */
  readonly batchRows: number;
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

let loaded: typeof import("./part-files.ts") | undefined;

/** Bytes that are held whatever there is to decode: WebAssembly memory, which only grows, and memory to use again. */
export function decoderMemory(workspace: Workspace): number {
  return (loaded?.decoderMemory() ?? 0) + workspace.bytes;
}

/** How the rows of pages that have come are decoded. */
interface Strategy {
  /** Memory that it uses beside the pages that wait. */
  readonly pieces: readonly Uint8Array[];
  /** Decodes what can be decoded of the rows from `start` on; tells where it stopped. */
  decode(start: number, isLast: boolean): Generator<DecodedBatch, number>;
  /** Gives the memory of pages back. */
  close?(): void;
}

/** Decodes a row group while its bytes come. Throws `CORRUPT_FILE`. */
export class UnitDecoder {
  readonly #path: string;
  readonly #rowCount: number;
  readonly #streams: readonly PageStream[];
  readonly #strategy: Strategy;
  #done = 0;

  /** Prepares a unit. The WebAssembly decoder is loaded when the first unit needs it. */
  static async begin({ path, footer, batchRows }: UnitToDecode, workspace: Workspace): Promise<UnitDecoder> {
    try {
      const metadata = parseFooter(footer, { path, size: Infinity });
      const rowCount = metadata.rowGroups[0]?.rows ?? 0;
      const streams = metadata.leaves.map((leaf) => new PageStream(leaf, rowCount));
      const direct = DirectUnit.of(metadata, streams, { batchRows, workspace });
      if (direct !== undefined) return new UnitDecoder(path, rowCount, streams, direct);
      loaded ??= await import("./part-files.ts");
      return new UnitDecoder(path, rowCount, streams, new loaded.PartFiles(metadata, streams, batchRows));
    } catch (cause) {
      throw corruption(path, cause);
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
      if (isLast && this.#done !== this.#rowCount)
        throw new RangeError(`they hold ${this.#done} rows where the footer counts ${this.#rowCount}`);
    } catch (cause) {
      throw corruption(this.#path, cause);
    }
  }

  /** Gives a slice's buffer back, and copies what is still needed of it; `false` if that is so much that it keeps it. */
  leave(buffer: ArrayBufferLike): boolean {
    const isOpen = this.#strategy.pieces.some((piece) => piece.buffer === buffer);
    const needed = this.#heldIn((piece) => piece.buffer === buffer);
    if (isOpen || needed > buffer.byteLength * MAX_COPIED_SHARE) return false;
    for (const stream of this.#streams) stream.leave(buffer);
    return true;
  }

  /** Gives memory back: nothing more is decoded. */
  close(): void {
    this.#strategy.close?.();
  }

  #heldIn(counts: (piece: Uint8Array) => boolean): number {
    const pieces = [...this.#strategy.pieces, ...this.#streams.flatMap((stream) => stream.pieces)].filter(counts);
    return pieces.reduce((sum, { length }) => sum + length, 0);
  }
}

/** What fails in the bytes of a file is the file's fault. */
function corruption(path: string, cause: unknown): HfStreamError {
  if (cause instanceof HfStreamError) return cause;
  const how = cause instanceof Error ? cause.message : String(cause);
  return corrupt(path, `its pages cannot be decoded (${how})`, cause);
}

import type { Segment } from "../fs/ranges.ts";
import { cutPieces } from "./decode/byte-pieces.ts";
import type { FileRange } from "./footer/metadata.ts";

/**
 * A stretch of every column chunk, in one buffer: segments to fetch, and bytes that are made here (filler pages) between
 * them. Pages may go on from one slice to the next.
 */
export interface Slice {
  /** Bytes of the buffer. */
  readonly length: number;
  /** In order of their source. */
  readonly segments: readonly Segment[];
  readonly made: readonly { readonly target: number; readonly bytes: Uint8Array }[];
  /** Where in the buffer the stretch of each wanted column chunk is, in schema order. */
  readonly chunks: readonly FileRange[];
  /** Bytes to fetch. */
  readonly fetchedBytes: number;
  /** Its share of what the unit decodes to. */
  readonly decodedBytes: number;
}

/** A piece of a column chunk: bytes of the file, or bytes that are made here. */
export type StreamPiece = FileRange | Uint8Array;

/** A column chunk as it is decoded. */
export interface ChunkStream {
  readonly pieces: readonly StreamPiece[];
  /** In bytes. */
  readonly length: number;
  /** Bytes before its first page of values: of its dictionary page. */
  readonly head: number;
  readonly values: number | undefined;
  /** Bytes that its pages become at most. */
  readonly uncompressedLength: number;
  readonly fetchedBytes: number;
  readonly decodedBytes: number;
}

/** What slices aim at. */
export interface SliceAims {
  /** Bytes fetched or decoded, whichever is more. @default all that there is */
  readonly sliceBytes?: number | undefined;
  /** Whether the first slice is to be as small as can be: a page of each column that is cut, and what comes before it. */
  readonly isEarly?: boolean | undefined;
}

/** Bytes that a slice fetches at least, whatever they claim to become. */
const MIN_SLICE_BYTES = 4 * 1024;
/** Bytes to fetch that are worth a slice of their own behind a small first one. */
const MIN_REST_BYTES = 2 * 1024 * 1024;
/** Bytes that pages become at most, as the common writers cut them: 1 MiB and a value more. */
const PAGE_BYTES = 1.25 * 1024 * 1024;
/** Column chunks up to this size are not cut: they come with the first slice, since each cut is another request. */
const SMALL_CHUNK_BYTES = 1024 * 1024;

/** Cuts streams into slices; never none. */
export function cutSlices(
  streams: readonly ChunkStream[],
  { sliceBytes = Infinity, isEarly = false }: SliceAims,
): Slice[] {
  const early = streams.map(earlyBytes);
  const firstBytes = early.reduce((sum, bytes) => sum + bytes, 0);
  const isCut = isEarly && firstBytes <= sliceBytes && bytesBehind(streams, early).fetched > MIN_REST_BYTES;
  const first = isCut ? early : streams.map(() => 0);
  const { fetched, decoded } = bytesBehind(streams, first);
  const wantedCount = Math.ceil(Math.max(fetched, decoded) / sliceBytes);
  const count = Math.max(1, Math.min(wantedCount, Math.ceil(fetched / MIN_SLICE_BYTES)));
  const bounds = streams.map((stream, at) => boundsOf(stream, first[at] as number, count));
  return Array.from({ length: isCut ? count + 1 : count }, (_, slice) =>
    makeSlice(streams, bounds, isCut ? slice - 1 : slice),
  );
}

/** Bytes of a stream that its first page of values most likely ends in; all of a small one. */
function earlyBytes({ length, head, decodedBytes }: ChunkStream): number {
  if (length <= SMALL_CHUNK_BYTES) return length;
  return Math.min(length, head + Math.ceil(PAGE_BYTES * Math.min(1, length / Math.max(1, decodedBytes))));
}

/** What is behind the first bytes of each stream. */
function bytesBehind(
  streams: readonly ChunkStream[],
  first: readonly number[],
): { readonly fetched: number; readonly decoded: number } {
  let [fetched, decoded] = [0, 0];
  for (const [at, { length, fetchedBytes, decodedBytes }] of streams.entries()) {
    const share = 1 - (first[at] as number) / Math.max(1, length);
    fetched += fetchedBytes * share;
    decoded += decodedBytes * share;
  }
  return { fetched, decoded };
}

/** Where a stream is cut: what is behind its first bytes, into equal shares. A small one comes whole with the first slice. */
function boundsOf({ length }: ChunkStream, first: number, count: number): readonly number[] {
  return Array.from({ length: count + 1 }, (_, at) =>
    length <= SMALL_CHUNK_BYTES && at + first > 0 ? length : first + Math.floor(((length - first) * at) / count),
  );
}

/** Takes of every stream what is between two of its bounds; before the first of them it begins. */
function makeSlice(streams: readonly ChunkStream[], bounds: readonly (readonly number[])[], index: number): Slice {
  const parts = streams.map((stream, chunk) => {
    const [start = 0, end = 0] = [bounds[chunk]?.[index], bounds[chunk]?.[index + 1]];
    const pieces = cutPieces(stream.pieces, start, end, cutStreamPiece);
    return { chunk, pieces, share: (end - start) / Math.max(1, stream.length) };
  });
  const layout = new Layout();
  const chunks: FileRange[] = [];
  // In file order, so that neighbours in the file stay neighbours and one read serves them.
  for (const { chunk, pieces } of [...parts].sort((a, b) => sourceOf(a.pieces) - sourceOf(b.pieces))) {
    const offset = layout.length;
    for (const piece of pieces) layout.add(piece);
    chunks[chunk] = { offset, length: layout.length - offset };
  }
  const { length, segments, made, fetchedBytes } = layout;
  const decodedBytes = streams.reduce((sum, stream, at) => sum + stream.decodedBytes * (parts[at]?.share ?? 0), 0);
  return { length, segments, made, chunks, fetchedBytes, decodedBytes: Math.ceil(decodedBytes) };
}

function cutStreamPiece(piece: StreamPiece, from: number, to: number): StreamPiece {
  return piece instanceof Uint8Array ? piece.subarray(from, to) : { offset: piece.offset + from, length: to - from };
}

/** Where in the file the first fetched piece is. */
function sourceOf(pieces: readonly StreamPiece[]): number {
  const first = pieces.find((piece) => !(piece instanceof Uint8Array));
  return first === undefined || first instanceof Uint8Array ? 0 : first.offset;
}

/** Lays pieces out one behind the other. */
class Layout {
  length = 0;
  fetchedBytes = 0;
  readonly segments: Segment[] = [];
  readonly made: { target: number; bytes: Uint8Array }[] = [];

  add(piece: StreamPiece): void {
    if (piece instanceof Uint8Array) this.made.push({ target: this.length, bytes: piece });
    else {
      this.segments.push({ source: piece.offset, target: this.length, length: piece.length });
      this.fetchedBytes += piece.length;
    }
    this.length += piece.length;
  }
}

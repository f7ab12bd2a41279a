import { Readable } from "node:stream";
import { type AbortOptions, linkController, onceAborted } from "../async/abort.ts";
import { mapAhead } from "../async/map-ahead.ts";
import { DEFAULT_BLOCK_SIZE } from "./read-segments.ts";
import type { ByteRange, ByteSource, ReadOptions } from "./types.ts";

/** Options of reading on and on. */
export interface StreamBytesOptions extends ReadOptions {
  /** Bytes that one request grows to. @default 8 MiB */
  readonly blockSize?: number | undefined;
  /** Requests that run ahead of the consumer. @default 2 */
  readonly ahead?: number | undefined;
}

/** The first request is small, so that the first bytes come soon; each one after it is larger by this factor. */
const FIRST_BLOCK = 256 * 1024;
const GROWTH = 4;

/**
 * Cuts a range into the blocks that a stream reads it by: they grow up to `blockSize` and cover each byte once. One by one, as
 * a server may claim a file of any size.
 */
export function* planBlocks(
  { offset, length }: ByteRange,
  blockSize: number = DEFAULT_BLOCK_SIZE,
): Generator<ByteRange, void, undefined> {
  let size = Math.min(FIRST_BLOCK, blockSize);
  for (let done = 0; done < length; size = Math.min(size * GROWTH, blockSize)) {
    const part = Math.min(size, length - done);
    yield { offset: offset + done, length: part };
    done += part;
  }
}

/** Reads a range of `source` in order, some requests ahead of the consumer. Leaving the loop ends them. */
export function streamBytes(
  source: ByteSource,
  range: ByteRange,
  { blockSize, ahead = 2, meter, signal }: StreamBytesOptions = {},
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const read = async (block: ByteRange, options: AbortOptions): Promise<Uint8Array<ArrayBuffer>> =>
    await source.read(block, { ...options, meter });
  return mapAhead(planBlocks(range, blockSize), read, { ahead, signal });
}

/**
 * Makes a Node `Readable` of chunks. Nothing starts before it is read, and no more is taken than it has room for.
 * Destroying it ends what is under way; an abort destroys it with `signal.reason`.
 */
export function toReadable(
  start: (options: { readonly signal: AbortSignal }) => AsyncGenerator<Uint8Array, void, undefined>,
  { signal }: AbortOptions = {},
): Readable {
  const stop = linkController(signal);
  const chunks = start({ signal: stop.signal });
  let forget = (): void => {};
  const readable = new Readable({
    read() {
      void pushNext(chunks, this);
    },
    destroy(error, callback) {
      forget();
      stop.abort(error ?? new Error("the stream was destroyed"));
      stop.dispose();
      void closeChunks(chunks, () => callback(error));
    },
  });
  forget = onceAborted(signal, () => readable.destroy(signal?.reason as Error));
  return readable;
}

async function pushNext(chunks: AsyncGenerator<Uint8Array, void, undefined>, into: Readable): Promise<void> {
  try {
    const { done, value } = await chunks.next();
    into.push(done === true ? null : value);
  } catch (error) {
    into.destroy(error as Error);
  }
}

async function closeChunks(chunks: AsyncGenerator<unknown, void, undefined>, onClosed: () => void): Promise<void> {
  await chunks.return().catch(() => {}); // what ended it is told already
  onClosed();
}

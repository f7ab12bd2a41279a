import { type FileHandle, stat } from "node:fs/promises";
import { mapAhead } from "../async/map-ahead.ts";
import { writeAtomically } from "../cache/atomic-write.ts";
import { acquireLock } from "../cache/lock.ts";
import { LocalSource } from "./byte-source.ts";
import { planReads, type Segment } from "./ranges.ts";
import { DEFAULT_BLOCK_SIZE, type ReadSegmentsOptions } from "./read-segments.ts";
import type { ByteSource } from "./types.ts";

/** Blocks fetched at the same time. */
const BLOCKS_AHEAD = 7;

/**
 * Copies a file to `target`, unless it is there with its size, and gives the copy. It appears whole or not at all, and of
 * the processes that want it at the same time one fetches it. Where it cannot be kept, `source` itself is given.
 */
export async function download(
  source: ByteSource,
  target: string,
  options: ReadSegmentsOptions = {},
): Promise<ByteSource> {
  const { signal } = options;
  const isDone = async (): Promise<boolean> => (await stat(target).catch(() => undefined))?.size === source.size;
  try {
    if (!(await isDone())) {
      const release = await acquireLock(target, { isDone, maxWaitMs: Infinity, signal });
      try {
        if (!(await isDone())) await copy(source, target, options);
      } finally {
        await release?.();
      }
    }
    return new LocalSource(target, source.size);
  } catch (error) {
    signal?.throwIfAborted();
    // The disk's own errors name the call that failed: it is full, read-only or broken.
    if (error instanceof Error && "syscall" in error) return source;
    throw error;
  }
}

async function copy(
  source: ByteSource,
  target: string,
  { blockSize = DEFAULT_BLOCK_SIZE, signal, meter }: ReadSegmentsOptions,
): Promise<void> {
  const blocks = planReads([{ source: 0, target: 0, length: source.size }], blockSize);
  const fetch = async ({ source: offset, length }: Segment, job: { signal: AbortSignal }) => ({
    offset,
    bytes: await source.read({ offset, length }, { meter, signal: job.signal }),
  });
  await writeAtomically(target, async (handle) => {
    for await (const { offset, bytes } of mapAhead(blocks, fetch, { ahead: BLOCKS_AHEAD, signal })) {
      await writeAll(handle, bytes, offset);
    }
  });
}

/** One call of `write` may take a part only. */
async function writeAll(handle: FileHandle, bytes: Uint8Array, offset: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += (await handle.write(bytes, done, bytes.length - done, offset + done)).bytesWritten;
  }
}

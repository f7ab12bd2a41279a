import type { Hash } from "node:crypto";
import { type FileHandle, utimes } from "node:fs/promises";
import { writeAtomically } from "../cache/atomic-write.ts";
import { acquireLock } from "../cache/lock.ts";
import { openRegular } from "../cache/open-regular.ts";
import { HfStreamError } from "../errors.ts";
import { LocalSource } from "./byte-source.ts";
import { streamBytes } from "./byte-stream.ts";
import { startHash } from "./content-hash.ts";
import { DEFAULT_BLOCK_SIZE, type ReadSegmentsOptions } from "./read-segments.ts";
import type { ByteSource } from "./types.ts";

/** Blocks fetched at the same time. */
const BLOCKS_AHEAD = 7;
/** What is read at once of a file that is checked. */
const CHECKED_BYTES = 1024 * 1024;
/** The time of a copy that was checked, in seconds since 1970: whoever writes to it changes that. */
const CHECKED_TIME = 1_000_000_000;

/** Options of {@link download}. */
export interface DownloadOptions extends ReadSegmentsOptions {
  /** Is told of bytes that were copied. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/**
 * Copies a file to `target`, unless it is there already, and gives the copy. It appears whole or not at all, its hash is
 * checked where it is known, also that of a copy that was written to since, and of the processes that want it at the same
 * time one fetches it. Where it cannot be kept, `source` itself is given. Throws `CORRUPT_FILE` where what comes is not what
 * is listed.
 */
export async function download(source: ByteSource, target: string, options: DownloadOptions = {}): Promise<ByteSource> {
  const { signal } = options;
  const isDone = async (): Promise<boolean> => await isCopied(source, target).catch(() => false);
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

/** Whether `target` holds what `source` does. Rejects where it cannot be read. */
export async function isCopied({ size, oid }: Pick<ByteSource, "size" | "oid">, target: string): Promise<boolean> {
  const opened = await openRegular(target);
  if (opened === undefined) return false;
  const { handle, stats } = opened;
  try {
    if (stats.size !== size) return false;
    const hash = startHash(oid, size);
    if (hash === undefined || Math.floor(stats.mtimeMs / 1000) === CHECKED_TIME) return true;
    if ((await digestOf(handle, hash)) !== oid) return false;
    await markChecked(target);
    return true;
  } finally {
    await handle.close();
  }
}

/** Whether a file that was copied has the hash that its name says; `undefined` if that is no hash of content. */
export async function hasNamedHash(file: string, oid: string): Promise<boolean | undefined> {
  const opened = await openRegular(file);
  if (opened === undefined) return false;
  const { handle, stats } = opened;
  try {
    const hash = startHash(oid, stats.size);
    return hash === undefined ? undefined : (await digestOf(handle, hash)) === oid;
  } finally {
    await handle.close();
  }
}

async function digestOf(handle: FileHandle, hash: Hash): Promise<string> {
  const stream = handle.createReadStream({ highWaterMark: CHECKED_BYTES, autoClose: false });
  for await (const chunk of stream) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

async function copy(
  source: ByteSource,
  target: string,
  { blockSize = DEFAULT_BLOCK_SIZE, signal, meter, onBytes }: DownloadOptions,
): Promise<void> {
  const { path, size, oid } = source;
  const hash = startHash(oid, size);
  const options = { blockSize, ahead: BLOCKS_AHEAD, signal, meter };
  await writeAtomically(target, async (handle) => {
    let offset = 0;
    for await (const bytes of streamBytes(source, { offset: 0, length: size }, options)) {
      hash?.update(bytes);
      await writeAll(handle, bytes, offset);
      offset += bytes.length;
      onBytes?.(bytes.length);
    }
    if (hash !== undefined && hash.digest("hex") !== oid)
      throw new HfStreamError("CORRUPT_FILE", `${path}: what came is not what is listed: its hash is another.`, {
        path,
      });
  });
  await markChecked(target);
}

/** A copy whose mark cannot be set is checked again by the next one. */
async function markChecked(target: string): Promise<void> {
  await utimes(target, new Date(), CHECKED_TIME).catch(() => {});
}

/** One call of `write` may take a part only. */
async function writeAll(handle: FileHandle, bytes: Uint8Array, offset: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += (await handle.write(bytes, done, bytes.length - done, offset + done)).bytesWritten;
  }
}

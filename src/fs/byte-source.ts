import type { FileHandle } from "node:fs/promises";
import { openRegular } from "../cache/open-regular.ts";
import { HfStreamError, isHfStreamError } from "../errors.ts";
import { changed, type RemoteFile } from "../hub/file-location.ts";
import type { RangeReader } from "../hub/range-reader.ts";
import type { ByteRange, ByteSource, ReadIntoOptions } from "./types.ts";

/** What {@link RemoteSource} knows besides the file. */
export interface RemoteSourceOptions {
  readonly oid?: string | undefined;
  /** Told when a read finds that the commit of the file is gone, before it throws. */
  readonly onGone?: (() => Promise<void>) | undefined;
}

/** A file on a Hub or web server, by ranges. */
export class RemoteSource implements ByteSource {
  readonly path: string;
  readonly size: number;
  readonly oid: string | undefined;
  readonly #file: RemoteFile;
  readonly #reader: RangeReader;
  readonly #onGone: RemoteSourceOptions["onGone"];

  constructor(reader: RangeReader, file: RemoteFile, { oid, onGone }: RemoteSourceOptions = {}) {
    this.path = file.name;
    this.size = file.size;
    this.oid = oid;
    this.#file = file;
    this.#reader = reader;
    this.#onGone = onGone;
  }

  async read(range: ByteRange, { into, signal, meter }: ReadIntoOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    checkRange(this, range);
    const target = into ?? makeRoom(range.length, this.path);
    try {
      await this.#reader.read(this.#file, range.offset, target, { signal, meter });
    } catch (error) {
      if (isCommitGone(error)) await this.#onGone?.();
      throw error;
    }
    return target;
  }
}

/** Whether an error says that the commit of a file is no longer there: history was rewritten. */
export function isCommitGone(error: unknown): boolean {
  return (
    isHfStreamError(error, "FILE_CHANGED") && isHfStreamError(error.cause, "REVISION_NOT_FOUND", "ENTRY_NOT_FOUND")
  );
}

/** Memory for a part of a file. Throws `INVALID_OPTION` where it is more than there can be. */
export function makeRoom(length: number, path: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(length);
  } catch (cause) {
    const what = `${path}: ${length} bytes cannot be held in memory at once; read it in parts.`;
    throw new HfStreamError("INVALID_OPTION", what, { path, cause });
  }
}

/** A file on a local disk. Each read opens it anew, so that nothing is left to close. */
export class LocalSource implements ByteSource {
  readonly path: string;
  readonly size: number;

  constructor(path: string, size: number) {
    this.path = path;
    this.size = size;
  }

  async findOnDisk(): Promise<void> {} // who listed it saw it there

  async read(range: ByteRange, { into, signal, meter }: ReadIntoOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    signal?.throwIfAborted();
    checkRange(this, range);
    const target = into ?? makeRoom(range.length, this.path);
    const handle = await this.#open();
    try {
      for (let done = 0; done < range.length;) {
        const { bytesRead } = await handle.read(target, done, range.length - done, range.offset + done);
        signal?.throwIfAborted();
        if (bytesRead === 0) throw changed(this.path, `it is shorter than the ${this.size} bytes it had`);
        done += bytesRead;
      }
    } catch (error) {
      if (isHfStreamError(error) || signal?.aborted === true) throw error;
      throw unreadable(this.path, error);
    } finally {
      await handle.close();
    }
    if (meter !== undefined) meter.bytesFetched += range.length;
    return target;
  }

  async #open(): Promise<FileHandle> {
    const { path } = this;
    let opened: Awaited<ReturnType<typeof openRegular>>;
    try {
      opened = await openRegular(path);
    } catch (cause) {
      throw unreadable(path, cause);
    }
    if (opened !== undefined) return opened.handle;
    throw new HfStreamError("ENTRY_NOT_FOUND", `${path} is no file.`, { path });
  }
}

/** Bytes that are in memory already. */
export class MemorySource implements ByteSource {
  readonly path: string;
  readonly size: number;
  readonly #bytes: Uint8Array;

  constructor(path: string, bytes: Uint8Array) {
    this.path = path;
    this.size = bytes.length;
    this.#bytes = bytes;
  }

  async read(range: ByteRange, { into, signal }: ReadIntoOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    signal?.throwIfAborted();
    checkRange(this, range);
    const target = into ?? makeRoom(range.length, this.path);
    target.set(this.#bytes.subarray(range.offset, range.offset + range.length));
    return target;
  }
}

function unreadable(path: string, cause: unknown): HfStreamError {
  return new HfStreamError("ENTRY_NOT_FOUND", `${path} cannot be read: ${(cause as Error).message}`, { cause, path });
}

/** Throws `INVALID_OPTION` for a range that is not within `source`. */
export function checkRange({ path, size }: Pick<ByteSource, "path" | "size">, { offset, length }: ByteRange): void {
  const whole = Number.isSafeInteger(offset) && Number.isSafeInteger(length);
  if (whole && offset >= 0 && length >= 0 && offset + length <= size) return;
  throw new HfStreamError(
    "INVALID_OPTION",
    `${path}: expected a range within its ${size} bytes, got ${length} bytes from ${offset}.`,
    { path },
  );
}

import { type FileHandle, open } from "node:fs/promises";
import { HfStreamError } from "../errors.ts";
import type { RemoteFile } from "../hub/file-location.ts";
import type { RangeReader } from "../hub/range-reader.ts";
import type { ByteRange, ByteSource, ReadIntoOptions } from "./types.ts";

/** A file on a Hub or web server, by ranges. */
export class RemoteSource implements ByteSource {
  readonly path: string;
  readonly size: number;
  readonly #file: RemoteFile;
  readonly #reader: RangeReader;

  constructor(reader: RangeReader, file: RemoteFile) {
    this.path = file.name;
    this.size = file.size;
    this.#file = file;
    this.#reader = reader;
  }

  async read(range: ByteRange, { into, signal, meter }: ReadIntoOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    checkRange(this, range);
    const target = into ?? new Uint8Array(range.length);
    await this.#reader.read(this.#file, range.offset, target, { signal, meter });
    return target;
  }

  async close(): Promise<void> {}
}

/** A file on a local disk. */
export class LocalSource implements ByteSource {
  readonly path: string;
  readonly size: number;
  readonly #handle: FileHandle;
  #closing: Promise<void> | undefined;

  private constructor(path: string, size: number, handle: FileHandle) {
    this.path = path;
    this.size = size;
    this.#handle = handle;
  }

  /** Opens the file; {@link close} must follow. */
  static async open(path: string): Promise<LocalSource> {
    try {
      const handle = await open(path, "r");
      return new LocalSource(path, (await handle.stat()).size, handle);
    } catch (cause) {
      throw new HfStreamError("ENTRY_NOT_FOUND", `${path} cannot be opened: ${(cause as Error).message}`, { cause, path });
    }
  }

  async read(range: ByteRange, { into, signal, meter }: ReadIntoOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    signal?.throwIfAborted();
    checkRange(this, range);
    const target = into ?? new Uint8Array(range.length);
    for (let done = 0; done < range.length; ) {
      const { bytesRead } = await this.#handle.read(target, done, range.length - done, range.offset + done);
      signal?.throwIfAborted();
      if (bytesRead === 0) throw new HfStreamError("FILE_CHANGED", `${this.path} became shorter while it was read.`, this);
      done += bytesRead;
    }
    if (meter !== undefined) meter.bytesFetched += range.length;
    return target;
  }

  async close(): Promise<void> {
    this.#closing ??= this.#handle.close();
    await this.#closing;
  }
}

function checkRange({ path, size }: ByteSource, { offset, length }: ByteRange): void {
  const whole = Number.isSafeInteger(offset) && Number.isSafeInteger(length);
  if (whole && offset >= 0 && length >= 0 && offset + length <= size) return;
  throw new HfStreamError(
    "INVALID_OPTION",
    `${path}: expected a range within its ${size} bytes, got ${length} bytes from ${offset}.`,
    { path },
  );
}

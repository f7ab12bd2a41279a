import { type FileHandle, open } from "node:fs/promises";
import { HfStreamError } from "../errors.ts";
import { changed, type RemoteFile } from "../hub/file-location.ts";
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
}

/** A file on a local disk. Each read opens it anew, so that nothing is left to close. */
export class LocalSource implements ByteSource {
  readonly path: string;
  readonly size: number;

  constructor(path: string, size: number) {
    this.path = path;
    this.size = size;
  }

  async read(range: ByteRange, { into, signal, meter }: ReadIntoOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    signal?.throwIfAborted();
    checkRange(this, range);
    const target = into ?? new Uint8Array(range.length);
    const handle = await this.#open();
    try {
      for (let done = 0; done < range.length;) {
        const { bytesRead } = await handle.read(target, done, range.length - done, range.offset + done);
        signal?.throwIfAborted();
        if (bytesRead === 0) throw changed(this.path, `it is shorter than the ${this.size} bytes it had`);
        done += bytesRead;
      }
    } finally {
      await handle.close();
    }
    if (meter !== undefined) meter.bytesFetched += range.length;
    return target;
  }

  async #open(): Promise<FileHandle> {
    const { path } = this;
    try {
      return await open(path, "r");
    } catch (cause) {
      throw new HfStreamError("ENTRY_NOT_FOUND", `${path} cannot be opened: ${(cause as Error).message}`, {
        cause,
        path,
      });
    }
  }
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

import type { Readable } from "node:stream";
import { HfStreamError, isHfStreamError } from "../errors.ts";
import { checkRange } from "./byte-source.ts";
import { streamBytes, toReadable } from "./byte-stream.ts";
import { HfFile } from "./hf-file.ts";
import { sliceRange } from "./ranges.ts";
import { readManyRanges } from "./read-segments.ts";
import type { ByteRange, ByteSource, FileInfo, ReadOptions } from "./types.ts";

/** Options of a listing. */
export interface ListOptions extends ReadOptions {
  /** Everything below the folder instead of what is directly in it. @default false */
  readonly recursive?: boolean | undefined;
}

/** Which part of a file, as Python's slices have it: negative numbers count from the end. */
export interface SliceOptions extends ReadOptions {
  /** The first byte. @default 0 */
  readonly start?: number | undefined;
  /** The byte after the last one. @default the size */
  readonly end?: number | undefined;
}

/** One folder of a walk: its path, the folders in it, the files in it. */
export type WalkStep = [folder: string, folders: FileInfo[], files: FileInfo[]];

/** A file to be read: what is known of it, and its bytes. */
export interface FoundFile {
  readonly info: FileInfo;
  readonly source: ByteSource;
}

/** Files and folders by path, with what all file systems of this package share. Read only. */
export abstract class FileSystem {
  /** Describes a file or folder. Throws `ENTRY_NOT_FOUND`, naming paths that are alike. */
  abstract info(path: string, options?: ReadOptions): Promise<FileInfo>;

  /** Lists a folder, sorted by path; of a file, just that file. Throws `ENTRY_NOT_FOUND`. */
  abstract ls(path: string, options?: ListOptions): Promise<FileInfo[]>;

  /**
   * Lists the files and folders that a pattern of fsspec's dialect matches (`*`, `?`, `[a-z]`; `**` for any number of
   * folders), sorted by path; none if nothing does.
   */
  abstract glob(pattern: string, options?: ReadOptions): Promise<FileInfo[]>;

  /** Finds a file. Throws `ENTRY_NOT_FOUND`, or `INVALID_PATH` for a folder. */
  protected abstract findFile(path: string, options: ReadOptions): Promise<FoundFile>;

  /** Lists every file below a folder, sorted by path; of a file, just that file. None where there is nothing, as in Python. */
  async find(path: string, options: ReadOptions = {}): Promise<FileInfo[]> {
    const entries = await this.#orNothing(this.ls(path, { ...options, recursive: true }));
    return entries.filter(({ type }) => type === "file");
  }

  /**
   * Goes through a folder and all below it, each folder before those in it, as Python's `os.walk`: folders that the consumer
   * takes out of a step's list are not entered. Of a file, or where there is nothing, no steps.
   */
  async *walk(path: string, options: ReadOptions = {}): AsyncGenerator<WalkStep, void, undefined> {
    const [top] = await this.#orNothing(this.info(path, options).then((info) => [info]));
    const folders = top?.type === "directory" ? [top] : [];
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      if (folder !== top && !(await this.isEntered(folder))) continue;
      const entries = await this.ls(folder.path, options);
      const below = entries.filter(({ type }) => type === "directory");
      yield [folder.path, below, entries.filter(({ type }) => type === "file")];
      for (const next of below.reverse()) folders.push(next); // more than a call may have arguments
    }
  }

  /** Tells whether there is a file or folder. A repo or revision that cannot be found has none. Other errors are thrown. */
  async exists(path: string, options: ReadOptions = {}): Promise<boolean> {
    return (await this.#typeOf(path, options)) !== undefined;
  }

  /** Tells whether there is a file; as {@link exists}. */
  async isFile(path: string, options: ReadOptions = {}): Promise<boolean> {
    return (await this.#typeOf(path, options)) === "file";
  }

  /** Tells whether there is a folder; as {@link exists}. */
  async isDirectory(path: string, options: ReadOptions = {}): Promise<boolean> {
    return (await this.#typeOf(path, options)) === "directory";
  }

  /** Opens a file for reading. The signal is for the opening: reads take their own. Throws as {@link cat}. */
  async open(path: string, options: ReadOptions = {}): Promise<HfFile> {
    const { info, source } = await this.findFile(path, options);
    return new HfFile(info.path, source);
  }

  /**
   * Reads many ranges at once, neighbours in one request and large ones in several, and gives them in the order asked. Each
   * is exactly what was asked: one that is not within the file is `INVALID_OPTION`. Otherwise throws as {@link cat}.
   */
  async readRanges(
    path: string,
    ranges: readonly ByteRange[],
    options: ReadOptions = {},
  ): Promise<Uint8Array<ArrayBuffer>[]> {
    const { source } = await this.findFile(path, options);
    for (const range of ranges) checkRange(source, range);
    const parts = await readManyRanges(source, ranges, options);
    // Those that were read together share memory: writing to one, or transferring it, must not touch the others.
    return parts.map((bytes) => (bytes.length === bytes.buffer.byteLength ? bytes : bytes.slice()));
  }

  /** Reads a file, or a part of it. Throws `ENTRY_NOT_FOUND`, or `INVALID_PATH` for a folder. */
  async cat(path: string, { start, end, ...options }: SliceOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    checkSlice({ start, end });
    const { source } = await this.findFile(path, options);
    const [bytes = new Uint8Array(0)] = await readManyRanges(source, [sliceRange(source.size, start, end)], options);
    return bytes;
  }

  /**
   * Streams a file, or a part of it, as a Node `Readable`. Unlike `node:fs`, `end` is the byte after the last one. Nothing is
   * asked before it is read; destroying it ends the requests. Errors are those of {@link cat}.
   */
  createReadStream(path: string, { start, end, signal, meter }: SliceOptions = {}): Readable {
    checkSlice({ start, end });
    const findFile = async (options: ReadOptions): Promise<FoundFile> => await this.findFile(path, options);
    const chunks = async function* (stop: ReadOptions): AsyncGenerator<Uint8Array, void, undefined> {
      const options = { ...stop, meter };
      const { source } = await findFile(options);
      yield* streamBytes(source, sliceRange(source.size, start, end), options);
    };
    return toReadable(chunks, { signal });
  }

  /** Whether a walk goes into `folder`. */
  protected async isEntered(_folder: FileInfo): Promise<boolean> {
    return true;
  }

  async #typeOf(path: string, options: ReadOptions): Promise<FileInfo["type"] | undefined> {
    try {
      return (await this.info(path, options)).type;
    } catch (error) {
      if (isHfStreamError(error, "DATASET_NOT_FOUND", "REVISION_NOT_FOUND", "ENTRY_NOT_FOUND")) return undefined;
      throw error;
    }
  }

  async #orNothing(entries: Promise<FileInfo[]>): Promise<FileInfo[]> {
    try {
      return await entries;
    } catch (error) {
      if (isHfStreamError(error, "ENTRY_NOT_FOUND")) return [];
      throw error;
    }
  }
}

/** Says that a folder was taken for a file. */
export function isFolder(path: string): HfStreamError {
  return new HfStreamError("INVALID_PATH", `${path} is a folder: list it with \`ls\`, or name a file in it.`, { path });
}

function checkSlice(slice: { readonly start: number | undefined; readonly end: number | undefined }): void {
  for (const [name, value] of Object.entries(slice)) {
    if (value === undefined || Number.isSafeInteger(value)) continue;
    throw new HfStreamError("INVALID_OPTION", `{ ${name} }: expected a whole number, got ${String(value)}.`);
  }
}

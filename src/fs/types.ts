import type { AbortOptions } from "../async/abort.ts";
import type { Meter } from "../hub/meter.ts";

/** `length` bytes from `offset` on. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** Options of a read. */
export interface ReadOptions extends AbortOptions {
  /** Counts the requests and bytes of this read. */
  readonly meter?: Meter | undefined;
}

/** Options of one ranged read. */
export interface ReadIntoOptions extends ReadOptions {
  /** Where the bytes go, of the range's length; a new buffer if left out. */
  readonly into?: Uint8Array<ArrayBuffer> | undefined;
}

/** Bytes that can be read at any place. */
export interface ByteSource {
  /** What is read, for messages. */
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  /** The hash of the content (sha256 or git blob sha1), where it is known. */
  readonly oid?: string | undefined;
  /** Of a file that is read from a disk of this machine: makes sure that it is there, or throws. */
  findOnDisk?(): Promise<void>;
  /** Reads exactly `range`, or throws. */
  read(range: ByteRange, options?: ReadIntoOptions): Promise<Uint8Array<ArrayBuffer>>;
}

/** A data file at a commit: never changes. */
export interface DataFile {
  /** From the root of the repo or folder, with `/`; or a whole `hf://`, `https://` or absolute path. */
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  /** Names the content: sha256 of a large file, git blob sha1 of a small one; of a local file, its size and time. */
  readonly oid: string;
}

/** What is known of a path. */
export interface FileInfo {
  /** The full path, as `datasets/org/name@revision/file` on the Hub. */
  readonly path: string;
  readonly type: "file" | "directory";
  /** In bytes; 0 for a directory. */
  readonly size: number;
  /** Names the content: git blob sha1 of a file, git tree sha1 of a directory. Empty where there is none. */
  readonly oid: string;
  /** Set for large files: the sha256 of the content. */
  readonly lfs?: { readonly oid: string; readonly size: number } | undefined;
  readonly xetHash?: string | undefined;
}

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { ignoreMissing, isSettled, type StoredFile } from "./scan-folder.ts";

/** `sha256` of the content, or `blob`: the sha1 that git gives a file of that content. */
export type HashKind = "sha256" | "blob";

/** Large reads keep the event loop's share small; sha256 of one takes less than a millisecond. */
const READ_BYTES = 1024 * 1024;

/** Files hashed at the same time: enough to keep a disk busy while one core hashes. */
const FILES_AT_ONCE = 8;

/** Hashes of file contents, computed once per content: kept until size, time or inode change. Only in memory. */
export class ContentHashes {
  readonly #hashes = new Map<string, { readonly stamp: string; readonly hash: Promise<string> }>();
  readonly #signal: AbortSignal;
  /** A set, as taking the first out of a long array moves all others. */
  readonly #waiting = new Set<() => void>();
  #running = 0;

  /** When `signal` aborts, running work ends and rejects. */
  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /** Hashes `file` as `kind`. Rejects if it changes meanwhile. */
  hash(file: StoredFile, kind: HashKind): Promise<string> {
    const key = `${kind} ${file.realPath}`;
    const stamp = `${file.size} ${file.mtimeMs} ${file.inode}`;
    const known = this.#hashes.get(key);
    if (known?.stamp === stamp) return known.hash;
    const entry = { stamp, hash: this.#run(file, kind) };
    this.#hashes.set(key, entry);
    const forget = (): void => {
      if (this.#hashes.get(key) === entry) this.#hashes.delete(key);
    };
    const begun = Date.now();
    // A failure is not kept: the next one who asks tries again.
    entry.hash.then(() => isSettled(file, begun) || forget(), forget);
    return entry.hash;
  }

  async #run(file: StoredFile, kind: HashKind): Promise<string> {
    while (this.#running >= FILES_AT_ONCE) await new Promise<void>((resolve) => this.#waiting.add(resolve));
    this.#running += 1;
    try {
      this.#signal.throwIfAborted();
      return await hashFile(file, kind, this.#signal);
    } finally {
      this.#running -= 1;
      this.#wakeNext();
    }
  }

  #wakeNext(): void {
    const [wake] = this.#waiting;
    if (wake === undefined) return;
    this.#waiting.delete(wake);
    wake();
  }
}

/** Says that a file is no longer the one that was listed. */
export class FileChangedError extends Error {
  override readonly name = "FileChangedError";
}

async function hashFile(file: StoredFile, kind: HashKind, signal: AbortSignal): Promise<string> {
  const hash = createHash(kind === "sha256" ? "sha256" : "sha1");
  if (kind === "blob") hash.update(`blob ${file.size}\0`);
  let bytes = 0;
  try {
    for await (const chunk of readChunks(file, signal)) {
      hash.update(chunk);
      bytes += chunk.length;
    }
  } catch (error) {
    ignoreMissing(error);
    bytes = -1;
  }
  if (bytes !== file.size) throw new FileChangedError(`${file.path} changed while it was read`);
  return hash.digest("hex");
}

/** Small files are read at once: a stream costs several times as much. */
async function* readChunks(file: StoredFile, signal: AbortSignal): AsyncGenerator<Buffer> {
  if (file.size <= READ_BYTES) yield await readFile(file.realPath, { signal });
  else yield* createReadStream(file.realPath, { highWaterMark: READ_BYTES, signal }) as AsyncIterable<Buffer>;
}

/** The text that stands in git for a large file kept elsewhere. */
export function lfsPointer(sha256: string, size: number): string {
  return `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize ${size}\n`;
}

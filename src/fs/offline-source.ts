import type { ByteRange, ByteSource, DataFile, ReadIntoOptions } from "./types.ts";

/** A file that is read from wherever it turns out to be on this machine. */
export class OfflineSource implements ByteSource {
  readonly path: string;
  readonly size: number;
  readonly oid: string;
  readonly #find: (user: object) => Promise<ByteSource>;
  #found: ByteSource | undefined;

  /** `path`: what messages call it. `find` throws `OFFLINE` where the file is not there; it is asked until it finds it. */
  constructor(path: string, { size, oid }: DataFile, find: (user: object) => Promise<ByteSource>) {
    this.path = path;
    this.size = size;
    this.oid = oid;
    this.#find = find;
  }

  async findOnDisk(): Promise<void> {
    this.#found ??= await this.#find(this);
  }

  async read(range: ByteRange, options?: ReadIntoOptions): Promise<Uint8Array<ArrayBuffer>> {
    this.#found ??= await this.#find(this);
    return await this.#found.read(range, options);
  }
}

import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate } from "node:zlib";
import { HfStreamError } from "../errors.ts";
import type { BodySink, ResponseHead } from "./exchange.ts";
import { header } from "./header.ts";
import { DOUBTFUL, TransientError } from "./retry.ts";

const MIB = 1024 * 1024;
/** A million files, as the Hub lists them in one answer, are about 250 MB. */
export const MAX_JSON_BYTES: number = 256 * MIB;
/** Cards are a few kilobytes, the old `dataset_infos.json` some megabytes. */
export const MAX_TEXT_BYTES: number = 64 * MIB;
/** JSON packs to a tenth or twentieth. What claims to be so much more is made to fill the memory. */
const MAX_RATIO = 100;
const SMALL_BYTES = 16 * MIB;

const DECODERS: Readonly<
  Record<string, (bytes: Uint8Array, options: { maxOutputLength: number }) => Promise<Uint8Array<ArrayBuffer>>>
> = {
  gzip: promisify(gunzip),
  "x-gzip": promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
};

/** Collects a small body, up to a limit, in memory. Throws `HUB_UNAVAILABLE` for one that is larger, packed or not. */
export class CollectedBody implements BodySink {
  readonly #subject: string;
  readonly #maxBytes: number;
  readonly #chunks: Buffer[] = [];
  #length = 0;
  #encoding = "identity";

  constructor(subject: string, maxBytes: number) {
    this.#subject = subject;
    this.#maxBytes = maxBytes;
  }

  begin({ headers }: ResponseHead): void {
    if (Number(header(headers, "content-length") ?? 0) > this.#maxBytes) throw this.#tooLarge();
    this.#encoding = (header(headers, "content-encoding") ?? "identity").trim().toLowerCase() || "identity";
  }

  push(chunk: Buffer): void {
    this.#length += chunk.length;
    if (this.#length > this.#maxBytes) throw this.#tooLarge();
    this.#chunks.push(chunk);
  }

  /** The whole body, unpacked: some mirrors pack what was asked for as it is. */
  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    const packed = new Uint8Array(Buffer.concat(this.#chunks));
    if (this.#encoding === "identity") return packed;
    const decode = Object.hasOwn(DECODERS, this.#encoding) ? DECODERS[this.#encoding] : undefined;
    if (decode === undefined) throw this.#unreadable(`is packed by '${this.#encoding.slice(0, 40)}'`);
    try {
      const maxOutputLength = Math.min(this.#maxBytes, Math.max(SMALL_BYTES, packed.length * MAX_RATIO));
      return await decode(packed, { maxOutputLength });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw this.#tooLarge();
      throw this.#unreadable(`cannot be unpacked by ${this.#encoding}`);
    }
  }

  #unreadable(how: string): TransientError {
    const path = this.#subject;
    const final = new HfStreamError("HUB_UNAVAILABLE", `${path}: what the server sent ${how}.`, { path });
    return new TransientError(final, { patience: DOUBTFUL });
  }

  #tooLarge(): HfStreamError {
    const path = this.#subject;
    return new HfStreamError(
      "HUB_UNAVAILABLE",
      `${path}: the server sent more than can be meant (${this.#maxBytes / MIB} MiB at most).`,
      { path },
    );
  }
}

import { DamageError } from "../failures.ts";
import { joined, pieceRange, withoutBuffer } from "./byte-pieces.ts";
import type { Decompress, Decompressed } from "./decompress.ts";
import { type PageHeader, plainHeader } from "./page-header.ts";

/** A page's content: what version 2 keeps apart, and does not compress, its levels; and the rest, decompressed. */
export interface PageBody {
  readonly repetitions: Uint8Array;
  readonly definitions: Uint8Array;
  readonly values: Decompressed;
}

/** A data page, or the dictionary page, of a column chunk. */
export class Page {
  readonly header: PageHeader;
  /** `undefined` for a page of lists of version 1: its levels alone tell. */
  readonly rows: number | undefined;
  /** Header and body, in pieces. */
  #stored: readonly Uint8Array[];
  #kept: PageBody | undefined;

  constructor(header: PageHeader, stored: readonly Uint8Array[], rows?: number) {
    this.header = header;
    this.#stored = stored;
    this.rows = rows;
  }

  /** Whether its values are as they are stored, or none. */
  get isPlain(): boolean {
    const { bodyLength, version2 } = this.header;
    if (version2 === undefined) return bodyLength === 0;
    return !version2.isCompressed || bodyLength === version2.definitions + version2.repetitions;
  }

  /** All memory that it uses. */
  get pieces(): readonly Uint8Array[] {
    const kept = this.#kept;
    return kept === undefined ? this.#stored : [...this.#stored, ...partsOf(kept)];
  }

  /** The same as {@link body}, decompressed once. */
  keptBody(decompress: Decompress): PageBody {
    return (this.#kept ??= this.body(decompress));
  }

  /** Gives the memory of what {@link keptBody} keeps back. */
  free(): void {
    this.#kept?.values.free?.();
    this.#kept = undefined;
  }

  /** The whole page decompressed, in pieces. */
  plainBytes(decompress: Decompress): readonly Uint8Array[] {
    return [plainHeader(this.header), ...partsOf(this.keptBody(decompress))];
  }

  /** Decompresses the page. Throws where it is damaged. */
  body(decompress: Decompress): PageBody {
    const { length, bodyLength, size, version2 } = this.header;
    const [definitions, repetitions] = [version2?.definitions ?? 0, version2?.repetitions ?? 0];
    const levels = definitions + repetitions;
    if (levels > Math.min(size, bodyLength)) throw new DamageError("a page is shorter than its levels");
    const part = (start: number, end: number): readonly Uint8Array[] =>
      pieceRange(this.#stored, length + start, length + end);
    const stored = part(levels, bodyLength);
    const values = this.isPlain ? { bytes: joined(stored) } : decompress(stored, size - levels);
    if (levels + values.bytes.length !== size)
      throw new DamageError("a page decompresses to another size than it says");
    return { repetitions: joined(part(0, repetitions)), definitions: joined(part(repetitions, levels)), values };
  }

  /** Copies what it has of `buffer`, which is used for something else from then on. */
  leave(buffer: ArrayBufferLike): void {
    this.#stored = withoutBuffer(this.#stored, buffer);
    if (this.#kept === undefined) return;
    const [repetitions, definitions, bytes] = withoutBuffer(partsOf(this.#kept), buffer) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    this.#kept = { repetitions, definitions, values: { ...this.#kept.values, bytes } };
  }
}

function partsOf({ repetitions, definitions, values }: PageBody): readonly Uint8Array[] {
  return [repetitions, definitions, values.bytes];
}

/**
 * Decompresses snappy (google/snappy, format_description.txt) that is mostly literals, as images and other compressed
 * content become: whole stretches are copied natively. Fills `output`, and gives it. Throws a RangeError on bytes that
 * are damaged.
 */
export function copySnappy(input: readonly Uint8Array[], output: Uint8Array): Uint8Array {
  const reader = new PieceReader(input);
  const size = output.length;
  let to = 0;
  while (reader.byte() >= 0x80); // the uncompressed length, which is known
  while (!reader.isAtEnd) {
    const tag = reader.byte();
    if ((tag & 3) === 0) {
      const extra = Math.max(0, (tag >> 2) - 59);
      const length = (extra === 0 ? tag >> 2 : reader.integer(extra)) + 1;
      if (to + length > size) throw damaged();
      reader.copy(length, output, to);
      to += length;
    } else {
      const isShort = (tag & 3) === 1;
      const length = isShort ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1;
      const offset = isShort ? (tag >> 5) * 256 + reader.byte() : reader.integer((tag & 3) === 2 ? 2 : 4);
      if (offset === 0 || offset > to || to + length > size) throw damaged();
      for (let byte = 0; byte < length; byte += 1, to += 1) output[to] = output[to - offset] as number;
    }
  }
  if (to !== size) throw damaged();
  return output;
}

/** Reads bytes that are in pieces from the front. */
class PieceReader {
  readonly #pieces: readonly Uint8Array[];
  #index = 0;
  #piece: Uint8Array;
  #at = 0;

  constructor(pieces: readonly Uint8Array[]) {
    this.#pieces = pieces;
    this.#piece = pieces[0] ?? new Uint8Array();
    this.#settle();
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#piece.length;
  }

  byte(): number {
    const byte = this.#piece[this.#at];
    if (byte === undefined) throw damaged();
    this.#at += 1;
    this.#settle();
    return byte;
  }

  /** An unsigned little-endian integer of `width` bytes. */
  integer(width: number): number {
    let value = 0;
    for (let byte = 0; byte < width; byte += 1) value += this.byte() * 256 ** byte;
    return value;
  }

  copy(length: number, into: Uint8Array, start: number): void {
    for (let done = 0; done < length;) {
      if (this.isAtEnd) throw damaged();
      const part = this.#piece.subarray(this.#at, this.#at + length - done);
      into.set(part, start + done);
      done += part.length;
      this.#at += part.length;
      this.#settle();
    }
  }

  /** Goes on to the next piece that holds bytes. */
  #settle(): void {
    while (this.#at >= this.#piece.length && this.#index + 1 < this.#pieces.length) {
      this.#index += 1;
      this.#piece = this.#pieces[this.#index] as Uint8Array;
      this.#at = 0;
    }
  }
}

function damaged(): RangeError {
  return new RangeError("damaged snappy");
}

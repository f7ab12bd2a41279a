/** Bytes that came in pieces. */
export class ByteQueue {
  length = 0;
  pieces: Uint8Array[] = [];

  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.pieces.push(bytes);
    this.length += bytes.length;
  }

  /** What comes first, `length` bytes of it if so many are there. */
  peek(length: number): Uint8Array {
    return joined(pieceRange(this.pieces, 0, length));
  }

  /** Takes the first `length` bytes, of those that are there. */
  take(length: number): Uint8Array[] {
    const taken = pieceRange(this.pieces, 0, length);
    this.pieces = pieceRange(this.pieces, length, this.length);
    this.length -= length;
    return taken;
  }

  leave(buffer: ArrayBufferLike): void {
    this.pieces = withoutBuffer(this.pieces, buffer);
  }
}

/** The pieces, those that are in `buffer` copied. */
export function withoutBuffer(pieces: readonly Uint8Array[], buffer: ArrayBufferLike): Uint8Array[] {
  return pieces.map((piece) => (piece.buffer === buffer ? piece.slice() : piece));
}

/** The pieces as one; copied only if there are several. */
export function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [only] = pieces;
  return pieces.length === 1 && only !== undefined ? only : concatenated(pieces, bytesIn(pieces));
}

/** Puts pieces of so many bytes in all one behind the other, in `into` if they fit. */
export function concatenated(pieces: readonly Uint8Array[], length: number, into?: Uint8Array): Uint8Array {
  const whole = into === undefined || into.length < length ? new Uint8Array(length) : into.subarray(0, length);
  putTogether(pieces, whole, 0);
  return whole;
}

/** Puts pieces one behind the other into `target`, from `start` on. */
export function putTogether(pieces: readonly Uint8Array[], target: Uint8Array, start: number): void {
  let at = start;
  for (const piece of pieces) {
    target.set(piece, at);
    at += piece.length;
  }
}

/** Bytes of pieces. */
export function bytesIn(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}

/** Bytes `[start, end)` of pieces that follow one another. */
export function pieceRange(pieces: readonly Uint8Array[], start: number, end: number): Uint8Array[] {
  return cutPieces(pieces, start, end, (piece, from, to) => piece.subarray(from, to));
}

/** The same of anything that has a length: `cut` gives `[from, to)` of a piece. */
export function cutPieces<Piece extends { readonly length: number }>(
  pieces: readonly Piece[],
  start: number,
  end: number,
  cut: (piece: Piece, from: number, to: number) => Piece,
): Piece[] {
  let at = 0;
  return pieces.flatMap((piece) => {
    const [from, to] = [Math.max(0, start - at), Math.min(piece.length, end - at)];
    at += piece.length;
    return from < to ? [cut(piece, from, to)] : [];
  });
}

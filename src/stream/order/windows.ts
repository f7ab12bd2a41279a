import { keyOf, Permutation } from "./permutation.ts";

/** Units of a line, as far as their order needs to know them. */
export interface UnitSizes {
  /** How many units there are. */
  readonly units: number;
  /** Rows of all units. */
  readonly rows: number;
  /** Bytes of all units, decoded. */
  readonly bytes: number;
  rowsOf(unit: number): number;
  bytesOf(unit: number): number;
}

/** How rows are mixed. */
export interface Shuffle {
  readonly seed: number;
  /** Rows that are mixed at a time, at least those of {@link MIN_UNITS} units. */
  readonly window: number;
  /** Decoded bytes that a window holds at most, unless a single unit is larger. */
  readonly windowBytes: number;
}

/** Rows `[start, end)` of a unit. */
export interface UnitPart {
  readonly unit: number;
  readonly start: number;
  readonly end: number;
}

/** Units whose rows are mixed with each other. */
export interface Window {
  /** The place of its first row in the order of the rows it was made for. */
  readonly place: number;
  readonly rows: number;
  readonly parts: readonly UnitPart[];
  /** Which of its rows stands at each place. */
  readonly order: Permutation;
}

/** Units that a window holds where memory allows, however many rows they have: fewer would hardly mix. */
export const MIN_UNITS = 8;

/** The line of the units of an epoch, in the order of its permutation, cut into windows. Nothing is stored. */
export class ShuffledLine {
  readonly #sizes: UnitSizes;
  readonly #shuffle: Shuffle;
  readonly #epoch: number;
  readonly #units: Permutation;

  constructor(sizes: UnitSizes, shuffle: Shuffle, epoch: number) {
    this.#sizes = sizes;
    this.#shuffle = shuffle;
    this.#epoch = epoch;
    this.#units = new Permutation(sizes.units, keyOf("units", shuffle.seed, epoch));
  }

  /**
   * The windows of rows `[start, end)` of the permuted line that hold places `[from, to)` of their order. Windows have
   * about as many units each, and are cut further, about evenly, where those are too large for the bytes allowed.
   */
  *windows({ start, end, from, to }: { start: number; end: number; from: number; to: number }): Generator<Window> {
    const { first, last, skipped } = this.#find(start, end);
    const count = this.#windowCount(last - first);
    let place = 0;
    for (let window = 0; window < count && place < to; window += 1) {
      const begin = first + Math.floor((window * (last - first)) / count);
      const stop = first + Math.floor(((window + 1) * (last - first)) / count);
      const share = this.#bytesShare(begin, stop);
      let parts: UnitPart[] = [];
      let [rows, bytes] = [0, 0];
      for (let at = begin; at < stop; at += 1) {
        const unit = this.#units.at(at);
        const size = this.#sizes.rowsOf(unit);
        const low = at === first ? start - skipped : 0;
        const high = at === last - 1 ? Math.min(size, low + end - start - place - rows) : size;
        const unitBytes = this.#sizes.bytesOf(unit);
        const isFull = bytes + unitBytes > this.#shuffle.windowBytes || bytes + unitBytes / 2 > share;
        if (rows > 0 && isFull) {
          if (place + rows > from && place < to) yield this.#window(start, place, rows, parts);
          place += rows;
          [parts, rows, bytes] = [[], 0, 0];
        }
        if (low >= high) continue;
        parts.push({ unit, start: low, end: high });
        rows += high - low;
        bytes += unitBytes;
      }
      if (rows > 0 && place + rows > from && place < to) yield this.#window(start, place, rows, parts);
      place += rows;
    }
  }

  #window(start: number, place: number, rows: number, parts: readonly UnitPart[]): Window {
    const { seed } = this.#shuffle;
    return { place, rows, parts, order: new Permutation(rows, keyOf("rows", seed, this.#epoch, start + place, rows)) };
  }

  /** The units `[first, last)`, by their place, that hold rows `[start, end)`, and the rows before them. */
  #find(start: number, end: number): { readonly first: number; readonly last: number; readonly skipped: number } {
    let [at, row] = [0, 0];
    let [first, skipped] = [0, 0];
    for (; at < this.#sizes.units && row < end; at += 1) {
      const next = row + this.#sizes.rowsOf(this.#units.at(at));
      if (next <= start) [first, skipped] = [at + 1, next];
      row = next;
    }
    return { first, last: Math.max(first, at), skipped };
  }

  /** The bytes of each of the fewest windows that the units `[begin, stop)`, by their place, can make. */
  #bytesShare(begin: number, stop: number): number {
    let bytes = 0;
    for (let at = begin; at < stop; at += 1) bytes += this.#sizes.bytesOf(this.#units.at(at));
    const { windowBytes } = this.#shuffle;
    return bytes <= windowBytes ? Infinity : bytes / Math.ceil(bytes / windowBytes);
  }

  #windowCount(units: number): number {
    const { window, windowBytes } = this.#shuffle;
    const { units: all, rows, bytes } = this.#sizes;
    const byRows = Math.max(MIN_UNITS, Math.floor((window * all) / Math.max(1, rows)));
    const perWindow = Math.max(1, Math.min(byRows, Math.floor((windowBytes * all) / Math.max(1, bytes))));
    const fewest = Math.min(MIN_UNITS, perWindow);
    return Math.min(Math.ceil(units / perWindow), Math.max(1, Math.floor(units / fewest)));
  }
}

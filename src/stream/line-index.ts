import type { OpenFile } from "../formats/types.ts";
import type { DataFile } from "../fs/types.ts";
import { sliceBounds } from "../resolve/split-spec.ts";
import type { LinePart } from "./line.ts";
import type { UnitSizes } from "./order/windows.ts";

/** Rows and decoded bytes of a file's units. Plain JSON. */
export interface FileUnits {
  readonly rows: readonly number[];
  readonly bytes: readonly number[];
}

/** Rows `[start, end)` of a unit of a file that is not open yet. */
export interface UnitPlace {
  readonly file: DataFile;
  readonly unit: number;
  readonly start: number;
  readonly end: number;
}

/** All units of a line whose files' footers are known, empty ones left out. */
export class LineIndex implements UnitSizes {
  readonly units: number;
  readonly rows: number;
  readonly bytes: number;
  readonly #files: readonly DataFile[];
  /** By unit: the file's place, the unit's place in the file, its first row that is meant, decoded bytes. */
  readonly #file: Uint32Array;
  readonly #unit: Uint32Array;
  readonly #first: Float64Array;
  readonly #bytes: Float64Array;
  /** Rows of the line before each unit, and of all. */
  readonly #before: Float64Array;

  /** The rows `[start, end)` of a line. `unitsOf` knows the units of each of its files. */
  constructor(
    line: readonly LinePart[],
    unitsOf: (file: DataFile) => FileUnits,
    { start, end }: { readonly start: number; readonly end: number },
  ) {
    const found: (UnitPlace & { readonly bytes: number })[] = [];
    let position = 0;
    for (const { files, slice } of line) {
      const all = files.reduce((sum, file) => sum + sumOf(unitsOf(file).rows), 0);
      const [from, to] = sliceBounds(slice, all);
      const low = Math.max(from, from + start - position);
      const high = Math.min(to, from + end - position);
      let row = 0;
      for (const file of files) {
        const { rows, bytes } = unitsOf(file);
        for (const [unit, count] of rows.entries()) {
          const [first, last] = [Math.max(0, low - row), Math.min(count, high - row)];
          if (first < last) found.push({ file, unit, start: first, end: last, bytes: bytes[unit] ?? 0 });
          row += count;
        }
      }
      position += to - from;
    }
    const places = new Map<DataFile, number>();
    for (const { file } of found) if (!places.has(file)) places.set(file, places.size);
    this.#files = [...places.keys()];
    this.units = found.length;
    this.#file = Uint32Array.from(found, ({ file }) => places.get(file) ?? 0);
    this.#unit = Uint32Array.from(found, ({ unit }) => unit);
    this.#first = Float64Array.from(found, (unit) => unit.start);
    this.#bytes = Float64Array.from(found, (unit) => unit.bytes);
    this.#before = new Float64Array(found.length + 1);
    for (const [at, unit] of found.entries()) this.#before[at + 1] = (this.#before[at] ?? 0) + unit.end - unit.start;
    this.rows = this.#before.at(-1) ?? 0;
    this.bytes = sumOf(this.#bytes);
  }

  rowsOf(unit: number): number {
    return (this.#before[unit + 1] ?? 0) - (this.#before[unit] ?? 0);
  }

  bytesOf(unit: number): number {
    return this.#bytes[unit] ?? 0;
  }

  /** Where rows `[start, end)` of a unit of the line are. */
  placeOf(unit: number, start: number, end: number): UnitPlace {
    const file = this.#files[this.#file[unit] ?? 0];
    if (file === undefined) throw new RangeError(`the line has no unit ${unit}`);
    const first = this.#first[unit] ?? 0;
    return { file, unit: this.#unit[unit] ?? 0, start: first + start, end: first + end };
  }

  /** The units that hold rows `[start, end)` of the line, in order, and the row of the line at which each begins. */
  *between(start: number, end: number): Generator<UnitPlace & { readonly row: number }> {
    for (let unit = this.#unitAt(start); unit < this.units; unit += 1) {
      const before = this.#before[unit] ?? 0;
      if (before >= end) return;
      const low = Math.max(0, start - before);
      const high = Math.min(this.rowsOf(unit), end - before);
      if (low < high) yield { ...this.placeOf(unit, low, high), row: before + low };
    }
  }

  /** The unit that holds a row of the line, by halving. */
  #unitAt(row: number): number {
    let [low, high] = [0, this.units];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#before[middle + 1] ?? 0) <= row) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** What an open file's footer says of its units. */
export function unitsOfFile({ units }: OpenFile): FileUnits {
  return { rows: units.map(({ rows }) => rows), bytes: units.map(({ decodedBytes }) => decodedBytes) };
}

function sumOf(values: Iterable<number>): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}

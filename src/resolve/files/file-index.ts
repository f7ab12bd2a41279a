import type { DataFile } from "../../fs/types.ts";

const SURROGATE = /[\uD800-\uDFFF]/;

/** A listing in the order of Python's `sorted`, by code points, in which folders and files are found by bisection. */
export class FileIndex {
  /** Sorted by path, each path once. */
  readonly files: readonly DataFile[];
  readonly #compare: Compare;

  constructor(files: readonly DataFile[]) {
    this.#compare = files.some((file) => SURROGATE.test(file.path)) ? compareCodePoints : compareUnits;
    this.files = isAscending(files, this.#compare) ? files : sortOnce(files, this.#compare);
  }

  /** Looks up a file by its whole path. */
  get(path: string): DataFile | undefined {
    const file = this.files[this.#lowerBound(path)];
    return file?.path === path ? file : undefined;
  }

  /** Gives the files whose path starts with `prefix`, in order. */
  startingWith(prefix: string): readonly DataFile[] {
    if (prefix === "") return this.files;
    const start = this.#lowerBound(prefix);
    let low = start;
    let high = this.files.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.files[middle]!.path.startsWith(prefix)) low = middle + 1;
      else high = middle;
    }
    return this.files.slice(start, low);
  }

  #lowerBound(path: string): number {
    let low = 0;
    let high = this.files.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#compare(this.files[middle]!.path, path) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

type Compare = (a: string, b: string) => number;

/** Whether files are sorted already, each path once, as listings mostly are. */
function isAscending(files: readonly DataFile[], compare: Compare): boolean {
  return files.every((file, index) => index === 0 || compare(files[index - 1]!.path, file.path) < 0);
}

function sortOnce(files: readonly DataFile[], compare: Compare): DataFile[] {
  const sorted = [...files].sort((a, b) => compare(a.path, b.path));
  return sorted.filter((file, index) => file.path !== sorted[index - 1]?.path);
}

function compareUnits(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** UTF-16 order puts characters beyond U+FFFF before U+E000; code point order does not. */
function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left !== right) return raiseSurrogate(left) - raiseSurrogate(right);
  }
  return a.length - b.length;
}

function raiseSurrogate(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

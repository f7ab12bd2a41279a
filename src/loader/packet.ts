/** Rows ready to be sent to another thread. */
export interface PackedRows {
  readonly rows: readonly unknown[];
  /** To be transferred with them: all bytes of their typed arrays. */
  readonly transfer: readonly ArrayBuffer[];
}

/** Typed arrays begin at multiples of this, which fits all of them. */
const ALIGNMENT = 8;
/** Buffers begin small, and each next one is twice as large. A row that needs more has one of its own. */
const FIRST_BUFFER = 1024;
const LARGEST_BUFFER = 256 * 1024;

/**
 * Gathers rows to be sent. The bytes of their typed arrays are copied, at once, into buffers which are then transferred:
 * what rows share with each other, or with the functions of the user, stays where it is. All else is left to structured
 * cloning.
 */
export class Packer {
  readonly #rows: unknown[] = [];
  readonly #buffers: ArrayBuffer[] = [];
  #at = 0;
  #bytes = 0;

  /** About how much memory the rows take. */
  get bytes(): number {
    return this.#bytes;
  }

  get length(): number {
    return this.#rows.length;
  }

  add(row: unknown): void {
    const size = new RowSize();
    size.add(row);
    if (size.viewBytes > 0) this.#reserve(size.viewBytes);
    this.#rows.push(size.hasViews ? this.#pack(row) : row);
    this.#bytes += size.bytes;
  }

  /** The rows so far. */
  done(): PackedRows {
    return { rows: this.#rows, transfer: this.#buffers };
  }

  #reserve(length: number): void {
    const last = this.#buffers.at(-1);
    if (last !== undefined && this.#at + length <= last.byteLength) return;
    const usual = last === undefined ? FIRST_BUFFER : Math.min(LARGEST_BUFFER, 2 * last.byteLength);
    this.#buffers.push(new ArrayBuffer(Math.max(usual, length)));
    this.#at = 0;
  }

  /** A value whose typed arrays are in the buffers; what holds none is passed as it is. */
  #pack(value: unknown): unknown {
    if (isView(value)) return this.#copy(value);
    if (Array.isArray(value)) return mapValues(value, (item) => this.#pack(item));
    if (!isPlain(value)) return value;
    const names = Object.keys(value);
    const items = names.map((name) => value[name]);
    const packed = mapValues(items, (item) => this.#pack(item));
    return packed === items ? value : Object.fromEntries(names.map((name, index) => [name, packed[index]]));
  }

  #copy(view: ArrayBufferView): ArrayBufferView {
    const { byteLength: length } = view;
    const type = nameOfType.call(view);
    const buffer = length === 0 ? new ArrayBuffer(0) : (this.#buffers.at(-1) as ArrayBuffer);
    const start = length === 0 ? 0 : this.#at;
    if (length > 0) new Uint8Array(buffer, start, length).set(new Uint8Array(view.buffer, view.byteOffset, length));
    this.#at += aligned(length);
    if (type === undefined) return new DataView(buffer, start, length);
    const Type = (globalThis as unknown as Record<string, Uint8ArrayConstructor>)[type] as Uint8ArrayConstructor;
    return new Type(buffer, start, length / Type.BYTES_PER_ELEMENT);
  }
}

/** The name of a typed array's own type, whatever class extends it (`Buffer` does); `undefined` for a `DataView`. */
const nameOfType = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)
  ?.get as (this: ArrayBufferView) => string | undefined;

/** About how much memory values take. */
class RowSize {
  /** What typed arrays need in a buffer. */
  viewBytes = 0;
  hasViews = false;
  #other = 0;

  get bytes(): number {
    return this.viewBytes + this.#other;
  }

  add(value: unknown): void {
    this.#other += 8;
    if (typeof value === "string") this.#other += 2 * value.length;
    else if (typeof value === "object" && value !== null) this.#addObject(value);
  }

  #addObject(value: object): void {
    if (isView(value)) {
      this.viewBytes += aligned(value.byteLength);
      this.hasViews = true;
    } else if (Array.isArray(value)) for (const item of value) this.add(item);
    else if (isPlain(value)) for (const name of Object.keys(value)) this.add(value[name]);
    else if (value instanceof ArrayBuffer) this.#other += value.byteLength;
    else if (value instanceof Map || value instanceof Set) this.add([...value]);
    else if (!ArrayBuffer.isView(value)) this.add(Object.values(value));
  }
}

/** About how much memory a row takes: what strings and typed arrays hold, and a word for each other value. */
export function sizeOfRow(row: unknown): number {
  const size = new RowSize();
  size.add(row);
  return size.bytes;
}

/** The values changed, or the same list if none was. */
function mapValues(values: readonly unknown[], change: (value: unknown) => unknown): readonly unknown[] {
  let changed: unknown[] | undefined;
  for (const [index, value] of values.entries()) {
    const made = change(value);
    if (made !== value) changed ??= values.slice(0, index);
    changed?.push(made);
  }
  return changed ?? values;
}

/** Whether a value is a view of bytes that only this thread has. */
function isView(value: unknown): value is ArrayBufferView {
  return ArrayBuffer.isView(value) && !(value.buffer instanceof SharedArrayBuffer);
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function aligned(length: number): number {
  return Math.ceil(length / ALIGNMENT) * ALIGNMENT;
}

/** Rows ready to be sent to another thread. */
export interface PackedRows {
  readonly rows: readonly unknown[];
  /** To be transferred with them: all bytes of their typed arrays. */
  readonly transfer: readonly ArrayBuffer[];
  /** About how much memory the rows take. */
  readonly bytes: number;
}

/** Typed arrays begin at multiples of this, which fits all of them. */
const ALIGNMENT = 8;

/**
 * Copies the bytes of typed arrays into one buffer, which is then transferred: what they share with other rows, or with the
 * functions of the user, stays where it is. All else is left to structured cloning.
 */
export function packRows(rows: readonly unknown[]): PackedRows {
  const packer = new Packer();
  for (const row of rows) packer.measure(row);
  const buffer = packer.begin();
  const { bytes } = packer;
  return buffer === undefined
    ? { rows, transfer: [], bytes }
    : { rows: rows.map((row) => packer.pack(row)), transfer: [buffer], bytes };
}

class Packer {
  #other = 0;
  #length = 0;
  #at = 0;
  #buffer: ArrayBuffer | undefined;

  measure(value: unknown): void {
    if (isView(value)) this.#length += aligned(value.byteLength);
    else if (typeof value === "string") this.#other += 2 * value.length;
    else if (Array.isArray(value)) for (const item of value) this.measure(item);
    else if (isPlain(value)) for (const name of Object.keys(value)) this.measure(value[name]);
    this.#other += 8;
  }

  get bytes(): number {
    return this.#length + this.#other;
  }

  begin(): ArrayBuffer | undefined {
    if (this.#length > 0) this.#buffer = new ArrayBuffer(this.#length);
    return this.#buffer;
  }

  /** A value whose typed arrays are in the buffer; what holds none is passed as it is. */
  pack(value: unknown): unknown {
    if (isView(value)) return this.#copy(value);
    if (Array.isArray(value)) return mapValues(value, (item) => this.pack(item));
    if (!isPlain(value)) return value;
    const entries = Object.entries(value);
    const packed = mapValues(
      entries.map(([, item]) => item),
      (item) => this.pack(item),
    );
    return packed.every((item, index) => item === entries[index]?.[1])
      ? value
      : Object.fromEntries(entries.map(([name], index) => [name, packed[index]]));
  }

  #copy(view: ArrayBufferView): ArrayBufferView {
    const buffer = this.#buffer ?? new ArrayBuffer(0);
    new Uint8Array(buffer, this.#at, view.byteLength).set(
      new Uint8Array(view.buffer, view.byteOffset, view.byteLength),
    );
    const start = this.#at;
    this.#at += aligned(view.byteLength);
    if (view instanceof DataView) return new DataView(buffer, start, view.byteLength);
    const { constructor, length } = view as Uint8Array;
    const Type = (view instanceof Uint8Array ? Uint8Array : constructor) as Uint8ArrayConstructor; // a Buffer is one too
    return new Type(buffer, start, length);
  }
}

function mapValues(values: readonly unknown[], change: (value: unknown) => unknown): readonly unknown[] {
  let changed: unknown[] | undefined;
  for (const [index, value] of values.entries()) {
    const made = change(value);
    if (made !== value) changed ??= values.slice(0, index);
    changed?.push(made);
  }
  return changed ?? values;
}

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

/** About how much memory a row takes: what strings and typed arrays hold, and a word for each other value. */
export function sizeOfRow(row: unknown): number {
  const packer = new Packer();
  packer.measure(row);
  return packer.bytes;
}

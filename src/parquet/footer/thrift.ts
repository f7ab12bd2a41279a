/**
 * The Thrift compact protocol as a tree that keeps every field, known or not, so that a footer can be cut down and written
 * again without loss (thrift/doc/specs/thrift-compact-protocol.md).
 */

/** Types of the wire. Booleans of a struct are told by the type alone. */
export const ThriftType = {
  TRUE: 1,
  FALSE: 2,
  BYTE: 3,
  I16: 4,
  I32: 5,
  I64: 6,
  DOUBLE: 7,
  BINARY: 8,
  LIST: 9,
  SET: 10,
  MAP: 11,
  STRUCT: 12,
} as const;

export interface ThriftList {
  readonly elementType: number;
  readonly values: readonly ThriftValue[];
}

export interface ThriftMap {
  readonly keyType: number;
  readonly valueType: number;
  readonly entries: readonly (readonly [ThriftValue, ThriftValue])[];
}

/** Integers that a double cannot hold are bigints. */
export type ThriftValue = boolean | number | bigint | Uint8Array | ThriftList | ThriftMap | ThriftStruct;

export interface ThriftField {
  readonly type: number;
  readonly value: ThriftValue;
}

/** Fields by their number, in the order they were written. */
export type ThriftStruct = ReadonlyMap<number, ThriftField>;

const MAX_DEPTH = 64;

/** Reads the struct that begins at `offset`; tells where it ends. Throws a RangeError on bytes that are none. */
export function readThrift(bytes: Uint8Array, offset = 0): { readonly struct: ThriftStruct; readonly end: number } {
  const reader = new Reader(bytes, offset);
  const struct = reader.struct(0);
  return { struct, end: reader.position };
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  position: number;

  constructor(bytes: Uint8Array, offset: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.position = offset;
  }

  struct(depth: number): ThriftStruct {
    const fields = new Map<number, ThriftField>();
    let id = 0;
    for (;;) {
      const head = this.#byte();
      if (head === 0) return fields;
      const type = head & 0x0f;
      id = head >> 4 === 0 ? Number(this.#zigzag()) : id + (head >> 4);
      fields.set(id, { type, value: this.#value(type, depth, true) });
    }
  }

  #value(type: number, depth: number, inStruct: boolean): ThriftValue {
    if (depth > MAX_DEPTH) throw new RangeError("nested too deep");
    switch (type) {
      case ThriftType.TRUE:
      case ThriftType.FALSE:
        return inStruct ? type === ThriftType.TRUE : this.#byte() === ThriftType.TRUE;
      case ThriftType.BYTE:
        return (this.#byte() << 24) >> 24;
      case ThriftType.I16:
      case ThriftType.I32:
      case ThriftType.I64:
        return this.#zigzag();
      case ThriftType.DOUBLE:
        this.position += 8;
        return this.#view.getFloat64(this.position - 8, true);
      case ThriftType.BINARY:
        return this.#binary();
      case ThriftType.LIST:
      case ThriftType.SET:
        return this.#list(depth);
      case ThriftType.MAP:
        return this.#map(depth);
      case ThriftType.STRUCT:
        return this.struct(depth + 1);
      default:
        throw new RangeError(`unknown type ${type}`);
    }
  }

  #binary(): Uint8Array {
    const length = this.#count();
    this.position += length;
    return this.#bytes.subarray(this.position - length, this.position);
  }

  #list(depth: number): ThriftList {
    const head = this.#byte();
    const count = head >> 4 === 15 ? this.#count() : head >> 4;
    const elementType = head & 0x0f;
    const values: ThriftValue[] = [];
    for (let index = 0; index < count; index += 1) values.push(this.#value(elementType, depth + 1, false));
    return { elementType, values };
  }

  #map(depth: number): ThriftMap {
    const count = this.#count();
    const types = count === 0 ? 0 : this.#byte();
    const entries: [ThriftValue, ThriftValue][] = [];
    for (let index = 0; index < count; index += 1) {
      entries.push([this.#value(types >> 4, depth + 1, false), this.#value(types & 0x0f, depth + 1, false)]);
    }
    return { keyType: types >> 4, valueType: types & 0x0f, entries };
  }

  /** A number of things that follow, each at least a byte long. */
  #count(): number {
    const count = Number(this.#varint());
    if (count > this.#bytes.length - this.position) throw new RangeError("longer than its bytes");
    return count;
  }

  #byte(): number {
    const byte = this.#bytes[this.position];
    if (byte === undefined) throw new RangeError("ends too early");
    this.position += 1;
    return byte;
  }

  #varint(): number | bigint {
    let result = 0;
    for (let factor = 1; factor <= 2 ** 42; factor *= 128) {
      const byte = this.#byte();
      result += (byte & 0x7f) * factor;
      if (byte < 0x80) return result;
    }
    let wide = BigInt(result);
    for (let shift = 49n; shift <= 63n; shift += 7n) {
      const byte = this.#byte();
      wide += BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return wide;
    }
    throw new RangeError("an integer is too long");
  }

  #zigzag(): number | bigint {
    const raw = this.#varint();
    if (typeof raw === "number") return raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2;
    return narrow((raw >> 1n) ^ -(raw & 1n));
  }
}

/** A bigint as a number where that is exact. */
export function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** An integer field; `undefined` if it is absent. A bigint, which no offset can be, and a double are refused. */
export function intField(struct: ThriftStruct, id: number): number | undefined {
  const value = struct.get(id)?.value;
  if (value === undefined || Number.isSafeInteger(value)) return value as number | undefined;
  throw new RangeError(`field ${id} is not an integer of at most 53 bits`);
}

/** A binary field; `undefined` if it is absent. */
export function binaryField(struct: ThriftStruct, id: number): Uint8Array | undefined {
  const value = struct.get(id)?.value;
  if (value === undefined || value instanceof Uint8Array) return value;
  throw new RangeError(`field ${id} is not binary`);
}

/** A boolean field; `undefined` if it is absent. */
export function booleanField(struct: ThriftStruct, id: number): boolean | undefined {
  const value = struct.get(id)?.value;
  if (value === undefined || typeof value === "boolean") return value;
  throw new RangeError(`field ${id} is not a boolean`);
}

/** A struct field; `undefined` if it is absent. */
export function structField(struct: ThriftStruct, id: number): ThriftStruct | undefined {
  const value = struct.get(id)?.value;
  if (value === undefined || value instanceof Map) return value as ThriftStruct | undefined;
  throw new RangeError(`field ${id} is not a struct`);
}

/** The values of a list field; none if it is absent. */
export function listField(struct: ThriftStruct, id: number): readonly ThriftValue[] {
  const value = struct.get(id)?.value;
  if (value === undefined) return [];
  if (typeof value === "object" && "elementType" in value) return value.values;
  throw new RangeError(`field ${id} is not a list`);
}

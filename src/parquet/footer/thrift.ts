import { DamageError, TooLargeError } from "../failures.ts";

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

/** The bytes end before the value does. */
export class ThriftEndError extends DamageError {}

const MAX_DEPTH = 64;
/** A value of one byte becomes an object of a hundred: what is read as a tree has at most so many. */
const MAX_VALUES = 256 * 1024;

/** Reads the struct that begins at `offset`; tells where it ends. Throws a {@link DamageError} on bytes that are none. */
export function readThrift(bytes: Uint8Array, offset = 0): { readonly struct: ThriftStruct; readonly end: number } {
  const reader = new ThriftReader(bytes, offset);
  const struct = reader.struct();
  return { struct, end: reader.position };
}

/** Reads values one behind the other. What is skipped, or walked through, costs no memory. */
export class ThriftReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #valuesLeft = MAX_VALUES;
  #depth = 0;
  position: number;

  constructor(bytes: Uint8Array, offset = 0) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.position = offset;
  }

  /** Goes through the struct that follows; `visit` reads or skips the value of each field. */
  walk(visit: (id: number, type: number) => void): void {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw new DamageError("nested too deep");
    let id = 0;
    for (;;) {
      const head = this.#byte();
      if (head === 0) break;
      id = head >> 4 === 0 ? Number(this.#zigzag()) : id + (head >> 4);
      visit(id, head & 0x0f);
    }
    this.#depth -= 1;
  }

  /** Goes through a list of structs, of which each must be read, walked through or skipped; tells how many there are. */
  eachStruct(type: number, visit: (index: number) => void): number {
    const { count, elementType } = this.#listHead();
    if (type !== ThriftType.LIST || (count > 0 && elementType !== ThriftType.STRUCT))
      throw new DamageError("not a list of structs");
    for (let index = 0; index < count; index += 1) visit(index);
    return count;
  }

  /** Reads the struct that follows, of as many values as may be held at once. */
  struct(type: number = ThriftType.STRUCT): ThriftStruct {
    if (type !== ThriftType.STRUCT) throw new DamageError("not a struct");
    this.#valuesLeft = MAX_VALUES;
    return this.#struct();
  }

  /** Reads the value of a field. */
  field(type: number): ThriftField {
    this.#valuesLeft = MAX_VALUES;
    return { type, value: this.#value(type, true) };
  }

  /** Reads an integer field that a double can hold. */
  int(type: number): number {
    const value = type >= ThriftType.BYTE && type <= ThriftType.I64 ? this.#plain(type, true) : undefined;
    if (Number.isSafeInteger(value)) return value as number;
    throw new DamageError("not an integer of at most 53 bits");
  }

  /** Reads a binary field; shares the bytes. */
  binary(type: number): Uint8Array {
    if (type !== ThriftType.BINARY) throw new DamageError("not binary");
    return this.#binary();
  }

  skip(type: number, inStruct = true): void {
    switch (type) {
      case ThriftType.LIST:
      case ThriftType.SET: {
        const { count, elementType } = this.#listHead();
        this.#skipMany(count, elementType);
        return;
      }
      case ThriftType.MAP: {
        const count = this.#count();
        const types = count === 0 ? 0 : this.#byte();
        this.#nest(() => {
          for (let index = 0; index < count; index += 1) {
            this.skip(types >> 4, false);
            this.skip(types & 0x0f, false);
          }
        });
        return;
      }
      case ThriftType.STRUCT:
        this.walk((_, fieldType) => this.skip(fieldType));
        return;
      case ThriftType.BINARY:
        this.#binary();
        return;
      default:
        this.#plain(type, inStruct);
    }
  }

  #skipMany(count: number, elementType: number): void {
    this.#nest(() => {
      for (let index = 0; index < count; index += 1) this.skip(elementType, false);
    });
  }

  #nest<T>(read: () => T): T {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw new DamageError("nested too deep");
    const result = read();
    this.#depth -= 1;
    return result;
  }

  #struct(): ThriftStruct {
    const fields = new Map<number, ThriftField>();
    this.walk((id, type) => fields.set(id, { type, value: this.#value(type, true) }));
    return fields;
  }

  #value(type: number, inStruct: boolean): ThriftValue {
    this.#valuesLeft -= 1;
    if (this.#valuesLeft < 0) throw new TooLargeError(`metadata of more than ${MAX_VALUES} values`);
    switch (type) {
      case ThriftType.LIST:
      case ThriftType.SET:
        return this.#nest(() => this.#list());
      case ThriftType.MAP:
        return this.#nest(() => this.#map());
      case ThriftType.STRUCT:
        return this.#struct();
      default:
        return this.#plain(type, inStruct);
    }
  }

  #plain(type: number, inStruct: boolean): boolean | number | bigint | Uint8Array {
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
        return this.#double();
      case ThriftType.BINARY:
        return this.#binary();
      default:
        throw new DamageError(`unknown type ${type}`);
    }
  }

  #double(): number {
    if (this.position + 8 > this.#bytes.length) throw new ThriftEndError("ends too early");
    this.position += 8;
    return this.#view.getFloat64(this.position - 8, true);
  }

  #binary(): Uint8Array {
    const length = this.#count();
    this.position += length;
    return this.#bytes.subarray(this.position - length, this.position);
  }

  #list(): ThriftList {
    const { count, elementType } = this.#listHead();
    const values: ThriftValue[] = [];
    for (let index = 0; index < count; index += 1) values.push(this.#value(elementType, false));
    return { elementType, values };
  }

  #map(): ThriftMap {
    const count = this.#count();
    const types = count === 0 ? 0 : this.#byte();
    const entries: [ThriftValue, ThriftValue][] = [];
    for (let index = 0; index < count; index += 1)
      entries.push([this.#value(types >> 4, false), this.#value(types & 0x0f, false)]);
    return { keyType: types >> 4, valueType: types & 0x0f, entries };
  }

  #listHead(): { readonly count: number; readonly elementType: number } {
    const head = this.#byte();
    return { count: head >> 4 === 15 ? this.#count() : head >> 4, elementType: head & 0x0f };
  }

  /** A number of things that follow, each at least a byte long. */
  #count(): number {
    const count = Number(this.#varint());
    if (count > this.#bytes.length - this.position) throw new ThriftEndError("longer than its bytes");
    return count;
  }

  #byte(): number {
    const byte = this.#bytes[this.position];
    if (byte === undefined) throw new ThriftEndError("ends too early");
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
    throw new DamageError("an integer is too long");
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

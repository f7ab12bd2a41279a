import { narrow, type ThriftList, type ThriftMap, type ThriftStruct, ThriftType, type ThriftValue } from "./thrift.ts";

/** Writes `struct`; the inverse of `readThrift`. */
export function writeThrift(struct: ThriftStruct): Uint8Array<ArrayBuffer> {
  const writer = new Writer();
  writer.struct(struct);
  return writer.finish();
}

class Writer {
  #bytes = new Uint8Array(1024);
  #length = 0;

  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  struct(fields: ThriftStruct): void {
    let last = 0;
    for (const [id, { type, value }] of [...fields].sort(([a], [b]) => a - b)) {
      const wire = typeof value === "boolean" ? (value ? ThriftType.TRUE : ThriftType.FALSE) : type;
      const step = id - last;
      if (step > 0 && step <= 15) {
        this.#byte((step << 4) | wire);
      } else {
        this.#byte(wire);
        this.#zigzag(id);
      }
      last = id;
      if (typeof value !== "boolean") this.#value(type, value);
    }
    this.#byte(0);
  }

  #value(type: number, value: ThriftValue): void {
    if (typeof value === "boolean") this.#byte(value ? ThriftType.TRUE : ThriftType.FALSE);
    else if (typeof value === "number" && type === ThriftType.DOUBLE) this.#double(value);
    else if (typeof value === "number" && type === ThriftType.BYTE) this.#byte(value & 0xff);
    else if (typeof value === "number" || typeof value === "bigint") this.#zigzag(value);
    else if (value instanceof Uint8Array) this.#binary(value);
    else if ("elementType" in value) this.#list(value);
    else if ("entries" in value && "keyType" in value) this.#map(value);
    else this.struct(value);
  }

  #list({ elementType, values }: ThriftList): void {
    if (values.length < 15) this.#byte((values.length << 4) | elementType);
    else {
      this.#byte(0xf0 | elementType);
      this.#varint(values.length);
    }
    for (const value of values) this.#value(elementType, value);
  }

  #map({ keyType, valueType, entries }: ThriftMap): void {
    this.#varint(entries.length);
    if (entries.length > 0) this.#byte((keyType << 4) | valueType);
    for (const [key, value] of entries) {
      this.#value(keyType, key);
      this.#value(valueType, value);
    }
  }

  #binary(bytes: Uint8Array): void {
    this.#varint(bytes.length);
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #double(value: number): void {
    this.#reserve(8);
    new DataView(this.#bytes.buffer).setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  #zigzag(value: number | bigint): void {
    const wide = BigInt(value);
    this.#varint(narrow(wide >= 0n ? wide << 1n : (-wide << 1n) - 1n));
  }

  #varint(value: number | bigint): void {
    if (typeof value === "number" && value < 2 ** 31) {
      let rest = value;
      for (; rest >= 0x80; rest >>>= 7) this.#byte((rest & 0x7f) | 0x80);
      this.#byte(rest);
      return;
    }
    let rest = BigInt(value);
    for (; rest >= 0x80n; rest >>= 7n) this.#byte(Number(rest & 0x7fn) | 0x80);
    this.#byte(Number(rest));
  }

  #byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length] = value;
    this.#length += 1;
  }

  #reserve(length: number): void {
    if (this.#length + length <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + length));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}

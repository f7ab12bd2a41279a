import { DamageError } from "../failures.ts";
import type { ThriftStruct, ThriftValue } from "./thrift.ts";

/** An integer field; `undefined` if it is absent. A bigint, which no offset can be, and a double are refused. */
export function intField(struct: ThriftStruct, id: number): number | undefined {
  const value = struct.get(id)?.value;
  if (value === undefined || Number.isSafeInteger(value)) return value as number | undefined;
  throw new DamageError(`field ${id} is not an integer of at most 53 bits`);
}

/** A binary field; `undefined` if it is absent. */
export function binaryField(struct: ThriftStruct, id: number): Uint8Array | undefined {
  const value = struct.get(id)?.value;
  if (value === undefined || value instanceof Uint8Array) return value;
  throw new DamageError(`field ${id} is not binary`);
}

/** A boolean field; `undefined` if it is absent. */
export function booleanField(struct: ThriftStruct, id: number): boolean | undefined {
  const value = struct.get(id)?.value;
  if (value === undefined || typeof value === "boolean") return value;
  throw new DamageError(`field ${id} is not a boolean`);
}

/** A struct field; `undefined` if it is absent. */
export function structField(struct: ThriftStruct, id: number): ThriftStruct | undefined {
  const value = struct.get(id)?.value;
  if (value === undefined || value instanceof Map) return value as ThriftStruct | undefined;
  throw new DamageError(`field ${id} is not a struct`);
}

/** The values of a list field; none if it is absent. */
export function listField(struct: ThriftStruct, id: number): readonly ThriftValue[] {
  const value = struct.get(id)?.value;
  if (value === undefined) return [];
  if (typeof value === "object" && "elementType" in value) return value.values;
  throw new DamageError(`field ${id} is not a list`);
}

import { DamageError } from "../failures.ts";
import type { LeafColumn, LogicalType, SchemaNode } from "./metadata.ts";
import type { ThriftStruct } from "./thrift.ts";
import { binaryField, booleanField, intField, structField } from "./thrift-fields.ts";

const REPETITIONS = ["required", "optional", "repeated"] as const;

/** Builds the schema tree from the footer's flat list (depth first, parent before child) and lists its leaves. */
export function readSchema(elements: readonly ThriftStruct[]): { root: SchemaNode; leaves: LeafColumn[] } {
  let next = 0;
  const read = (depth: number): SchemaNode => {
    const element = elements[next];
    if (element === undefined || depth > 64) throw new DamageError("the schema is not a tree");
    next += 1;
    const count = intField(element, 5) ?? 0;
    if (count < 0 || count > elements.length) throw new DamageError("the schema is not a tree");
    const physicalType = intField(element, 1);
    const typeLength = intField(element, 2) ?? 0;
    const repetition = REPETITIONS[intField(element, 3) ?? 0];
    if (repetition === undefined || (physicalType !== undefined && count > 0) || typeLength < 0)
      throw new DamageError("a schema element that cannot be");
    const children = Array.from({ length: count }, () => read(depth + 1));
    return {
      name: new TextDecoder().decode(binaryField(element, 4)),
      repetition,
      physicalType,
      typeLength,
      logicalType: readLogicalType(element),
      children,
      element,
    };
  };
  const root = read(0);
  if (next < elements.length) throw new DamageError("the schema is not a tree");
  const above = { path: [], maxDefinitionLevel: 0, maxRepetitionLevel: 0, list: undefined };
  return { root, leaves: root.children.flatMap((node, top) => leavesOf(node, { ...above, top })) };
}

interface Ancestry {
  readonly path: readonly string[];
  readonly top: number;
  readonly maxDefinitionLevel: number;
  readonly maxRepetitionLevel: number;
  readonly list: SchemaNode | undefined;
}

function leavesOf(node: SchemaNode, above: Ancestry): LeafColumn[] {
  const here: Ancestry = {
    path: [...above.path, node.name],
    top: above.top,
    maxDefinitionLevel: above.maxDefinitionLevel + (node.repetition === "required" ? 0 : 1),
    maxRepetitionLevel: above.maxRepetitionLevel + (node.repetition === "repeated" ? 1 : 0),
    list: above.list ?? (node.repetition === "repeated" ? node : undefined),
  };
  if (node.physicalType !== undefined) return [{ node, ...here }];
  return node.children.flatMap((child) => leavesOf(child, here));
}

function readLogicalType(element: ThriftStruct): LogicalType | undefined {
  const union = structField(element, 10);
  const [id, field] = union === undefined ? [] : ([...union][0] ?? []);
  if (id !== undefined && field !== undefined) return fromUnion(id, field.value as ThriftStruct);
  const converted = intField(element, 6);
  return converted === undefined ? undefined : fromConverted(converted, element);
}

/** The members of the union `LogicalType`. */
function fromUnion(id: number, member: ThriftStruct): LogicalType {
  switch (id) {
    case 1:
    case 4:
      return { kind: "string" };
    case 2:
      return { kind: "map" };
    case 3:
      return { kind: "list" };
    case 5:
      return { kind: "decimal", scale: intField(member, 1) ?? 0, precision: intField(member, 2) ?? 0 };
    case 6:
      return { kind: "date" };
    case 7:
    case 8: {
      const unit = structField(member, 2);
      const name = unit?.has(1) === true ? "ms" : unit?.has(2) === true ? "us" : "ns";
      return { kind: id === 7 ? "time" : "timestamp", unit: name, utc: booleanField(member, 1) ?? false };
    }
    case 10:
      return { kind: "integer", bits: bitsOf(intField(member, 1)), signed: booleanField(member, 2) ?? true };
    case 11:
      return { kind: "null" };
    case 12:
      return { kind: "json" };
    case 14:
      return { kind: "uuid" };
    case 15:
      return { kind: "float16" };
    default:
      return { kind: "other" };
  }
}

function bitsOf(bits: number | undefined): 8 | 16 | 32 | 64 {
  if (bits === 8 || bits === 16 || bits === 32 || bits === 64) return bits;
  throw new DamageError(`integers of ${bits} bits`);
}

/** The enum `ConvertedType`, of files older than logical types. */
function fromConverted(converted: number, element: ThriftStruct): LogicalType {
  if (converted >= 11 && converted <= 18) {
    const bits = ([8, 16, 32, 64] as const)[(converted - 11) % 4] ?? 64;
    return { kind: "integer", bits, signed: converted >= 15 };
  }
  switch (converted) {
    case 0:
    case 4:
      return { kind: "string" };
    case 1:
    case 2:
      return { kind: "map" };
    case 3:
      return { kind: "list" };
    case 5:
      return { kind: "decimal", scale: intField(element, 7) ?? 0, precision: intField(element, 8) ?? 0 };
    case 6:
      return { kind: "date" };
    case 7:
    case 8:
      return { kind: "time", unit: converted === 7 ? "ms" : "us", utc: true };
    case 9:
    case 10:
      return { kind: "timestamp", unit: converted === 9 ? "ms" : "us", utc: true };
    case 19:
      return { kind: "json" };
    case 21:
      return { kind: "interval" };
    default:
      return { kind: "other" };
  }
}

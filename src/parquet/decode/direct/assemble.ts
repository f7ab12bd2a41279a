import { PhysicalType, type SchemaNode } from "../../footer/metadata.ts";
import type { ColumnData } from "../column-data.ts";
import type { LeafValues } from "./leaf-values.ts";

/** Where in the levels a node of the schema stands. */
export interface Place {
  /** The definition level of what it is in. */
  readonly level: number;
  /** Its slots are the entries of at most this repetition level, and at least this definition level. */
  readonly repetition: number;
  readonly slotLevel: number;
}

export const TOP: Place = { level: 0, repetition: 0, slotLevel: 0 };

/** The node of a list that its items are: the one child of its repeated group (LogicalTypes.md, "Lists"). */
export function itemOf({ logicalType, children: [group, ...others] }: SchemaNode): SchemaNode | undefined {
  if (logicalType?.kind !== "list" || group?.repetition !== "repeated" || others.length > 0) return undefined;
  const [item, ...rest] = group.children;
  const isOld = group.physicalType !== undefined || rest.length > 0 || /^array$|_tuple$/.test(group.name);
  return isOld || item?.repetition === "repeated" ? undefined : item;
}

/** Where the items of a list stand that is at `place` itself. */
export function itemPlace(node: SchemaNode, place: Place): Place {
  const level = ownLevel(node, place) + 1;
  return { level, repetition: place.repetition + 1, slotLevel: level };
}

export function ownLevel({ repetition }: SchemaNode, { level }: Place): number {
  return level + (repetition === "optional" ? 1 : 0);
}

interface Assembled {
  readonly data: ColumnData;
  /** Its first leaf, whose levels say where lists and nulls are. */
  readonly leaf: LeafValues;
}

/** Makes the Arrow buffers of a node of the schema from the leaves below it, taken in order (Dremel record assembly). */
export function assemble(node: SchemaNode, place: Place, leaves: Iterator<LeafValues>): Assembled {
  const level = ownLevel(node, place);
  if (node.physicalType !== undefined) {
    const leaf = leaves.next().value as LeafValues;
    const { levels, values, offsets, slots: rows } = leaf;
    const isBoolean = node.physicalType === PhysicalType.BOOLEAN;
    const data = { rows, ...nullsOf(node, levels, level), offsets, values: isBoolean ? toBits(values, 1) : values };
    return { data, leaf };
  }
  const item = itemOf(node);
  if (item !== undefined) return assembleList(node, item, place, leaves);
  const children = node.children.map((child) => assemble(child, { ...place, level }, leaves));
  const [{ leaf }] = children as [Assembled];
  const { levels, rows } = slotsOf(leaf, place);
  return { data: { rows, ...nullsOf(node, levels, level), children: children.map(({ data }) => data) }, leaf };
}

function assembleList(node: SchemaNode, item: SchemaNode, place: Place, leaves: Iterator<LeafValues>): Assembled {
  const inner = itemPlace(node, place);
  const { data, leaf } = assemble(item, inner, leaves);
  const { levels, rows } = slotsOf(leaf, place);
  const offsets = new Int32Array(rows + 1);
  let [slot, items] = [0, 0];
  for (let entry = 0; entry < leaf.entries; entry += 1) {
    const repetition = leaf.repetitions?.[entry] ?? 0;
    const level = leaf.entryLevels?.[entry] ?? Infinity;
    if (repetition <= place.repetition && level >= place.slotLevel) {
      offsets[slot] = items;
      slot += 1;
    }
    if (repetition <= inner.repetition && level >= inner.slotLevel) items += 1;
  }
  offsets[slot] = items;
  const nulls = nullsOf(node, levels, ownLevel(node, place));
  return { data: { rows, ...nulls, offsets, children: [data] }, leaf };
}

/** The definition levels of the slots at a place; left out where all are as high as can be. */
function slotsOf(
  { repetitions, entryLevels, entries }: LeafValues,
  { repetition, slotLevel }: Place,
): { readonly levels: Uint8Array | undefined; readonly rows: number } {
  const isSlot = (level: number, entry: number): boolean =>
    level >= slotLevel && (repetitions === undefined || (repetitions[entry] as number) <= repetition);
  if (entryLevels === undefined) {
    const rows = repetitions === undefined ? entries : repetitions.filter((found) => found <= repetition).length;
    return { levels: undefined, rows };
  }
  const levels = repetitions === undefined && slotLevel === 0 ? entryLevels : entryLevels.filter(isSlot);
  return { levels, rows: levels.length };
}

function nullsOf(
  node: SchemaNode,
  levels: Uint8Array | undefined,
  level: number,
): Pick<ColumnData, "nullCount" | "validity"> {
  if (levels === undefined || node.repetition !== "optional") return { nullCount: 0, validity: undefined };
  let nullCount = 0;
  for (const found of levels) if (found < level) nullCount += 1;
  return { nullCount, validity: nullCount === 0 ? undefined : toBits(levels, level) };
}

/** A bit for each value, set where it is at least `least`. */
function toBits(values: Uint8Array, least: number): Uint8Array<ArrayBuffer> {
  const bits = new Uint8Array(Math.ceil(values.length / 8));
  for (let index = 0; index < values.length; index += 1) {
    if ((values[index] as number) >= least) bits[index >> 3] = (bits[index >> 3] as number) | (1 << (index & 7));
  }
  return bits;
}

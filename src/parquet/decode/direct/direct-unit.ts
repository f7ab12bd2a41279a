import { type FileMetadata, type LeafColumn, PhysicalType, type SchemaNode } from "../../footer/metadata.ts";
import { intField, listField } from "../../footer/thrift.ts";
import type { ColumnData, DecodedBatch } from "../column-data.ts";
import { directDecompress } from "../decompress.ts";
import type { PageStream } from "../pages.ts";
import { Encoding, LeafReader, type LeafValues } from "./leaf-reader.ts";

const ENCODINGS: ReadonlySet<unknown> = new Set(Object.values(Encoding));

/**
 * Reads the plain majority of row groups straight from their pages, which saves the copies that going through the decoder
 * costs: columns that are no lists, of common types, in the encodings PLAIN and dictionary.
 */
export class DirectUnit {
  readonly #metadata: FileMetadata;
  readonly #readers: readonly LeafReader[];
  readonly #batchRows: number;

  /** `undefined` where a column is of another kind. */
  static of(metadata: FileMetadata, streams: readonly PageStream[], batchRows: number): DirectUnit | undefined {
    const readers = streams.flatMap((stream, index) => {
      const { stored } = metadata.rowGroups[0]?.columns[index] ?? {};
      const decompress = stored === undefined ? undefined : directDecompress(intField(stored, 4) ?? 0);
      const isKnown = stored !== undefined && listField(stored, 2).every((encoding) => ENCODINGS.has(encoding));
      return isKnown && decompress !== undefined && isDirect(stream.leaf) ? [new LeafReader(stream, decompress)] : [];
    });
    return readers.length < streams.length || readers.length === 0
      ? undefined
      : new DirectUnit(metadata, readers, batchRows);
  }

  private constructor(metadata: FileMetadata, readers: readonly LeafReader[], batchRows: number) {
    this.#metadata = metadata;
    this.#readers = readers;
    this.#batchRows = batchRows;
  }

  /** The bytes of the pages that are being read. */
  get pieces(): readonly Uint8Array[] {
    return this.#readers.flatMap(({ memory }) => memory ?? []);
  }

  *decode(start: number, end: number): Generator<DecodedBatch, number> {
    for (let row = start; row < end; row += this.#batchRows) {
      const rows = Math.min(this.#batchRows, end - row);
      const leaves = this.#readers.map((reader) => reader.read(rows)).values();
      yield { columns: this.#metadata.schema.children.map((node) => assemble(node, 0, rows, leaves).data) };
    }
    return Math.max(start, end);
  }
}

function isDirect({ node, list }: LeafColumn): boolean {
  const { physicalType, logicalType } = node;
  const kind = logicalType?.kind;
  if (list !== undefined) return false;
  switch (physicalType) {
    case PhysicalType.BOOLEAN:
    case PhysicalType.FLOAT:
    case PhysicalType.DOUBLE:
      return kind === undefined;
    case PhysicalType.INT32:
      return (
        kind === undefined ||
        kind === "date" ||
        kind === "time" ||
        (logicalType?.kind === "integer" && logicalType.bits === 32)
      );
    case PhysicalType.INT64:
      return (
        kind === undefined ||
        kind === "timestamp" ||
        kind === "time" ||
        (logicalType?.kind === "integer" && logicalType.bits === 64)
      );
    case PhysicalType.BYTE_ARRAY:
      return kind === undefined || kind === "string" || kind === "json";
    default:
      return false;
  }
}

interface Assembled {
  readonly data: ColumnData;
  /** The levels of its first leaf. */
  readonly levels: Uint8Array | undefined;
}

/** Makes the Arrow buffers of a node of the schema; a struct is null where its first leaf's level says so. */
function assemble(node: SchemaNode, above: number, rows: number, leaves: Iterator<LeafValues>): Assembled {
  const level = above + (node.repetition === "optional" ? 1 : 0);
  if (node.physicalType !== undefined) {
    const { levels, values, offsets } = leaves.next().value as LeafValues;
    const isBoolean = node.physicalType === PhysicalType.BOOLEAN;
    const data = { rows, ...nullsOf(node, levels, level), offsets, values: isBoolean ? toBits(values, 1) : values };
    return { data, levels };
  }
  const children = node.children.map((child) => assemble(child, level, rows, leaves));
  const levels = children[0]?.levels;
  return { data: { rows, ...nullsOf(node, levels, level), children: children.map(({ data }) => data) }, levels };
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

import { type FileMetadata, PhysicalType, type SchemaNode } from "../../footer/metadata.ts";
import { intField, listField } from "../../footer/thrift.ts";
import type { DecodedBatch } from "../column-data.ts";
import { directDecompress } from "../decompress.ts";
import type { PageStream } from "../pages.ts";
import type { Workspace } from "../workspace.ts";
import { assemble, itemOf, itemPlace, ownLevel, type Place, TOP } from "./assemble.ts";
import { LeafReader } from "./leaf-reader.ts";
import { Encoding } from "./page-opener.ts";

const ENCODINGS: ReadonlySet<unknown> = new Set(Object.values(Encoding));

/** A column's share of a batch stays below this, even if it repeats long values that its pages hold but once. */
const MAX_BATCH_BYTES = 32 * 1024 * 1024;

/**
 * Reads the plain majority of row groups straight from their pages, which saves the copies that going through the decoder
 * costs: columns of common types, structs and lists of them, in the encodings PLAIN and dictionary.
 */
export class DirectUnit {
  readonly #metadata: FileMetadata;
  readonly #readers: readonly LeafReader[];
  readonly #batchRows: number;

  /** `undefined` where a column is of another kind. */
  static of(
    metadata: FileMetadata,
    streams: readonly PageStream[],
    { batchRows, workspace }: { readonly batchRows: number; readonly workspace: Workspace },
  ): DirectUnit | undefined {
    const slotLevels = metadata.schema.children.flatMap((node) => slotLevelsOf(node, TOP));
    const readers = streams.flatMap((stream, index) => {
      const { stored } = metadata.rowGroups[0]?.columns[index] ?? {};
      const slotLevel = slotLevels[index];
      const decompress = stored === undefined ? undefined : directDecompress(intField(stored, 4) ?? 0, workspace);
      const isKnown = stored !== undefined && listField(stored, 2).every((encoding) => ENCODINGS.has(encoding));
      if (!isKnown || decompress === undefined || slotLevel === undefined) return [];
      return [new LeafReader(stream, { decompress, slotLevel, workspace })];
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
    return this.#readers.flatMap(({ pieces }) => pieces);
  }

  close(): void {
    for (const reader of this.#readers) reader.close();
  }

  *decode(start: number, isLast: boolean): Generator<DecodedBatch, number> {
    const come = Math.min(...this.#readers.map((reader) => reader.available(isLast)));
    for (let left = come, rows = 0; left > 0; left -= rows) {
      rows = Math.min(this.#batchRows, left, ...this.#readers.map((reader) => reader.rowsWithin(MAX_BATCH_BYTES)));
      const leaves = this.#readers.map((reader) => reader.read(rows)).values();
      yield { columns: this.#metadata.schema.children.map((node) => assemble(node, TOP, leaves).data) };
    }
    return start + come;
  }
}

/** The definition levels from which on each leaf below a node has slots; `undefined` for what is not read directly. */
function slotLevelsOf(node: SchemaNode, place: Place): readonly (number | undefined)[] {
  if (node.repetition === "repeated") return [undefined];
  if (node.physicalType !== undefined) return [isDirect(node) ? place.slotLevel : undefined];
  const item = itemOf(node);
  if (item !== undefined) return slotLevelsOf(item, itemPlace(node, place));
  if (node.logicalType !== undefined || node.children.length === 0) return [undefined];
  return node.children.flatMap((child) => slotLevelsOf(child, { ...place, level: ownLevel(node, place) }));
}

function isDirect({ physicalType, logicalType }: SchemaNode): boolean {
  const kind = logicalType?.kind;
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

import { type FileMetadata, PhysicalType, type SchemaNode } from "../../footer/metadata.ts";
import type { DecodedBatch } from "../column-data.ts";
import { decompressor, type WasmCodec } from "../decompress.ts";
import type { PageStream } from "../page-stream.ts";
import type { UnitMemory } from "../unit-memory.ts";
import type { Workspace } from "../workspace.ts";
import { assemble, itemOf, itemPlace, ownLevel, type Place, TOP } from "./assemble.ts";
import { LeafReader } from "./leaf-reader.ts";
import { Encoding } from "./page-opener.ts";

const ENCODINGS: ReadonlySet<unknown> = new Set(Object.values(Encoding));

export interface DirectOptions {
  readonly batchRows: number;
  readonly workspace: Workspace;
  readonly memory: UnitMemory;
  /** See {@link decompressor}. */
  readonly wasmCodec: WasmCodec | undefined;
}

/**
 * Reads the plain majority of row groups straight from their pages, which saves the copies that going through the decoder
 * costs: columns of common types, structs and lists of them, in the encodings PLAIN and dictionary.
 */
export class DirectUnit {
  readonly #metadata: FileMetadata;
  readonly #readers: readonly LeafReader[];
  readonly #batchRows: number;
  readonly #memory: UnitMemory;

  /** `undefined` where a column is of another kind. */
  static of(
    metadata: FileMetadata,
    streams: readonly PageStream[],
    { batchRows, workspace, memory, wasmCodec }: DirectOptions,
  ): DirectUnit | undefined {
    const slotLevels = metadata.schema.children.flatMap((node) => slotLevelsOf(node, TOP));
    const readers = streams.flatMap((stream, index) => {
      const { codec, encodings } = stream.chunk;
      const slotLevel = slotLevels[index];
      const decompress = decompressor(codec, workspace, wasmCodec);
      if (slotLevel === undefined || !encodings.every((encoding) => ENCODINGS.has(encoding))) return [];
      return [new LeafReader(stream, { decompress, slotLevel, workspace, memory })];
    });
    return readers.length < streams.length ? undefined : new DirectUnit(metadata, readers, { batchRows, memory });
  }

  private constructor(
    metadata: FileMetadata,
    readers: readonly LeafReader[],
    { batchRows, memory }: Pick<DirectOptions, "batchRows" | "memory">,
  ) {
    this.#metadata = metadata;
    this.#readers = readers;
    this.#batchRows = batchRows;
    this.#memory = memory;
  }

  /** The bytes of the pages that are being read. */
  get pieces(): readonly Uint8Array[] {
    return this.#readers.flatMap(({ pieces }) => pieces);
  }

  close(): void {
    for (const reader of this.#readers) reader.close();
  }

  *decode(start: number, isLast: boolean): Generator<DecodedBatch, number> {
    let done = start;
    for (let rows = this.#nextRows(done, isLast); rows > 0; rows = this.#nextRows(done, isLast)) {
      const leaves = this.#readers.map((reader) => reader.read(rows)).values();
      yield { rows, columns: this.#metadata.schema.children.map((node) => assemble(node, TOP, leaves).data) };
      done += rows;
    }
    return done;
  }

  /** Rows of the next batch: those that have come in all columns, and stay below its bytes whatever they repeat. */
  #nextRows(done: number, isLast: boolean): number {
    let rows = Math.min(this.#batchRows, (this.#metadata.rowGroups[0]?.rows ?? 0) - done);
    for (const reader of this.#readers) rows = reader.available(rows, isLast);
    const most = this.#memory.batch;
    if (rows === 0 || this.#cost(rows, most, false) <= most) return rows;
    while (rows > 1 && this.#cost(rows, most, true) > most) rows = Math.ceil(rows / 2);
    if (rows === 1) this.#memory.checkRow(this.#cost(1, Infinity, true));
    return rows;
  }

  #cost(rows: number, most: number, exact: boolean): number {
    let cost = 0;
    for (const reader of this.#readers) if (cost <= most) cost += reader.cost(rows, most, exact);
    return cost;
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
    case PhysicalType.INT96:
      return true;
    default:
      return false;
  }
}

import { blaming, DamageError, TooLargeError } from "../failures.ts";
import { type ChunkOwner, readColumnChunk } from "./column-chunk.ts";
import type { ColumnChunk, FileMetadata, LeafColumn, RowGroup, RowGroupSummary, SchemaNode } from "./metadata.ts";
import { ThriftReader, type ThriftStruct } from "./thrift.ts";

/** Each is held as some numbers. */
const MAX_ROW_GROUPS = 256 * 1024;

/** The fields of a footer, its row groups by where each begins. */
export interface FooterFields {
  readonly root: SchemaNode;
  readonly leaves: readonly LeafColumn[];
  readonly rows: number;
  readonly groups: { readonly position: number; readonly type: number } | undefined;
  readonly keyValues: ReadonlyMap<string, string>;
  readonly stored: ThriftStruct;
}

/** Reads what is known of all row groups at once; `onChunk` sees each column chunk. */
export function readRowGroups(
  { root, leaves, groups, keyValues, stored }: FooterFields,
  owner: ChunkOwner,
  onChunk: (chunk: ColumnChunk) => void = () => {},
): FileMetadata {
  const positions: number[] = [];
  const rowGroups: RowGroupSummary[] = [];
  const leafBytes = new Float64Array(leaves.length);
  const reader = new ThriftReader(owner.bytes, groups?.position);
  if (groups !== undefined)
    reader.eachStruct(groups.type, (index) => {
      if (index >= MAX_ROW_GROUPS) throw new TooLargeError(`more than ${MAX_ROW_GROUPS} row groups`);
      positions.push(reader.position);
      let [bytes, decodedBytes] = [0, 0];
      const rows = readRowGroup(reader, leaves, owner, (chunk, leaf) => {
        bytes += chunk.length;
        decodedBytes += chunk.uncompressedLength;
        leafBytes[leaf] = (leafBytes[leaf] as number) + chunk.uncompressedLength;
        onChunk(chunk);
      });
      rowGroups.push({ rows, bytes, decodedBytes });
    });
  const rows = rowGroups.reduce((sum, group) => sum + group.rows, 0);
  let latest: { readonly place: number; readonly group: WeakRef<RowGroup> } | undefined;
  const readPlace = (place: number): RowGroup => {
    const known = latest?.place === place ? latest.group.deref() : undefined;
    if (known !== undefined) return known;
    const columns: ColumnChunk[] = [];
    const at = new ThriftReader(owner.bytes, positions[place]);
    const group = { rows: readRowGroup(at, leaves, owner, (chunk) => columns.push(chunk)), columns };
    latest = { place, group: new WeakRef(group) };
    return group;
  };
  return {
    path: owner.path,
    rows,
    schema: root,
    leaves,
    rowGroups,
    leafBytes,
    keyValues,
    stored,
    readRowGroup: (place) => blaming(owner.path, "its footer", () => readPlace(place)),
  };
}

/** Reads the row group that follows; tells how many rows it has. */
function readRowGroup(
  reader: ThriftReader,
  leaves: readonly LeafColumn[],
  owner: ChunkOwner,
  onChunk: (chunk: ColumnChunk, leaf: number) => void,
): number {
  let [rows, count] = [0, 0];
  const values: number[] = [];
  reader.walk((id, type) => {
    if (id === 1)
      count = reader.eachStruct(type, (index) => {
        const leaf = leaves[index];
        if (leaf === undefined) throw new DamageError(`a row group has more than ${leaves.length} column chunks`);
        const chunk = readColumnChunk(reader, leaf, owner);
        values.push(chunk.values ?? -1);
        onChunk(chunk, index);
      });
    else if (id === 3) rows = reader.int(type);
    else reader.skip(type);
  });
  if (count !== leaves.length)
    throw new DamageError(`a row group has ${count} column chunks for ${leaves.length} columns`);
  if (rows < 0) throw new DamageError(`a row group claims ${rows} rows`);
  for (const [index, { path, maxRepetitionLevel }] of leaves.entries()) {
    const found = values[index] as number;
    const isOf = found === rows || (maxRepetitionLevel > 0 && found > rows) || (found === -1 && owner.isPart);
    if (!isOf) throw new DamageError(`column ${path.join(".")} has ${found} values in a row group of ${rows} rows`);
  }
  return rows;
}

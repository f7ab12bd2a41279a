import { blaming } from "../failures.ts";
import type { FileRange } from "./metadata.ts";
import { readThrift, type ThriftStruct } from "./thrift.ts";
import { intField, listField } from "./thrift-fields.ts";

/** A data page of a column chunk, and the row of the row group that it begins with. */
export interface PageLocation extends FileRange {
  readonly firstRow: number;
}

/** What the column index says of one page. */
export interface PageStatistics {
  readonly min: Uint8Array | undefined;
  readonly max: Uint8Array | undefined;
  readonly nullCount: number | undefined;
  /** Whether it holds nulls only. */
  readonly isNull: boolean;
}

/** Parses an `OffsetIndex` (parquet.thrift): where the pages of a column chunk are. */
export function parseOffsetIndex(bytes: Uint8Array, path: string): PageLocation[] {
  return blaming(path, "its page index", () =>
    (listField(readThrift(bytes).struct, 1) as readonly ThriftStruct[]).map((page) => ({
      offset: intField(page, 1) ?? 0,
      length: intField(page, 2) ?? 0,
      firstRow: intField(page, 3) ?? 0,
    })),
  );
}

/** Parses a `ColumnIndex` (parquet.thrift): the statistics of each page of a column chunk. */
export function parseColumnIndex(bytes: Uint8Array, path: string): PageStatistics[] {
  return blaming(path, "its page index", () => {
    const index = readThrift(bytes).struct;
    const [isNull, min, max, nullCounts] = [1, 2, 3, 5].map((id) => listField(index, id)) as [
      boolean[],
      Uint8Array[],
      Uint8Array[],
      number[],
    ];
    return isNull.map((onlyNulls, page) => ({
      min: onlyNulls ? undefined : min[page],
      max: onlyNulls ? undefined : max[page],
      nullCount: nullCounts[page],
      isNull: onlyNulls,
    }));
  });
}

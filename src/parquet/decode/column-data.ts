/** The Arrow buffers of a column, as they cross between threads. */
export interface ColumnData {
  readonly rows: number;
  readonly nullCount: number;
  readonly validity: Uint8Array<ArrayBuffer> | undefined;
  readonly offsets?: Int32Array<ArrayBuffer> | undefined;
  readonly values?: Uint8Array<ArrayBuffer> | undefined;
  readonly children?: readonly ColumnData[] | undefined;
}

/** A decoded batch, as it crosses between threads: the buffers of its columns, or an Arrow IPC stream of its own. */
export type DecodedBatch =
  | { readonly rows: number; readonly columns: readonly ColumnData[] }
  | { readonly ipc: Uint8Array<ArrayBuffer> };

/** The buffers that a batch consists of. */
export function buffersOf(batch: DecodedBatch): ArrayBuffer[] {
  return "ipc" in batch ? [batch.ipc.buffer] : batch.columns.flatMap(columnBuffers);
}

/** What a batch takes beside its buffers, even if it has none. */
const MIN_BATCH_BYTES = 16 * 1024;

/** The memory that a batch holds. */
export function bytesOf(batch: DecodedBatch): number {
  return buffersOf(batch).reduce((sum, { byteLength }) => sum + byteLength, MIN_BATCH_BYTES);
}

function columnBuffers({ validity, offsets, values, children = [] }: ColumnData): ArrayBuffer[] {
  const own = [validity, offsets, values].flatMap((view) => (view === undefined ? [] : [view.buffer]));
  return [...own, ...children.flatMap(columnBuffers)];
}

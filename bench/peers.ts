/** What a peer gives its consumer; `batches` are Arrow's, `bytes` are only transferred. */
export type Delivery = "rows" | "batches" | "bytes";

/** Peers that can be compared with each other, and the heading over them. */
export const PEER_GROUPS = {
  rows: "Rows from the Hub",
  hub: "Batches or bytes from the Hub",
  local: "Batches from local files: what decoding allows",
} as const;

/** One of {@link PEER_GROUPS}. */
export type PeerGroup = keyof typeof PEER_GROUPS;

/** The peer of each group that ratios refer to. */
export const REFERENCES: Readonly<Record<PeerGroup, string>> = { rows: "rows", hub: "batches", local: "local-batches" };

/** A way of reading a dataset that is measured. */
export interface Peer {
  /** What `--peers` calls it. */
  readonly name: string;
  readonly label: string;
  readonly delivers: Delivery;
  readonly runtime: "node" | "python";
  /** As `measure.ts` or `measure.py` names it. */
  readonly reader: string;
  /** Reads from the Hub, so that its requests count. */
  readonly remote: boolean;
  /** Whose colour it has in plots. */
  readonly product: Product;
  /** Worker threads of the loader. @default 0 */
  readonly threads?: number;
  /** Ends with the first row, so that only the time and the requests until then mean anything. @default false */
  readonly firstRowOnly?: boolean;
}

/** What a peer is made with. */
export type Product = "hfstream" | "datasets" | "hyparquet" | "parquet-wasm" | "pyarrow" | "duckdb" | "transfer";

const hfstream = { runtime: "node", remote: true, product: "hfstream" } as const;
const rowsByNode = { delivers: "rows", runtime: "node", remote: true } as const;
const rowsByPython = { delivers: "rows", runtime: "python", remote: true, product: "datasets" } as const;
const batchesByPython = { delivers: "batches", runtime: "python", remote: false } as const;

/** Rows by hfstream as it is. */
export const PLAIN_ROWS: Peer = { ...hfstream, name: "rows", label: "hfstream rows", delivers: "rows", reader: "rows" };

/** All that a dataset is read by in a comparison. */
export const PEERS: readonly Peer[] = [
  PLAIN_ROWS,
  { ...rowsByPython, name: "datasets", label: "Python datasets", reader: "datasets" },
  { ...rowsByPython, name: "datasets-prefetch", label: "Python datasets, prefetch", reader: "datasetsPrefetch" },
  { ...rowsByNode, name: "hyparquet", label: "hyparquet objects", reader: "hyparquet", product: "hyparquet" },
  {
    ...rowsByNode,
    name: "parquet-wasm",
    label: "parquet-wasm, arrow toJSON",
    reader: "parquetWasm",
    product: "parquet-wasm",
  },
  { ...hfstream, name: "batches", label: "hfstream batches", delivers: "batches", reader: "batches" },
  {
    name: "transfer",
    label: "raw transfer (16 connections)",
    delivers: "bytes",
    runtime: "node",
    reader: "rawTransfer",
    remote: true,
    product: "transfer",
  },
  {
    ...hfstream,
    name: "local-batches",
    label: "hfstream (local files)",
    delivers: "batches",
    reader: "localBatches",
    remote: false,
  },
  { ...batchesByPython, name: "pyarrow", label: "pyarrow, 1 thread (local)", reader: "pyarrow", product: "pyarrow" },
  {
    ...batchesByPython,
    name: "pyarrow-threads",
    label: "pyarrow, all cores (local)",
    reader: "pyarrowThreads",
    product: "pyarrow",
  },
  { ...batchesByPython, name: "duckdb", label: "DuckDB (local files)", reader: "duckdb", product: "duckdb" },
];

/** What order costs, beside plain rows. */
export const ORDER_PEERS: readonly Peer[] = [
  { ...PLAIN_ROWS, label: "rows" },
  { ...PLAIN_ROWS, name: "shuffled", label: "rows, shuffled", reader: "shuffled" },
  { ...PLAIN_ROWS, name: "loader-0", label: "loader, no worker", reader: "loader", threads: 0 },
  { ...PLAIN_ROWS, name: "loader-2", label: "loader, 2 workers", reader: "loader", threads: 2 },
  { ...PLAIN_ROWS, name: "resume-10", label: "resumed at 10 %", reader: "resumeNearStart", firstRowOnly: true },
  { ...PLAIN_ROWS, name: "resume-90", label: "resumed at 90 %", reader: "resumeNearEnd", firstRowOnly: true },
];

/** What a measuring process is told, as JSON in its one argument. */
export interface Task {
  /** Which reader, as its process names it. */
  readonly reader: string;
  /** Of the Hub. */
  readonly endpoint: string;
  /** The dataset on that Hub. */
  readonly id: string;
  /** The same dataset on this machine. */
  readonly folder: string;
  /** An empty folder for what the reader wants to keep. */
  readonly cacheDir: string;
  /** How long the consumer works on one row; 0: it only counts. */
  readonly consumeMsPerRow: number;
  /** Ends after the first row. */
  readonly firstRowOnly: boolean;
  /** Worker threads of a loader. */
  readonly threads: number;
}

/** What a measuring process prints, as one line of JSON. Clock and CPU time start when the libraries are loaded. */
export interface Measurement {
  readonly rows: number;
  readonly seconds: number;
  readonly firstRowMs: number;
  /** User and system. */
  readonly cpuSeconds: number;
  /** Of the whole process, with the libraries. */
  readonly peakRssBytes: number;
  /** How much of the time after the first row the consumer waited; only when it works on rows. */
  readonly waitedShare?: number;
}

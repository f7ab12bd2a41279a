/** Counts what one consumer costs the network. Live: the numbers grow while reads are under way. */
export interface Meter {
  /** HTTP requests sent, those of retries and redirects included. */
  requests: number;
  /** Attempts that failed and were made again. */
  retries: number;
  /** Bytes of file content received. */
  bytesFetched: number;
  /** Answers taken from the shared cache on disk. */
  cacheHits: number;
}

export function createMeter(): Meter {
  return { requests: 0, retries: 0, bytesFetched: 0, cacheHits: 0 };
}

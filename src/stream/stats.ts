import type { Meter } from "../hub/meter.ts";

/** A file that was left out because it cannot be read. */
export interface SkippedFile {
  readonly path: string;
  readonly reason: string;
}

/** What an iteration did so far. Live: the numbers grow while it runs. */
export interface StreamStats extends Meter {
  /** Rows delivered. */
  rows: number;
  /** How long the consumer waited for bytes. */
  waitingOnNetworkMs: number;
  /** How long the consumer waited for bytes that had come to be decoded. */
  waitingOnDecodeMs: number;
  /** How long decoded rows waited for the consumer. */
  waitingOnConsumerMs: number;
  /** Files left out because they cannot be read. */
  skipped: number;
  /** Which files, and why. */
  readonly skippedFiles: SkippedFile[];
  /** Rows left out because they failed, by `onError`. */
  skippedRows: number;
  /** Units (row groups) read to their end, or found to hold nothing that is wanted. */
  unitsDone: number;
  /** Units that hold rows to read; `undefined` until the footer of the last file was read. */
  unitsTotal: number | undefined;
}

export function createStats(meter: Meter): StreamStats {
  return Object.assign(meter, {
    rows: 0,
    waitingOnNetworkMs: 0,
    waitingOnDecodeMs: 0,
    waitingOnConsumerMs: 0,
    skipped: 0,
    skippedFiles: [],
    skippedRows: 0,
    unitsDone: 0,
    unitsTotal: undefined,
  });
}

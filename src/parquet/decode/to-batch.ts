import { type RecordBatch, tableFromIPC } from "apache-arrow";
import { HfStreamError } from "../../errors.ts";

/** Reads a record batch that is an IPC stream of its own. It shares the bytes. */
export function toBatch(bytes: Uint8Array): RecordBatch {
  const [batch] = tableFromIPC(bytes).batches;
  if (batch === undefined) throw new HfStreamError("WORKER_FAILED", "The decoder gave a batch that cannot be read.");
  return batch;
}

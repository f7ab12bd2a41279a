import path from "node:path";
import { pathToFileURL } from "node:url";
import type * as hfstream from "../../src/index.ts";
import type { Consumer } from "../consumer.ts";
import { REPO } from "../repo.ts";
import type { Task } from "../task.ts";
import type { Reader } from "./reader.ts";

/** As the package ships it. */
const { DataLoader, loadDataset } = (await import(
  pathToFileURL(path.join(REPO, "dist/index.js")).href
)) as typeof hfstream;

/** Rows, one by one. */
export const rows: Reader = async (task, consumer) => await consumer.take(open(task).rows(), () => 1);

/** Arrow batches. */
export const batches: Reader = async (task, consumer) => await takeBatches(open(task), consumer);

/** Arrow batches of the files on this machine. */
export const localBatches: Reader = async ({ folder, cacheDir }, consumer) =>
  await takeBatches(loadDataset(folder, { cacheDir }), consumer);

/** Rows in shuffled order. */
export const shuffled: Reader = async (task, consumer) =>
  await consumer.take(open(task).shuffle({ seed: 1 }).rows(), () => 1);

/** Batches of 32 rows by `threads` worker threads. */
export const loader: Reader = async (task, consumer) => {
  const batchesOfRows = new DataLoader(open(task), { batchSize: 32, workers: task.threads, collate: (list) => list });
  await consumer.take(batchesOfRows, (batch) => batch.length);
};

/** The first row after a tenth of the rows. */
export const resumeNearStart: Reader = async (task, consumer) => await resumeAt(0.1, task, consumer);

/** The first row after nine tenths of the rows. */
export const resumeNearEnd: Reader = async (task, consumer) => await resumeAt(0.9, task, consumer);

function open({ endpoint, id, cacheDir }: Task): hfstream.IterableDataset {
  return loadDataset(id, { endpoint, cacheDir, token: false });
}

async function takeBatches(dataset: hfstream.IterableDataset, consumer: Consumer): Promise<void> {
  await consumer.take(dataset.batches(), ({ numRows }) => numRows);
}

/** The first row of a resumed shuffled run, with the cache as the run left it. */
async function resumeAt(share: number, task: Task, consumer: Consumer): Promise<void> {
  const dataset = open(task).shuffle({ seed: 1 });
  const iterator = dataset.rows();
  const last = Math.floor(((await dataset.numRows()) ?? 0) * share);
  for (let row = 0; row < last; row += 1) await iterator.next();
  const state = iterator.state();
  await iterator.return();
  await fetch(`${task.endpoint}/_log`, { method: "DELETE" }); // what comes is counted, not what was before
  consumer.restart();
  await consumer.take(open(task).shuffle({ seed: 1 }).resume(state).rows(), () => 1);
}

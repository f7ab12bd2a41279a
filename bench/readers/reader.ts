import type { Consumer } from "../consumer.ts";
import type { Task } from "../task.ts";

/** Reads a dataset and lets `consumer` take it. Written as a user of the library would write it. */
export type Reader = (task: Task, consumer: Consumer) => Promise<void>;

/** A data file on a Hub. */
export interface RemoteFile {
  readonly url: string;
  readonly size: number;
}

/** Lists a dataset's data files, for libraries that know addresses only. */
export async function listFiles({ endpoint, id }: Task): Promise<RemoteFile[]> {
  const response = await fetch(`${endpoint}/api/datasets/${id}/tree/main/data`);
  if (!response.ok) throw new Error(`The listing was answered with status ${response.status}`);
  const entries = (await response.json()) as { readonly path: string; readonly size: number }[];
  return entries.map(({ path, size }) => ({ url: `${endpoint}/datasets/${id}/resolve/main/${path}`, size }));
}

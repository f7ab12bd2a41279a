import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { BenchDataset, DataOrder } from "./dataset.ts";

/** Makes the datasets that `order` names unless they are there, in a process of its own, and gives them by name. */
export async function makeDatasets(order: DataOrder): Promise<ReadonlyMap<string, BenchDataset>> {
  const program = fileURLToPath(new URL("./data-process.js", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [program, JSON.stringify(order)]);
  return new Map((JSON.parse(stdout) as BenchDataset[]).map((dataset) => [dataset.name, dataset]));
}

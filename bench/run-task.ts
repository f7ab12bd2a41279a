import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { BenchDataset } from "./data/dataset.ts";
import type { BenchHub } from "./hub.ts";
import { lastLines } from "./last-lines.ts";
import type { Peer } from "./peers.ts";
import { REPO } from "./repo.ts";
import type { Measurement, Task } from "./task.ts";

/** A measurement with what the Hub was asked meanwhile. */
export interface Run extends Measurement {
  readonly requests: number;
  /** Sent by the Hub. */
  readonly bytesServed: number;
}

/** Where a task runs, and how its consumer behaves. */
export interface Surroundings {
  readonly hub: BenchHub;
  /** Which Python, if there is one. */
  readonly python: string | undefined;
  readonly consumeMsPerRow: number;
  /** What readers keep, as earlier runs left it. @default an empty folder */
  readonly cacheDir?: string;
}

/** No measurement takes longer. */
const PATIENCE_MS = 20 * 60_000;

/**
 * Measures `peer` once on `dataset`, in a process of its own, with an empty cache unless one is given. Rejects, with the end of what the
 * process said, if it fails or does not deliver all rows.
 */
export async function runTask(peer: Peer, dataset: BenchDataset, surroundings: Surroundings): Promise<Run> {
  const { hub } = surroundings;
  const cacheDir = surroundings.cacheDir ?? (await mkdtemp(path.join(tmpdir(), "hfstream-bench-cache-")));
  const { id, folder } = dataset;
  const { reader, firstRowOnly = false, threads = 0 } = peer;
  const consumeMsPerRow = firstRowOnly ? 0 : surroundings.consumeMsPerRow;
  const task: Task = { reader, endpoint: hub.endpoint, id, folder, cacheDir, consumeMsPerRow, firstRowOnly, threads };
  try {
    await hub.takeAsked();
    const measurement = await measure(peer, task, surroundings);
    const { requests, bytes } = await hub.takeAsked();
    checkRows(peer, dataset, measurement.rows);
    return { ...measurement, requests, bytesServed: bytes };
  } finally {
    if (surroundings.cacheDir === undefined) await rm(cacheDir, { recursive: true, force: true });
  }
}

async function measure({ runtime }: Peer, task: Task, { python = "" }: Surroundings): Promise<Measurement> {
  const node = fileURLToPath(new URL("./measure.js", import.meta.url));
  const [command, program] =
    runtime === "node" ? [process.execPath, node] : [python, path.join(REPO, "bench/measure.py")];
  const { stdout } = await promisify(execFile)(command, [program, JSON.stringify(task)], {
    cwd: task.cacheDir,
    timeout: PATIENCE_MS,
    env: {
      ...process.env,
      HF_ENDPOINT: task.endpoint,
      HF_HOME: task.cacheDir,
      HF_HUB_DISABLE_TELEMETRY: "1",
      HF_UPDATE_DOWNLOAD_COUNTS: "0",
      HF_HUB_DISABLE_PROGRESS_BARS: "1",
      HF_DATASETS_DISABLE_PROGRESS_BARS: "1",
      HF_HUB_DISABLE_IMPLICIT_TOKEN: "1",
      NO_PROXY: "*",
    },
  }).catch((error: { readonly message: string; readonly stderr?: string }) => {
    throw new Error(lastLines(error.stderr || error.message, 12), { cause: error });
  });
  return JSON.parse(lastLines(stdout, 1)) as Measurement;
}

function checkRows({ delivers, firstRowOnly = false }: Peer, dataset: BenchDataset, rows: number): void {
  if (delivers === "bytes" || firstRowOnly || rows === dataset.rows) return;
  throw new Error(`delivered ${rows} rows of ${dataset.rows}`);
}

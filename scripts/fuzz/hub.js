import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { inspect } from "node:util";
import { HfFileSystem, isHfStreamError, loadDataset } from "../../build/index.js";
import { DATASET, startHostileHub } from "./hostile-hub.js";
import { runCases } from "./run-cases.js";

/** What no error and no message may show. */
const TOKEN = "hf_secret_secret";
const ROWS = 8;

/**
 * Reads a dataset from Hubs whose answers are spoiled: wrong types, sizes, names, statuses, lengths, headers, addresses.
 * Each run gives all rows or an error with a code, within five seconds. Repeatable by `seed`.
 */
export async function fuzzHub({ seed, count, log }) {
  return await runCases({ module: import.meta.url, seed, count, log, concurrency: 16 });
}

/** Runs one case, in a child. */
export async function runCase(seed, index) {
  const hub = await startHostileHub(seed, index);
  const cacheDir = await mkdtemp(path.join(tmpdir(), "hfstream-fuzz-"));
  try {
    const options = { endpoint: hub.url, cacheDir, token: TOKEN, maxOutageMs: 400 };
    return await honest(() => (index % 3 === 0 ? readFiles(options) : readRows(options)));
  } finally {
    hub.close();
    await rm(cacheDir, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Runs `read`, whose errors must have a code and show no secret. */
async function honest(read) {
  try {
    await read();
    return "rows";
  } catch (error) {
    if (!isHfStreamError(error)) throw error;
    const shown = inspect(error, { depth: 8, showHidden: true });
    if (shown.includes(TOKEN) || shown.includes("Signature"))
      throw new Error(`a secret is shown: ${shown}`, { cause: error });
    return "refused";
  }
}

async function readRows(options) {
  let rows = 0;
  const dataset = loadDataset(DATASET, { ...options, decodeThreads: 0, int64: "bigint" });
  for await (const row of dataset) rows += row === undefined ? 0 : 1;
  if (rows !== ROWS) throw new Error(`${rows} rows instead of ${ROWS}`);
}

async function readFiles(options) {
  const hub = new HfFileSystem(options);
  const files = await hub.find(`datasets/${DATASET}`);
  await hub.glob(`datasets/${DATASET}/**/*.parquet`);
  for (const { path: name, size } of files.filter((file) => file.size < 1_000_000).slice(0, 4)) {
    const bytes = await hub.cat(name);
    if (bytes.length !== size) throw new Error(`${bytes.length} bytes of ${size}`);
  }
}

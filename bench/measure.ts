// One measurement in a process of its own, so that memory is its own: prints one line of JSON.
// Arguments: what to do (see `MODES`), the Hub's address, the dataset's id, an empty folder for the cache.
import { readFileSync } from "node:fs";
import { Agent, request } from "undici";
import { DataLoader, type IterableDataset, loadDataset } from "../src/index.ts";

/** What one run took. */
export interface Measurement {
  readonly seconds: number;
  readonly firstRowMs: number;
  readonly rows: number;
  readonly bytes: number;
  readonly requests: number;
  readonly peakRssBytes: number;
  readonly cpuSeconds: number;
}

const RANGE_BYTES = 8 * 1024 * 1024;
const CONNECTIONS = 16;

const [mode = "rows", endpoint = "", id = "", cacheDir = ""] = process.argv.slice(2);
const started = performance.now();
const dataset = loadDataset(id, { endpoint, cacheDir, token: false });
const MODES: Readonly<Record<string, () => Promise<Counts>>> = {
  rows: () => streamRows(dataset),
  batches: streamBatches,
  shuffled: () => streamRows(dataset.shuffle({ seed: 1 })),
  "loader, no worker": () => loadBatches(0),
  "loader, 2 workers": () => loadBatches(2),
  "resume at 10 %": () => resumeAt(0.1),
  "resume at 90 %": () => resumeAt(0.9),
  raw: rawTransfer,
};
const counts = await (MODES[mode] as () => Promise<Counts>)();
const { user, system } = process.cpuUsage();
const measurement: Measurement = {
  ...counts,
  seconds: (performance.now() - started) / 1000,
  peakRssBytes: peakRss(),
  cpuSeconds: (user + system) / 1e6,
};
process.stdout.write(`${JSON.stringify(measurement)}\n`);

type Counts = Pick<Measurement, "firstRowMs" | "rows" | "bytes" | "requests">;

async function streamRows(rows: IterableDataset): Promise<Counts> {
  const iterator = rows.rows();
  let firstRowMs = 0;
  let count = 0;
  for await (const row of iterator) {
    if (count === 0 && row !== undefined) firstRowMs = performance.now() - started;
    count += 1;
  }
  return { firstRowMs, rows: count, bytes: iterator.stats.bytesFetched, requests: iterator.stats.requests };
}

async function streamBatches(): Promise<Counts> {
  let firstRowMs = 0;
  let rows = 0;
  for await (const { numRows } of dataset.batches()) {
    if (rows === 0) firstRowMs = performance.now() - started;
    rows += numRows;
  }
  return { firstRowMs, rows, bytes: 0, requests: 0 };
}

async function loadBatches(workers: number): Promise<Counts> {
  const batches = new DataLoader(dataset, { batchSize: 32, workers, collate: (rows) => rows })[Symbol.asyncIterator]();
  let firstRowMs = 0;
  let rows = 0;
  for await (const batch of batches) {
    if (rows === 0) firstRowMs = performance.now() - started;
    rows += batch.length;
  }
  return { firstRowMs, rows, bytes: batches.stats.bytesFetched, requests: batches.stats.requests };
}

/** How long the first row of a resumed shuffled run takes, with the cache as the run left it. */
async function resumeAt(share: number): Promise<Counts> {
  const shuffled = dataset.shuffle({ seed: 1 });
  const iterator = shuffled.rows();
  const last = Math.floor(((await shuffled.numRows()) ?? 0) * share);
  for (let row = 0; row < last; row += 1) await iterator.next();
  const state = iterator.state();
  await iterator.return();
  const begun = performance.now();
  const resumed = loadDataset(id, { endpoint, cacheDir, token: false }).shuffle({ seed: 1 }).resume(state).rows();
  await resumed.next();
  const firstRowMs = performance.now() - begun;
  await resumed.return();
  return { firstRowMs, rows: 1, bytes: resumed.stats.bytesFetched, requests: resumed.stats.requests };
}

/** The same files by the same client's transport, thrown away as they come: what the link and the server allow. */
async function rawTransfer(): Promise<Counts> {
  const dispatcher = new Agent({ connections: CONNECTIONS });
  const { files } = await dataset.info();
  const ranges: { url: string; start: number; end: number }[] = [];
  for (const { path, size } of files) {
    const { headers, body } = await request(`${endpoint}/datasets/${id}/resolve/main/${path}`, {
      method: "HEAD",
      dispatcher,
    });
    await body.dump();
    for (let start = 0; start < size; start += RANGE_BYTES) {
      ranges.push({ url: String(headers["location"]), start, end: Math.min(size, start + RANGE_BYTES) - 1 });
    }
  }
  let bytes = 0;
  let firstRowMs = 0;
  const queue = ranges.values();
  const work = async (): Promise<void> => {
    for (const { url, start, end } of queue) {
      const { body } = await request(url, { headers: { range: `bytes=${start}-${end}` }, dispatcher });
      for await (const chunk of body) {
        if (bytes === 0) firstRowMs = performance.now() - started;
        bytes += (chunk as Uint8Array).length;
      }
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, work));
  await dispatcher.close();
  return { firstRowMs, rows: 0, bytes, requests: ranges.length + files.length };
}

/** The kernel's own mark where there is one; `maxRSS` of a fresh process may be that of the one that started it. */
function peakRss(): number {
  try {
    const status = readFileSync("/proc/self/status", "utf8");
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}

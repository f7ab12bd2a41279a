// One measurement in a process of its own, so that memory is its own: prints one line of JSON.
// Arguments: "rows", "batches" or "raw", the Hub's address, the dataset's id, an empty folder for the cache.
import { readFileSync } from "node:fs";
import { Agent, request } from "undici";
import { loadDataset } from "../src/index.ts";

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
const counts = await (mode === "raw" ? rawTransfer() : stream());
const { user, system } = process.cpuUsage();
const measurement: Measurement = {
  ...counts,
  seconds: (performance.now() - started) / 1000,
  peakRssBytes: peakRss(),
  cpuSeconds: (user + system) / 1e6,
};
process.stdout.write(`${JSON.stringify(measurement)}\n`);

type Counts = Pick<Measurement, "firstRowMs" | "rows" | "bytes" | "requests">;

async function stream(): Promise<Counts> {
  const dataset = loadDataset(id, { endpoint, cacheDir, token: false });
  let firstRowMs = 0;
  let rows = 0;
  if (mode === "batches") {
    for await (const { numRows } of dataset.batches()) {
      if (rows === 0) firstRowMs = performance.now() - started;
      rows += numRows;
    }
    return { firstRowMs, rows, bytes: 0, requests: 0 };
  }
  const iterator = dataset.rows();
  for await (const row of iterator) {
    if (rows === 0 && row !== undefined) firstRowMs = performance.now() - started;
    rows += 1;
  }
  return { firstRowMs, rows, bytes: iterator.stats.bytesFetched, requests: iterator.stats.requests };
}

/** The same files by the same client's transport, thrown away as they come: what the link and the server allow. */
async function rawTransfer(): Promise<Counts> {
  const dispatcher = new Agent({ connections: CONNECTIONS });
  const { files } = await loadDataset(id, { endpoint, cacheDir, token: false }).info();
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

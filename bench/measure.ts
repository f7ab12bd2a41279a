// One measurement in a process of its own, so that memory and time are its own. Prints a `Measurement` as one line.
import { readFileSync } from "node:fs";
import { Consumer } from "./consumer.ts";
import type { Reader } from "./readers/reader.ts";
import type { Measurement, Task } from "./task.ts";

/** Each loads its own library only. */
const READERS: Readonly<Record<string, () => Promise<Reader>>> = {
  rows: async () => (await import("./readers/hfstream.ts")).rows,
  batches: async () => (await import("./readers/hfstream.ts")).batches,
  localBatches: async () => (await import("./readers/hfstream.ts")).localBatches,
  shuffled: async () => (await import("./readers/hfstream.ts")).shuffled,
  loader: async () => (await import("./readers/hfstream.ts")).loader,
  resumeNearStart: async () => (await import("./readers/hfstream.ts")).resumeNearStart,
  resumeNearEnd: async () => (await import("./readers/hfstream.ts")).resumeNearEnd,
  hyparquet: async () => (await import("./readers/hyparquet.ts")).objects,
  parquetWasm: async () => (await import("./readers/parquet-wasm.ts")).objects,
  rawTransfer: async () => (await import("./readers/raw-transfer.ts")).ranges,
};

const task = JSON.parse(process.argv[2] ?? "{}") as Task;
const load = READERS[task.reader];
if (load === undefined) throw new TypeError(`Expected one of ${Object.keys(READERS).join(", ")}, got ${task.reader}`);
const read = await load();
const cpuBefore = process.cpuUsage();
const consumer = new Consumer({ msPerRow: task.consumeMsPerRow, firstRowOnly: task.firstRowOnly });
await read(task, consumer);
const consumption = consumer.finish();
const { user, system } = process.cpuUsage(cpuBefore);
const measurement: Measurement = { ...consumption, cpuSeconds: (user + system) / 1e6, peakRssBytes: peakRss() };
process.stdout.write(`${JSON.stringify(measurement)}\n`);

/** The kernel's own mark where there is one; `maxRSS` of a fresh process may be that of the one that started it. */
function peakRss(): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1]) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}

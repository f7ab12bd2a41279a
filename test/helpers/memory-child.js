// Streams a dataset of images in a process of its own and prints its peak memory as one line of JSON.
// Arguments: the dataset's id, and the options of `loadDataset` as JSON.
import { readFileSync } from "node:fs";
import { loadDataset } from "../../dist/index.js";

let rows = 0;
let bytes = 0;
for await (const { image } of loadDataset(process.argv[2], JSON.parse(process.argv[3]))) {
  rows += 1;
  bytes += image.length;
}
process.stdout.write(`${JSON.stringify({ rows, bytes, peakRssBytes: peakRss() })}\n`);

/** The kernel's own mark; `maxRSS` of a fresh process may be that of the one that started it. */
function peakRss() {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))[1]) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}

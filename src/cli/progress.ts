import type { StreamStats } from "../stream/stats.ts";
import type { Terminal } from "./command.ts";
import { formatBytes } from "./format.ts";

const INTERVAL_MS = 100;

/** Shows what an iteration does in one line of the terminal until it is stopped; nothing where there is none. */
export function showProgress(stats: StreamStats, { stderr, isInteractive }: Terminal): () => void {
  if (!isInteractive) return () => {};
  const started = performance.now();
  const timer = setInterval(() => {
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const { rows, requests, retries, bytesFetched } = stats;
    const trouble = retries === 0 ? "" : `, ${retries} retries`;
    stderr.write(`\r\u001B[2K${seconds} s: ${rows} rows, ${formatBytes(bytesFetched)}, ${requests} requests${trouble}`);
  }, INTERVAL_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
    stderr.write("\r\u001B[2K");
  };
}

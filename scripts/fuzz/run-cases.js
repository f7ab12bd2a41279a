import { fork } from "node:child_process";

/** A case that takes longer hangs. */
const HANG_MS = 5000;
/** Long enough for a busy machine to start a process. */
const START_MS = 20_000;

/**
 * Runs the cases `0..count` of a module, which exports `runCase(seed, index)`, in child processes: what hangs or crashes
 * there is told by its number. A case gives `"rows"` or `"refused"`, or throws what is an error without a code.
 */
export async function runCases({ module, seed, count, concurrency, log = () => {} }) {
  const totals = { runs: 0, rows: 0, refused: 0, crashes: 0, uncoded: 0, hangs: 0, maxRssBytes: 0 };
  const note = (kind, index, what) => {
    totals[kind] += 1;
    log(`${kind}: case ${index} of seed ${seed}${what === undefined ? "" : `: ${what}`}`);
  };
  /** Runs cases in one child until it ends; gives those that were under way when it did. */
  const runBatch = (indexes, atOnce) =>
    new Promise((resolve) => {
      const child = fork(new URL("case-child.js", import.meta.url), [module, String(seed), String(atOnce)]);
      const underWay = new Set();
      const waiting = [...indexes];
      let timer = setTimeout(() => child.kill("SIGKILL"), START_MS);
      let isSilent = false;
      const give = () => {
        const next = waiting.shift();
        if (next === undefined) return underWay.size === 0 && child.send({ end: true });
        underWay.add(next);
        child.send({ index: next });
      };
      child.on("message", ({ ready, alive, index, outcome, error, rss }) => {
        clearTimeout(timer);
        timer = setTimeout(() => {
          isSilent = true;
          child.kill("SIGKILL");
        }, HANG_MS);
        totals.maxRssBytes = Math.max(totals.maxRssBytes, rss ?? 0);
        if (alive) return;
        if (!ready) {
          underWay.delete(index);
          totals.runs += 1;
          if (outcome === "rows" || outcome === "refused") totals[outcome] += 1;
          else note(outcome, index, error);
        }
        for (let more = ready ? atOnce : 1; more > 0; more -= 1) give();
      });
      child.on("exit", () => {
        clearTimeout(timer);
        resolve({ lost: [...underWay], left: waiting, isSilent });
      });
    });
  let left = Array.from({ length: count }, (_, index) => index);
  while (left.length > 0) {
    const batch = await runBatch(left, concurrency);
    left = batch.left;
    for (const index of batch.lost) {
      const alone = await runBatch([index], 1); // which of them it was
      if (alone.lost.length === 0) continue;
      totals.runs += 1;
      note(alone.isSilent ? "hangs" : "crashes", index);
    }
  }
  return totals;
}

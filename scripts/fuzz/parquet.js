// Reads damaged Parquet files, made of the fixtures by a seed each: `fuzzParquet({ seed, count })`, or
// `node scripts/fuzz/parquet.js --seed 1 --count 1000`. A child reads them, so that a crash or a hang is that of its seed.
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const CHILD = fileURLToPath(new URL("parquet-child.js", import.meta.url));
const HANG_MS = 5000;
/** A new child now and then: what one file leaves behind must not be told of another. */
const SEEDS_PER_CHILD = 1000;

/**
 * Reads `count` files, from `seed` on, or as many as `seconds` allow. Counts what they became; `crashes`, `uncoded` errors,
 * `hangs` and `silent` differences are to be 0.
 */
export async function fuzzParquet({ seed, count, seconds = Infinity, log = () => {} }) {
  const total = { runs: 0, rows: 0, refused: 0, crashes: 0, uncoded: 0, hangs: 0, silent: 0, heavy: 0, maxRssBytes: 0 };
  const ends = performance.now() + seconds * 1000;
  for (let next = seed; next < seed + count && performance.now() < ends;)
    next = await runChild({ from: next, to: Math.min(next + SEEDS_PER_CHILD, seed + count), ends, total, log });
  return total;
}

/** Lets one child read files; tells which seed comes next. */
async function runChild({ from, to, ends, total, log }) {
  const child = fork(CHILD, [String(from), String(to)], { stdio: ["ignore", "ignore", "pipe", "ipc"] });
  let [current, isBegun, stderr] = [from, false, ""];
  let hang;
  child.stderr.on("data", (text) => (stderr = `${stderr}${text}`.slice(-1000)));
  const watch = () => {
    clearTimeout(hang);
    if (isBegun) hang = setTimeout(() => child.kill("SIGKILL"), HANG_MS);
  };
  child.on("message", ({ seed, began, result }) => {
    [current, isBegun] = [began ? seed : seed + 1, began];
    watch();
    if (!began) note(total, seed, result, log);
    if (!began && performance.now() > ends) child.kill("SIGTERM");
  });
  const [code, signal] = await new Promise((resolve) => child.on("exit", (...how) => resolve(how)));
  clearTimeout(hang);
  if (!isBegun) return current;
  total.runs += 1;
  const kind = signal === "SIGKILL" ? "hangs" : "crashes";
  total[kind] += 1;
  log(`seed ${current}: ${kind} (${signal ?? code}) ${stderr}`);
  return current + 1;
}

function note(total, seed, result, log) {
  total.runs += 1;
  total.rows += result.rows;
  total.maxRssBytes = Math.max(total.maxRssBytes, result.rssBytes);
  for (const kind of ["refused", "uncoded", "silent", "heavy"]) {
    if (result[kind] === undefined) continue;
    total[kind] += 1;
    if (kind !== "refused") log(`seed ${seed} (${result.what}): ${kind}: ${result[kind]}`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      seed: { type: "string", default: "1" },
      count: { type: "string", default: "1000" },
      seconds: { type: "string" },
    },
  });
  const seconds = values.seconds === undefined ? undefined : Number(values.seconds);
  const found = await fuzzParquet({
    seed: Number(values.seed),
    count: Number(values.count),
    seconds,
    log: console.log,
  });
  console.log(found);
  if (found.crashes + found.uncoded + found.hangs + found.silent + found.heavy > 0) process.exitCode = 1;
}

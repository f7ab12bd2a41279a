// Reads for long, against a Hub where everything goes wrong now and then, in processes that are killed: every row must come
// once, and memory must not grow. `--minutes N` (30), `--seed N`, `--readers N` (3). Repeatable by its seed, as far as timing
// is. Ends with a line of JSON, and with 1 if something is wrong.
import { fork } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { startHubServer } from "../build/serve/index.js";
import { randomOf } from "./fuzz/random.js";
import { slopeOf } from "./soak/slope.js";
import { FAULTS } from "./soak/faults.js";
import { DATASET, ROWS, writeDataset } from "./soak/dataset.js";

/** The part of all requests that go wrong. */
const FAULT_SHARE = 0.08;
/** A reader lives so long on average, before it is killed. */
const LIFE_MS = 6000;
/** Memory is measured after so much of the run: before, caches fill and code is compiled. */
const WARM_SHARE = 0.25;
const READER = new URL("soak/reader.js", import.meta.url);

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "30" },
    seed: { type: "string", default: `${Date.now() % 1_000_000}` },
    readers: { type: "string", default: "3" },
  },
});
const [minutes, seed, readers] = [values.minutes, values.seed, values.readers].map(Number);
const { next: random, pick } = randomOf(seed, 0);

const folder = await mkdtemp(path.join(tmpdir(), "hfstream-soak-"));
const totals = { seed, minutes, passes: 0, rows: 0, kills: 0, faults: 0, wrong: [] };
const memory = [];
/** The process that is never killed. */
const steady = {};
await writeDataset(path.join(folder, "hub"));
const server = await startHubServer({ root: path.join(folder, "hub") });
injectFaults();
const began = Date.now();
const end = began + minutes * 60_000;
const isOver = () => Date.now() >= end || totals.wrong.length > 0;
try {
  await Promise.all([
    readOn("steady", { lives: Infinity }),
    ...Array.from({ length: readers }, (_, index) => readOn(`mortal ${index}`, { lives: LIFE_MS })),
  ]);
} finally {
  steady.child?.kill("SIGKILL");
  await server.close();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
const warm = memory.filter(({ minute }) => minute >= minutes * WARM_SHARE);
const result = {
  ...totals,
  rssMb: { first: warm[0]?.mb, last: warm.at(-1)?.mb, most: Math.max(0, ...warm.map(({ mb }) => mb)) },
  slopeMbPerMinute: Number(slopeOf(warm.map(({ minute, mb }) => [minute, mb])).toFixed(3)),
};
console.log(JSON.stringify(result));
if (totals.wrong.length > 0 || totals.passes === 0) process.exitCode = 1;

/** Lets requests of all kinds go wrong, the whole time: a share of them, however many there are. */
function injectFaults() {
  for (const { match = {}, ...fault } of FAULTS) {
    const strikes = ({ origin }) => {
      const isStruck = (match.origin ?? origin) === origin && random() < FAULT_SHARE / FAULTS.length;
      totals.faults += isStruck ? 1 : 0;
      return isStruck;
    };
    server.inject({ ...fault, match: strikes, times: Infinity });
  }
}

/** Reads pass after pass in one process, which is replaced where its last checkpoint stands when it is killed. */
async function readOn(name, { lives }) {
  const options = { endpoint: server.url, cacheDir: path.join(folder, `cache ${name}`), dataset: DATASET, rows: ROWS };
  for (let pass = 0; !isOver(); pass += 1) {
    const task = { ...options, seed: Math.floor(random() * 1e6), mode: pick(["rows", "shuffle", "batches", "loader"]) };
    for (let checkpoint; !isOver();) {
      const ended = await runReader(
        name,
        { ...task, checkpoint },
        lives === Infinity ? Infinity : lives * (0.3 + 1.4 * random()),
      );
      if (ended.wrong !== undefined)
        totals.wrong.push(`${name}, pass ${pass}, ${task.mode}, seed ${task.seed}: ${ended.wrong}`);
      if (ended.isDone || ended.wrong !== undefined) break;
      checkpoint = ended.checkpoint ?? checkpoint;
    }
    totals.passes += 1;
  }
}

/** Runs a reader until it is done or killed; gives its last checkpoint. */
async function runReader(name, task, lifeMs) {
  const child = lifeMs === Infinity ? (steady.child ??= fork(READER)) : fork(READER);
  const ended = { isDone: false };
  let forget;
  const over = new Promise((resolve) => {
    const onMessage = (message) => {
      if (message.memoryMb !== undefined && lifeMs === Infinity)
        memory.push({ minute: (Date.now() - began) / 60_000, mb: message.memoryMb });
      if (message.checkpoint !== undefined) ended.checkpoint = message.checkpoint;
      if (message.wrong !== undefined) ended.wrong = message.wrong;
      if (message.rows !== undefined) totals.rows += message.rows;
      if (!message.isDone && message.wrong === undefined) return;
      ended.isDone = message.isDone === true;
      resolve();
    };
    child.on("message", onMessage);
    child.on("exit", resolve);
    const timer = setTimeout(resolve, Math.min(lifeMs, Math.max(0, end - Date.now())));
    forget = () => {
      clearTimeout(timer);
      child.off("message", onMessage).off("exit", resolve);
    };
  });
  child.send(task);
  await over;
  forget();
  if (lifeMs === Infinity && !isOver() && child.exitCode === null) return ended;
  if (!ended.isDone) totals.kills += 1;
  child.kill("SIGKILL");
  return ended;
}

// Goes on after a crash. Three ranks save where they stand now and then; all are killed midway; their states are merged,
// and two ranks do the rest. Counted from the saved states, every row is delivered exactly once.
//   node examples/resume-after-kill.js
import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as compute } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { DataLoader, distributedEnv, loadDataset, mergeStates } from "hfstream";

const SAVE_EVERY = 4;
const [role, folder, merged] = process.argv.slice(2);
if (role === "rank") await train();
else await crashAndResume();

/** A rank: takes batches of its part, and saves its state now and then. */
async function train() {
  const { rank, worldSize } = distributedEnv();
  const dataset = loadDataset("hfstream/demo-vision", { columns: ["texts"] })
    .shuffle({ seed: 3 })
    .splitByNode({ worldSize, rank });
  const whole = new DataLoader(dataset, { batchSize: 8 });
  const loader = merged === undefined ? whole : whole.resume(JSON.parse(await readFile(merged, "utf8")));
  const done = [];
  const save = async () => {
    const file = path.join(folder, `rank-${rank}.json`);
    // Written beside and renamed: who is killed while it writes leaves the last good one.
    await writeFile(`${file}.tmp`, JSON.stringify({ state: loader.state(), done }));
    await rename(`${file}.tmp`, file);
  };
  let steps = 0;
  for await (const { texts } of loader) {
    done.push(...texts.map(([{ user }]) => user));
    await compute(20); // what a step of training takes
    steps += 1;
    if (steps % SAVE_EVERY === 0) {
      await save();
      process.send(steps);
    }
  }
  await save();
}

async function crashAndResume() {
  const root = await mkdtemp(path.join(tmpdir(), "resume-after-kill-"));
  try {
    const killed = startRanks(3, [root]);
    // Each has saved at least twice, and then begun what no state tells of.
    await Promise.all(killed.map(async (child, rank) => await reached(child, SAVE_EVERY * (2 + rank))));
    await compute(25);
    for (const child of killed) child.kill("SIGKILL");
    await Promise.all(killed.map(async (child) => await ended(child)));
    const before = await readSaved(root, 3);
    for (const [rank, { done }] of before.entries())
      console.log(`rank ${rank} of 3 had saved ${done.length} rows when it was killed`);

    const file = path.join(root, "merged.json");
    await writeFile(file, JSON.stringify(mergeStates(before.map(({ state }) => state))));
    for (const child of startRanks(2, [root, file])) assert.deepEqual(await ended(child), [0, null]);
    const after = await readSaved(root, 2);
    for (const [rank, { done }] of after.entries()) console.log(`rank ${rank} of 2 did ${done.length} of the rest`);

    const all = [...before, ...after].flatMap(({ done }) => done);
    assert.ok(before.flatMap(({ done }) => done).length < 1000);
    assert.equal(all.length, 1000);
    assert.equal(new Set(all).size, 1000);
    console.log("together: all 1000 rows, each once");
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

function startRanks(worldSize, args) {
  return Array.from({ length: worldSize }, (_, rank) => {
    const env = { ...process.env, RANK: `${rank}`, WORLD_SIZE: `${worldSize}` };
    return fork(fileURLToPath(import.meta.url), ["rank", ...args], { env });
  });
}

/** Waits until a rank has saved that it took so many steps. */
async function reached(child, steps) {
  for (;;) {
    const [saved] = await once(child, "message");
    if (saved >= steps) return;
  }
}

/** How a process ended: its exit code, or the signal that killed it. */
async function ended(child) {
  return child.exitCode === null && child.signalCode === null
    ? await once(child, "exit")
    : [child.exitCode, child.signalCode];
}

async function readSaved(root, worldSize) {
  const read = async (rank) => JSON.parse(await readFile(path.join(root, `rank-${rank}.json`), "utf8"));
  return await Promise.all(Array.from({ length: worldSize }, (_, rank) => read(rank)));
}

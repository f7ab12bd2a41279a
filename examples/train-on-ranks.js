// Reads one dataset by several processes, as torchrun, SLURM or Open MPI start them: each takes its part, all take the same
// number of steps, and they share one cache, so that the Hub is asked once for what all need.
//   node examples/train-on-ranks.js            starts three ranks itself
//   torchrun --no-python --nproc-per-node 3 node examples/train-on-ranks.js rank
import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { distributedEnv, loadDataset } from "hfstream";

const WORLD_SIZE = 3;

if (process.argv[2] === "rank") await readPart();
else await startRanks();

/** What a rank does. */
async function readPart() {
  const { rank, worldSize } = distributedEnv(); // from RANK and WORLD_SIZE, or what else the launcher sets
  const dataset = loadDataset("hfstream/demo-vision", { columns: ["texts"] })
    .shuffle({ seed: 1 })
    .splitByNode({ worldSize, rank, equalize: "pad" }); // 1000 rows are 334 for each of three: two rows come twice
  const rows = dataset.rows();
  const seen = [];
  for await (const { texts } of rows) seen.push(texts[0].user);
  const { requests, cacheHits } = rows.stats;
  console.log(
    `rank ${rank} of ${worldSize}: ${seen.length} rows, ${requests} requests, ${cacheHits} answers of the cache`,
  );
  process.send?.(seen);
}

/** What a launcher does. */
async function startRanks() {
  const parts = await Promise.all(
    Array.from({ length: WORLD_SIZE }, async (_, rank) => {
      const env = { ...process.env, RANK: `${rank}`, WORLD_SIZE: `${WORLD_SIZE}` };
      const child = fork(fileURLToPath(import.meta.url), ["rank"], { env });
      const [[seen], [code]] = await Promise.all([once(child, "message"), once(child, "exit")]);
      assert.equal(code, 0);
      return seen;
    }),
  );
  const union = new Set(parts.flat());
  assert.deepEqual(
    parts.map(({ length }) => length),
    [334, 334, 334],
  );
  assert.equal(union.size, 1000);
  console.log(`together: all ${union.size} rows, ${parts.flat().length - union.size} of them twice`);
}

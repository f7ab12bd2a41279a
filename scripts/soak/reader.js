// Reads one pass of the dataset as it is told, and sends checkpoints: a state, and which rows came up to it.
import { DataLoader, loadDataset } from "../../build/index.js";

const CHECKPOINT_ROWS = 1500;
const MEMORY_EVERY_MS = 2000;

setInterval(() => process.send({ memoryMb: Math.round(process.memoryUsage().rss / 1e6) }), MEMORY_EVERY_MS).unref();
process.on(
  "message",
  (task) => void run(task).catch((error) => process.send({ wrong: `${error.code} ${error.stack}` })),
);

async function run({ dataset, rows, mode, seed, checkpoint, ...options }) {
  const whole = loadDataset(dataset, { ...options, token: false, maxOutageMs: 120_000, revisionTtlMs: 2000 }).select([
    "id",
    "text",
  ]);
  const ordered = mode === "shuffle" || mode === "loader" ? whole.shuffle({ seed, window: 2000 }) : whole;
  /** How often each row came. */
  const seen = Buffer.from(checkpoint?.seen ?? Buffer.alloc(rows).toString("base64"), "base64");
  let sinceCheckpoint = 0;
  let failed;
  const note = (id) => {
    seen[id] += 1;
    sinceCheckpoint += 1;
    if (seen[id] > 1) failed ??= `row ${id} came twice`;
  };
  const mark = (state) => {
    if (sinceCheckpoint < CHECKPOINT_ROWS) return;
    process.send({ checkpoint: { state, seen: seen.toString("base64") }, rows: sinceCheckpoint });
    sinceCheckpoint = 0;
  };
  if (mode === "batches") await readBatches(ordered, note);
  else
    await readRows(mode, checkpoint === undefined ? ordered : ordered.resume(checkpoint.state), {
      note,
      mark,
      isWrong: () => failed,
    });
  const missing = seen.indexOf(0);
  if (missing >= 0) failed ??= `row ${missing} did not come`;
  process.send(failed === undefined ? { isDone: true, rows: sinceCheckpoint } : { wrong: failed });
}

/** Record batches have no state: whoever is killed begins again. */
async function readBatches(dataset, note) {
  for await (const batch of dataset.batches({ batchSize: 1000 }))
    for (const id of batch.getChild("id").toArray()) note(id);
}

async function readRows(mode, dataset, { note, mark, isWrong }) {
  if (mode === "loader") {
    const loader = new DataLoader(dataset, { batchSize: 64, workers: 1 });
    for await (const { id } of loader) {
      id.forEach(note);
      mark(loader.state());
      if (isWrong() !== undefined) return;
    }
    return;
  }
  const iterator = dataset.rows();
  for await (const { id } of iterator) {
    note(id);
    mark(iterator.state());
    if (isWrong() !== undefined) return;
  }
}

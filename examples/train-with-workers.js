// Trains a classifier of texts on batches that two worker threads make: they fetch, decode, shuffle and count words while
// this thread computes. The batches, and so the losses, are the same for any number of workers.
//   node examples/train-with-workers.js
import assert from "node:assert/strict";
import { DataLoader } from "hfstream";
import { BUCKETS, LABELS } from "./captions-dataset.js";

const EPOCHS = 3;
const RATE = 0.05;

const loader = new DataLoader(new URL("captions-dataset.js", import.meta.url), {
  workers: 2,
  batchSize: 50,
  // Runs in this thread: here the rows of a batch become what the model takes.
  collate: (rows) => ({ inputs: rows.map(({ words }) => words), labels: rows.map(({ label }) => label) }),
});

const weights = LABELS.map(() => new Float32Array(BUCKETS));
const losses = [];
for (let epoch = 0; epoch < EPOCHS; epoch += 1) {
  const batches = loader.withEpoch(epoch)[Symbol.asyncIterator]();
  let loss = 0;
  let steps = 0;
  for await (const batch of batches) {
    loss += trainOn(batch);
    steps += 1;
  }
  losses.push(loss / steps);
  const { rows, bytesFetched, requests } = batches.stats;
  console.log(`epoch ${epoch}: loss ${losses[epoch].toFixed(3)}, ${rows} rows in ${steps} batches`);
  console.log(`         ${requests} requests, ${Math.round(bytesFetched / 1024)} KiB`);
  assert.equal(rows, 1000);
}
assert.ok(losses[EPOCHS - 1] < losses[0] / 2, "the classifier learns");

/** One step of gradient descent on a batch, by softmax regression. Gives the mean loss before it. */
function trainOn({ inputs, labels }) {
  let loss = 0;
  for (const [index, words] of inputs.entries()) {
    const scores = weights.map((row) => Math.exp(dot(row, words)));
    const sum = scores.reduce((total, score) => total + score, 0);
    loss -= Math.log(scores[labels[index]] / sum);
    for (const [label, row] of weights.entries()) {
      const error = scores[label] / sum - (label === labels[index] ? 1 : 0);
      for (let bucket = 0; bucket < BUCKETS; bucket += 1) row[bucket] -= (RATE * error * words[bucket]) / 10;
    }
  }
  return loss / inputs.length;
}

function dot(left, right) {
  return left.reduce((sum, value, index) => sum + value * right[index], 0);
}

// Reads some rows of a shuffled, filtered and mapped dataset, from where a state says, and prints their ids and the state
// behind them as one line of JSON. Arguments: the dataset's id, the options of `loadDataset`, and what to read, as JSON.
import { loadDataset, mergeStates } from "../../dist/index.js";

const { states = [], part, take } = JSON.parse(process.argv[4]);
let dataset = loadDataset(process.argv[2], JSON.parse(process.argv[3]))
  .shuffle({ seed: 9, window: 100 })
  .filter([["id", "not in", [5, 50]]])
  .map(async ({ id }) => ({ double: id * 2 }))
  .filter(({ double }) => double % 3 !== 0);
if (part !== undefined) dataset = dataset.splitByNode(part);
if (states.length > 0) dataset = dataset.resume(states.length === 1 ? states[0] : mergeStates(states));
const rows = dataset.rows();
const ids = [];
while (ids.length < (take ?? Infinity)) {
  const next = await rows.next();
  if (next.done) break;
  ids.push(next.value.id);
}
process.stdout.write(`${JSON.stringify({ ids, state: rows.state() })}\n`);
await rows.return();

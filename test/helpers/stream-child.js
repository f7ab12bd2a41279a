// Streams a dataset in a process of its own and prints what it saw as one line of JSON.
// Arguments: the dataset's id, and the options of `loadDataset` with `take` beside them, as JSON.
import { loadDataset } from "../../dist/index.js";

const { take = Infinity, ...options } = JSON.parse(process.argv[3]);
const rows = loadDataset(process.argv[2], options).rows();
let count = 0;
for await (const row of rows) {
  if (row !== undefined) count += 1;
  if (count >= take) break;
}
process.stdout.write(`${JSON.stringify({ count, stats: rows.stats })}\n`);

// Streams rows of a dataset, reads only two columns of it, and stops early.
//   node examples/stream-rows.js [org/name]
import { isHfStreamError, loadDataset } from "hfstream";

const id = process.argv[2] ?? "hfstream/demo-vision";
const dataset = loadDataset(id, { columns: ["source", "rating"], filters: [["rating", ">=", 4]] });
const rows = dataset.rows();
try {
  for await (const row of rows) {
    console.log(row);
    if (rows.stats.rows === 5) break; // ends all that is under way
  }
  console.log(`${rows.stats.requests} requests, ${rows.stats.bytesFetched} bytes`);
} catch (error) {
  if (!isHfStreamError(error)) throw error;
  console.error(`${error.code}: ${error.message}`);
  process.exitCode = 1;
}

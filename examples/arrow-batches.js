// Reads a dataset as Arrow record batches, without making a row object: the sum of a column.
//   node examples/arrow-batches.js [org/name] [column]
import { loadDataset } from "hfstream";

const [id = "hfstream/demo-vision", column = "rating"] = process.argv.slice(2);
let sum = 0;
let count = 0;
for await (const batch of loadDataset(id, { columns: [column] }).batches({ batchSize: 256 })) {
  for (const value of batch.getChild(column) ?? []) sum += Number(value ?? 0);
  count += batch.numRows;
}
console.log(`${count} rows, ${column} adds up to ${sum}`);

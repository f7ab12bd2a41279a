// Loads batches in a process of its own, leaves in the way that is asked for, and prints when it did.
// Arguments: how to leave ("break", "return", "drop" or "throw"), the module or dataset as JSON, the number of workers.
import { DataLoader, loadDataset } from "../../dist/index.js";

const [how, source, workers] = process.argv.slice(2);
const { url, id, options } = JSON.parse(source);
const loader = new DataLoader(url ?? loadDataset(id, options), { batchSize: 10, workers: Number(workers) });
process.stdout.write(`${await leave()}\n`);

async function leave() {
  if (how === "drop") return (await loader[Symbol.asyncIterator]().next()).value.id.length; // nobody calls `return`
  if (how === "return") {
    const batches = loader[Symbol.asyncIterator]();
    void batches.next();
    await batches.return();
    return 0;
  }
  try {
    for await (const { id: ids } of loader) {
      if (how === "break") return ids.length;
      throw new Error("the loop's own");
    }
  } catch (error) {
    return error.message;
  }
}

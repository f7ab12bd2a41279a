// Streams a dataset in a process of its own and prints, as one line of JSON, what that cost in counts: requests, bytes
// fetched and copied, bytes of heap for each row. Run with --expose-gc and a young generation that need not be collected.
// Arguments: the dataset's id, and the options of `loadDataset` as JSON.
import { loadDataset } from "../../dist/index.js";

let copied = 0;
const { set, slice } = Uint8Array.prototype;
// oxlint-disable-next-line no-extend-native -- copies cannot be counted otherwise
Uint8Array.prototype.set = function (source, offset) {
  copied += source.byteLength ?? 0;
  set.call(this, source, offset);
};
// oxlint-disable-next-line no-extend-native -- copies cannot be counted otherwise
Uint8Array.prototype.slice = function (start, end) {
  const part = slice.call(this, start, end);
  copied += part.byteLength;
  return part;
};

const [id, options] = process.argv.slice(2);
const run = async () => {
  const iterator = loadDataset(id, JSON.parse(options)).rows();
  let rows = 0;
  for await (const row of iterator) rows += row === undefined ? 0 : 1;
  const { requests, bytesFetched } = iterator.stats;
  return { rows, requests, bytesFetched };
};
const first = await run(); // with nothing in the cache
const copiedBytes = copied;
globalThis.gc();
const before = process.memoryUsage().heapUsed;
await run();
const heapBytes = process.memoryUsage().heapUsed - before;
process.stdout.write(`${JSON.stringify({ ...first, copiedBytes, heapBytes })}\n`);

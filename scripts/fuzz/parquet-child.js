// Reads the files of some seeds and tells the parent what each became.
import { readdirSync, readFileSync } from "node:fs";
import { isHfStreamError } from "../../build/errors.js";
import { createDecoder } from "../../build/parquet/decode/create-decoder.js";
import { parseFooter, readFooter } from "../../build/parquet/footer/footer.js";
import { ParquetFile } from "../../build/parquet/parquet-file.js";
import { RowDecoder } from "../../build/stream/arrow/row-decoder.js";
import { differsInBodiesOnly, mutate } from "./mutate.js";

const FIXTURES = new URL("../../test/fixtures/", import.meta.url);
/** The fixture whose pages all have checksums: what differs there is seen. */
const CHECKED = "checksums.parquet";
const MEMORY_BUDGET = 16 * 1024 * 1024;
const MAX_EXTRA_BYTES = 100 * 1024 * 1024;
/** Rows that are read of a file: damage may make billions of a few bytes. */
const MAX_ROWS = 20_000;
const LARGE_FILE_BYTES = 64 * 1024;

const [from, to] = process.argv.slice(2).map(Number);
const files = readdirSync(FIXTURES)
  .filter((name) => name.endsWith(".parquet"))
  .map((name) => ({ name, bytes: new Uint8Array(readFileSync(new URL(name, FIXTURES))) }));
// Small ones come round more often, and the one with checksums most often.
const small = files.filter(({ bytes }) => bytes.length < LARGE_FILE_BYTES);
const pool = [...files, ...small, ...small, ...Array(10).fill(files.find(({ name }) => name === CHECKED))];
const inline = createDecoder(0);
let threads;

for (const { bytes, name } of files) await read(bytes, name, inline); // what is loaded once is not of a seed
const original = (await read(files.find(({ name }) => name === CHECKED).bytes, CHECKED, inline)).rows;

for (let seed = from; seed < to; seed += 1) {
  process.send({ seed, began: true });
  process.send({ seed, began: false, result: await run(seed) });
}
await threads?.close();
process.disconnect();

async function run(seed) {
  const { bytes, before, what, name } = mutate(seed, pool);
  const decoder = seed % 16 === 0 ? (threads ??= createDecoder(1)) : inline;
  const result = { what: `${name}, ${what}`, rows: 0, rssBytes: 0 };
  const baseBytes = process.memoryUsage.rss(); // what came before is not of this file
  try {
    const { rows, count } = await read(bytes, name, decoder);
    result.rows = count;
    const isCovered = name === CHECKED && differsInBodiesOnly(before, bytes);
    if (isCovered && JSON.stringify(rows, plain) !== JSON.stringify(original, plain))
      result.silent = "other rows, and no error";
  } catch (error) {
    if (isHfStreamError(error)) result.refused = error.code;
    else result.uncoded = error?.stack ?? String(error);
  }
  result.rssBytes = process.memoryUsage.rss();
  if (result.rssBytes > baseBytes + MEMORY_BUDGET + MAX_EXTRA_BYTES) {
    result.heavy = `${Math.round((result.rssBytes - baseBytes) / 2 ** 20)} MiB`;
  }
  return result;
}

function plain(_, value) {
  return typeof value === "bigint" ? `${value}n` : value;
}

async function read(bytes, path, decoder) {
  const source = {
    path,
    size: bytes.length,
    async read({ offset, length }, { into = new Uint8Array(length) } = {}) {
      into.set(bytes.subarray(offset, offset + length));
      return into;
    },
  };
  const file = new ParquetFile(source, parseFooter(await readFooter(source), source));
  file.features();
  const columns = file.schema.fields.map(({ name }) => ({ name, source: name }));
  const rowDecoder = new RowDecoder(columns, { int64: "bigint", temporal: "bigint" });
  const rows = [];
  let count = 0;
  for (const [unit, { rows: end }] of file.units.entries()) {
    for await (const batch of batchesOf(file, { unit, end, decoder })) {
      const decode = rowDecoder.reader(batch);
      for (let row = 0; row < batch.numRows; row += 1) rows.push(decode(row));
      count += batch.numRows;
      if (count > MAX_ROWS) return { rows: [], count };
      if (path !== CHECKED) rows.length = 0;
    }
  }
  return { rows, count };
}

async function* batchesOf(file, { unit, end, decoder }) {
  const request = { unit, start: 0, end, columns: undefined, predicate: undefined, sliceBytes: 1 << 20 };
  const prepared = end === 0 ? undefined : await file.prepare(request, {});
  if (prepared === undefined) return;
  const stop = new AbortController();
  const reading = prepared.read({
    decoder,
    blockSize: 1 << 20,
    memoryBudget: MEMORY_BUDGET,
    signal: stop.signal,
    admit: async () => {},
    onDecoded: () => {},
  });
  try {
    for await (const { batch } of reading.batches) yield batch;
  } finally {
    stop.abort();
    await reading.fetched;
  }
}

// What every bundle does: rows from a Hub, types that need WebAssembly, Arrow batches, a loader with threads.
import { DataLoader, isHfStreamError, loadDataset } from "hfstream";

/** Reads by all ways, and tells what came, and which warnings there were. */
export async function read() {
  const warnings = [];
  process.on("warning", ({ code, message }) => warnings.push(code ?? message));
  const options = { endpoint: process.env.HUB, cacheDir: process.env.CACHE };
  const dataset = loadDataset("org/demo", options);
  let rows = 0;
  for await (const row of dataset) rows += Object.keys(row).length > 0 ? 1 : 0;
  const rare = [];
  for (const file of ["decimals", "nested", "codec-lz4-v2"]) {
    const local = loadDataset("parquet", {
      dataFiles: `${process.env.FIXTURES}/${file}.parquet`,
      cacheDir: options.cacheDir,
    });
    for await (const row of local.take(20))
      rare.push(JSON.stringify(row, (_, value) => (typeof value === "bigint" ? `${value}n` : value)));
  }
  let batchRows = 0;
  for await (const batch of dataset.batches()) batchRows += batch.numRows;
  let loaderRows = 0;
  for await (const { source } of new DataLoader(dataset.shuffle({ seed: 1 }), { batchSize: 50, workers: 2 }))
    loaderRows += source.length;
  const error = await loadDataset("org/none", options)
    .info()
    .catch((thrown) => thrown);
  await new Promise((resolve) => setTimeout(resolve, 50)); // warnings come a little later
  return {
    rows,
    rare,
    batchRows,
    loaderRows,
    isOwnError: isHfStreamError(error, "DATASET_NOT_FOUND"),
    warnings: [...new Set(warnings)],
  };
}

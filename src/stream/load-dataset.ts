import { createMeter } from "../hub/meter.ts";
import { DatasetReader } from "./dataset-reader.ts";
import { DatasetSource } from "./dataset-source.ts";
import { IterableDataset } from "./iterable-dataset.ts";
import type { DatasetRow } from "./row-types.ts";
import { checkOptions, type LoadDatasetOptions } from "./options.ts";
import type { Step } from "./steps/steps.ts";

/**
 * Opens a dataset for streaming. Returns at once and does no I/O: the first asynchronous use resolves it.
 *
 * `id` is `org/name` on the Hub (or a legacy one-word name), `hf://datasets/org/name[@revision][/folder or file]`, the
 * address of a page of it (`https://huggingface.co/datasets/…`), a local folder or file (absolute, or beginning with `.`),
 * the web address of a data file, or a format such as `parquet` together with `dataFiles`. A file is read alone.
 *
 * Throws `INVALID_OPTION` at once for options that are wrong or unknown.
 *
 * @example
 * ```ts
 * for await (const row of loadDataset("HuggingFaceM4/FineVisionMax")) console.log(row);
 * ```
 */
export function loadDataset<Row extends object = DatasetRow>(
  id: string,
  options: LoadDatasetOptions<NoInfer<Row>> = {},
): IterableDataset<Row> {
  const reader = new DatasetReader(id, checkOptions(options as LoadDatasetOptions, "loadDataset(id, {})"));
  const { settings } = reader;
  const steps: Step[] = [];
  if (settings.predicate !== undefined) steps.push({ kind: "where", predicate: settings.predicate });
  if (settings.columns !== undefined) steps.push({ kind: "select", columns: settings.columns });
  return new IterableDataset<Row>({ origin: { kind: "line", reader }, steps, onError: "throw" });
}

/** Lists the names of a dataset's configs, in the order of its card; `['default']` where it has none of its own. */
export async function getDatasetConfigNames(id: string, options: LoadDatasetOptions = {}): Promise<string[]> {
  const checked = checkOptions(options, "getDatasetConfigNames(id, {})");
  const { signal } = checked;
  return await new DatasetSource(id, checked).configNames({ signal, meter: createMeter() });
}

/** Lists the names of the splits of a dataset's config, in order. */
export async function getDatasetSplitNames(id: string, options: LoadDatasetOptions = {}): Promise<string[]> {
  const checked = checkOptions(options, "getDatasetSplitNames(id, {})");
  const { signal } = checked;
  const source = new DatasetSource(id, checked);
  const reading = { signal, meter: createMeter() };
  try {
    const { config } = await source.resolve(reading);
    return config.splits.map(({ name }) => name);
  } catch (error) {
    throw await source.adviseConversion(error, reading);
  }
}

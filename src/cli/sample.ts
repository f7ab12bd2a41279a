import type { IterableDataset } from "../stream/iterable-dataset.ts";
import { concatenateDatasets } from "../stream/join-datasets.ts";
import { keyOf, Permutation } from "../stream/order/permutation.ts";

/**
 * `count` rows from anywhere, each as likely, in their order: the same for the same seed. Only where filters leave no
 * places to choose from are rows taken that `shuffle` puts first.
 */
export async function sampleRows(dataset: IterableDataset, count: number, seed: number): Promise<IterableDataset> {
  const numRows = await dataset.numRows();
  if (numRows === null) return dataset.shuffle({ seed }).take(count);
  if (numRows <= count) return dataset;
  const chosen = new Permutation(numRows, keyOf(seed, "sample"));
  const places = Array.from({ length: count }, (_, index) => chosen.at(index)).sort((a, b) => a - b);
  return count === 0 ? dataset.take(0) : concatenateDatasets(places.map((place) => dataset.slice(place, place + 1)));
}

// A dataset with functions, as worker threads need it: a module whose default export makes it. Each thread loads this
// module and calls the function; `DataLoader` then deals the rows, so all must make the same dataset.
import { loadDataset } from "hfstream";

/** What the texts of a row are about. */
export const LABELS = ["charts", "photos", "scans", "diagrams"];
/** Words are counted in so many buckets. */
export const BUCKETS = 64;

export default function makeDataset() {
  return loadDataset("hfstream/demo-vision", { columns: ["texts", "source"] })
    .shuffle({ seed: 7 }) // another order in each epoch
    .map(({ texts, source }) => ({ words: countWords(texts), label: LABELS.indexOf(source) }), {
      remove: ["texts", "source"],
    });
}

/** What would be a tokenizer: typed arrays cross to the main thread without being cloned. */
function countWords(texts) {
  const counts = new Float32Array(BUCKETS);
  for (const { user, assistant } of texts) {
    for (const word of `${user} ${assistant}`.toLowerCase().match(/[a-z]+/g) ?? []) counts[bucketOf(word)] += 1;
  }
  return counts;
}

function bucketOf(word) {
  let hash = 0;
  for (const letter of word) hash = (hash * 31 + letter.charCodeAt(0)) % BUCKETS;
  return hash;
}

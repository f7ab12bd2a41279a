import path from "node:path";
import { pathToFileURL } from "node:url";
import { writeFile } from "node:fs/promises";
import type { TestHub } from "./hub-with-numbers.ts";

/** What ships: threads load it, which know nothing of the tests' sources. */
const BUILT = new URL("../../build/index.js", import.meta.url).href;

let modules = 0;

/**
 * Writes a module for `DataLoader` beside what a Hub serves, and gives its URL. In `code`, `load(options)` loads
 * `org/numbers` of the Hub.
 */
export async function moduleOf(hub: TestHub, code: string): Promise<URL> {
  modules += 1;
  const folder = path.dirname(hub.root);
  const file = path.join(folder, `dataset-${modules}.mjs`);
  const lines = [
    `import { existsSync, writeFileSync, appendFileSync } from "node:fs";`,
    `import { concatenateDatasets, interleaveDatasets, loadDataset } from ${JSON.stringify(BUILT)};`,
    `const load = (options) => loadDataset("org/numbers", { ...${JSON.stringify(hub.options)}, ...options });`,
    code,
  ];
  await writeFile(file, lines.join("\n"));
  return pathToFileURL(file);
}

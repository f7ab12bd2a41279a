import { getDatasetConfigNames, getDatasetSplitNames, loadDataset } from "../stream/load-dataset.ts";
import type { Command } from "./command.ts";
import { DATASET_OPTIONS, datasetOptions } from "./dataset-options.ts";
import { describeFeature } from "./describe-feature.ts";
import { formatBytes, formatCount, toJson } from "./format.ts";

export const infoCommand: Command = {
  name: "info",
  positionals: ["ID"],
  summary: "Tells what a dataset consists of: splits, files, rows and features.",
  options: {
    scan: { type: "boolean", help: "count the rows by the footers of all files" },
    json: { type: "boolean", help: "as JSON" },
    ...DATASET_OPTIONS,
  },
  async run([id = ""], options, { stdout, signal }) {
    const chosen = datasetOptions(options, signal);
    const configs = await getDatasetConfigNames(id, chosen);
    const splits = await getDatasetSplitNames(id, chosen);
    const info = await loadDataset(id, chosen).info({ scan: options["scan"] === true });
    if (options["json"] === true) {
      stdout.write(`${toJson({ ...info, configs, splits })}\n`);
      return;
    }
    const lines: [string, string][] = [
      ["dataset", info.id],
      ["commit", info.commit],
      ["config", configs.length === 1 ? info.config : `${info.config} (of ${configs.join(", ")})`],
      ["split", splits.length === 1 ? info.split : `${info.split} (of ${splits.join(", ")})`],
      ["files", `${formatCount(info.files.length)}, ${formatBytes(info.numBytes)}`],
      ["rows", info.numRows === undefined ? "not counted yet; --scan counts" : formatCount(info.numRows)],
      ["features", ""],
    ];
    for (const [label, value] of lines) stdout.write(`${label.padEnd(10)}${value}`.trimEnd() + "\n");
    const names = Object.keys(info.features);
    const width = Math.max(0, ...names.map((name) => name.length));
    for (const name of names) {
      const feature = info.features[name];
      if (feature !== undefined) stdout.write(`  ${name.padEnd(width)}  ${describeFeature(feature)}\n`);
    }
  },
};

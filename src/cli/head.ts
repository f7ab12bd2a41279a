import { loadDataset } from "../stream/load-dataset.ts";
import type { Command } from "./command.ts";
import { DATASET_OPTIONS, datasetOptions, text, wholeNumber } from "./dataset-options.ts";
import { formatValue, toJson } from "./format.ts";
import { showProgress } from "./progress.ts";
import { renderTable } from "./table.ts";

const DEFAULT_ROWS = 5;

export const headCommand: Command = {
  name: "head",
  positionals: ["ID"],
  summary: "Prints the first rows of a dataset: a table, or JSON lines with --json.",
  details: "ID is org/name on the Hub, hf://datasets/org/name@revision, or a local folder (./data).",
  options: {
    rows: { type: "string", short: "n", value: "N", help: `how many rows (default: ${DEFAULT_ROWS})` },
    columns: { type: "string", value: "A,B", help: "only these columns; others are not fetched" },
    json: { type: "boolean", help: "one JSON object a line, binary in base64" },
    ...DATASET_OPTIONS,
  },
  async run([id = ""], options, terminal) {
    const count = wholeNumber("rows", options["rows"], DEFAULT_ROWS);
    const columns = text(options["columns"])?.split(",");
    const dataset = loadDataset(id, {
      ...datasetOptions(options, terminal.signal),
      columns,
      int64: "bigint",
      temporal: "bigint",
      prefetchDepth: 0,
    }).take(count);
    const rows = dataset.rows();
    const stop = showProgress(rows.stats, terminal);
    const found: Record<string, unknown>[] = [];
    try {
      for await (const row of rows) {
        if (options["json"] === true) terminal.stdout.write(`${toJson(row)}\n`);
        else found.push(row);
      }
    } finally {
      stop();
    }
    if (options["json"] === true) return;
    const { features } = await dataset.info();
    const names = columns ?? Object.keys(features);
    const cells = found.map((row) => names.map((name) => formatValue(row[name], features[name])));
    terminal.stdout.write(`${renderTable(names, cells, terminal.columns)}\n`);
  },
};

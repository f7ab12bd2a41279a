import { isHfStreamError } from "../../errors.ts";
import type { DatasetInfo } from "../../stream/dataset-info.ts";
import { toJson } from "../../stream/json-row.ts";
import type { Command, Terminal } from "../command.ts";
import { DATASET_OPTIONS, type NamedDataset, namedDataset } from "../dataset-options.ts";
import { describeFeature } from "../output/describe-feature.ts";
import { countOf, formatBytes, formatCount } from "../output/format.ts";
import { renderTable } from "../output/table.ts";
import { wrap } from "../output/wrap.ts";
import { showStatus, type Status } from "../status.ts";
import { write } from "../write.ts";

const CONFIGS_SHOWN = 20;

export const infoCommand: Command = {
  name: "info",
  positionals: ["ID…"],
  summary: "Tells what a dataset consists of: configs, splits, files, rows and features.",
  details: ["ID is what 'head' takes. Without -s all splits are told, without -c the default config."],
  examples: ["info HuggingFaceM4/FineVisionMax", "info org/name -c en --scan", "info ./data --json"],
  options: {
    scan: { type: "boolean", help: "count the rows by the footers of all files" },
    json: { type: "boolean", help: "as JSON" },
    ...DATASET_OPTIONS,
  },
  async run(ids, options, terminal) {
    const named = namedDataset(ids, options, terminal);
    const status = showStatus(terminal);
    let answer: string;
    try {
      const told = await lookAt(named, options["scan"] === true, status);
      answer = options["json"] === true ? `${toJson(jsonOf(told))}\n` : describe(told, terminal);
    } finally {
      status.stop();
    }
    await write(terminal.stdout, answer);
  },
};

/** A dataset's configs, and the splits of one of them: none where it must be said which. */
interface Told {
  readonly id: string;
  readonly configs: readonly string[];
  readonly splits: readonly DatasetInfo[];
}

async function lookAt({ id, options }: NamedDataset, scan: boolean, status: Status): Promise<Told> {
  const { getDatasetConfigNames, getDatasetSplitNames, loadDataset } = await import("../../stream/load-dataset.ts");
  const onProgress = options.onProgress ?? ((progress) => status.progress(progress));
  const configs = await getDatasetConfigNames(id, options);
  try {
    const names = options.split === undefined ? await getDatasetSplitNames(id, options) : [options.split];
    const splits: DatasetInfo[] = [];
    for (const split of names) splits.push(await loadDataset(id, { ...options, split, onProgress }).info({ scan }));
    return { id, configs, splits };
  } catch (error) {
    if (isHfStreamError(error, "CONFIG_REQUIRED")) return { id, configs, splits: [] };
    throw error;
  }
}

/** What programs read: the first split's info, with what there is besides. */
function jsonOf({ id, configs, splits }: Told): object {
  const [first] = splits;
  const names = splits.map(({ split }) => split);
  if (first === undefined) return { id, configs, splits: names };
  const rows = splits.map(({ split, numRows, numBytes, files }) => ({ split, numRows, numBytes, files: files.length }));
  return { ...first, configs, splits: names, bySplit: rows };
}

function describe({ id, configs, splits }: Told, { columns }: Terminal): string {
  const [first] = splits;
  if (first === undefined) {
    const names = configs.map((name) => `  ${name}\n`).join("");
    return `dataset   ${id}\nconfigs   ${formatCount(configs.length)}\n${names}\nNone is the default: -c NAME chooses one.\n`;
  }
  const shown = configs.slice(0, CONFIGS_SHOWN).join(", ") + (configs.length > CONFIGS_SHOWN ? ", …" : "");
  const others = configs.length === 1 ? "" : ` (of ${formatCount(configs.length)}: ${shown})`;
  return [
    `dataset   ${first.id}`,
    `commit    ${first.commit}`,
    wrap(`config    ${first.config}${others}`, columns),
    "",
    splitTable(splits, columns),
    "",
    featureTable(first, columns),
    "",
  ].join("\n");
}

function splitTable(splits: readonly DatasetInfo[], columns: number | undefined): string {
  const cells = splits.map(({ split, numRows, files, numBytes }) => [
    split,
    numRows === undefined ? "?" : formatCount(numRows),
    formatCount(files.length),
    formatBytes(numBytes),
  ]);
  const isNumber = true;
  const names = [
    { name: "split" },
    { name: "rows", isNumber },
    { name: "files", isNumber },
    { name: "size", isNumber },
  ];
  const { text } = renderTable(names, cells, columns);
  const isOpen = splits.some(({ numRows }) => numRows === undefined);
  return isOpen ? `${text}\n\nRows are not counted yet where there is a '?': --scan counts them.` : text;
}

function featureTable({ features }: DatasetInfo, columns: number | undefined): string {
  const cells = Object.entries(features).map(([name, feature]) => [name, describeFeature(feature)]);
  return `${renderTable([{ name: "column" }, { name: "type" }], cells, columns).text}\n\n${countOf(cells.length, "column")}`;
}

import { HfStreamError } from "../../errors.ts";
import { didYouMean, findNearNames } from "../../fs/near-names.ts";
import type { OnProgress } from "../../fs/progress.ts";
import type { Features } from "../../resolve/features/features.ts";
import type { IterableDataset } from "../../stream/iterable-dataset.ts";
import type { Command, OptionValues, Terminal } from "../command.ts";
import { DATASET_OPTIONS, type NamedDataset, namedDataset, text, wholeNumber } from "../dataset-options.ts";
import { ROW_FORMATS, type RowFormat, writeRows } from "../output/rows.ts";
import { showStatus, type Status } from "../status.ts";
import { write } from "../write.ts";

const DEFAULT_ROWS = 5;
/** So few are of one row group, most likely: nothing is read ahead. */
const FEW_ROWS = 1000;

export const headCommand: Command = {
  name: "head",
  positionals: ["ID…"],
  summary: "Prints rows of a dataset: the first ones, others, or those that match.",
  details: [
    "ID is org/name on the Hub, hf://datasets/org/name@revision, a local folder (./data), or files: data/*.parquet, " +
      "hf://datasets/org/name/*.parquet.",
    "CONDITION compares columns with values: score >= 0.5, lang in (en, fr), title = 'two words', day < 2024-01-31, " +
      "label is not null; joined by 'and' and 'or'. Only what may match is fetched.",
  ],
  examples: [
    "head HuggingFaceM4/FineVisionMax",
    "head org/name --columns id,text --where 'lang in (en, fr)' -n 20",
    "head org/name --sample 10 --seed 7 --record",
    "head './data/*.parquet' -n 1000 --format csv > rows.csv",
  ],
  options: {
    rows: { type: "string", short: "n", value: "N", help: `how many rows (default: ${DEFAULT_ROWS})` },
    skip: { type: "string", value: "N", help: "leave out the first N rows, which are not fetched" },
    sample: { type: "string", value: "N", help: "N rows from anywhere, instead of the first" },
    seed: { type: "string", value: "N", help: "another seed, another sample (default: 0)" },
    columns: { type: "string", value: "A,B", help: "only these columns; others are not fetched" },
    where: {
      type: "string",
      multiple: true,
      value: "CONDITION",
      help: "only rows that match; more than one must all hold",
    },
    format: { type: "string", value: "FORMAT", help: `${ROW_FORMATS.join(", ")} (default: table)` },
    record: { type: "boolean", help: "one field a line, the same as --format record" },
    json: {
      type: "boolean",
      help: 'JSON lines, the same as --format json: integers whole, bytes as {"$bytes": base64}',
    },
    ...DATASET_OPTIONS,
  },
  async run(ids, options, terminal) {
    const format = formatOf(options);
    const named = namedDataset(ids, options, terminal);
    const status = showStatus(terminal, { streams: format !== "table" });
    try {
      const chosen = await chooseRows(named, options, status);
      const { features, first, total } = chosen;
      const rows = watched(chosen, status, terminal);
      const about = { features, first, total, width: terminal.columns };
      for await (const piece of writeRows(rows, format, about)) {
        if (format === "table") status.stop(); // it comes in one piece
        await write(terminal.stdout, piece);
      }
    } finally {
      status.stop();
    }
  },
};

interface ChosenRows {
  readonly dataset: IterableDataset;
  /** How many there will be, at most. */
  readonly count: number;
  readonly features: Features;
  readonly first: number | undefined;
  readonly total: number | undefined;
}

async function chooseRows(
  { id, name: called, options: loading }: NamedDataset,
  options: OptionValues,
  status: Status,
): Promise<ChosenRows> {
  const { count, skip, sample } = placesOf(options);
  const { loadDataset } = await import("../../stream/load-dataset.ts");
  const columns = text(options["columns"])
    ?.split(",")
    .map((name) => name.trim());
  const reading = {
    ...loading,
    columns,
    temporal: "string",
    prefetchDepth: count <= FEW_ROWS ? 0 : undefined,
  } as const;
  const { features, numRows } = await loadDataset(id, reading).info();
  const shown = await chosenFeatures(features, columns, called);
  const where = options["where"] as readonly string[] | undefined;
  const about = { count, features: shown, total: where === undefined ? numRows : undefined };
  const filters = where === undefined ? undefined : (await import("../where.ts")).parseWhere(where, features);
  const onProgress: OnProgress = (progress) => status.progress(progress);
  const rows = loadDataset(id, { ...reading, filters, onProgress }).skip(skip);
  if (sample === undefined)
    return { ...about, dataset: rows.take(count), first: where === undefined ? skip : undefined };
  const { sampleRows } = await import("../sample.ts");
  return { ...about, dataset: await sampleRows(rows, sample.count, sample.seed), first: undefined };
}

interface Places {
  readonly count: number;
  readonly skip: number;
  readonly sample: { readonly count: number; readonly seed: number } | undefined;
}

/** Which rows are asked for. */
function placesOf(options: OptionValues): Places {
  const skip = wholeNumber("skip", options["skip"], 0);
  const rows = wholeNumber("rows", options["rows"], undefined);
  const seed = wholeNumber("seed", options["seed"], undefined);
  const count = wholeNumber("sample", options["sample"], undefined);
  if (count === undefined && seed !== undefined)
    throw new HfStreamError("INVALID_OPTION", "--seed is for --sample, which is missing.");
  if (count !== undefined && rows !== undefined)
    throw new HfStreamError("INVALID_OPTION", "--sample and --rows both say how many rows: give one of them.");
  if (count === undefined) return { count: rows ?? DEFAULT_ROWS, skip, sample: undefined };
  return { count, skip, sample: { count, seed: seed ?? 0 } };
}

/** The features of the columns asked for. Throws `COLUMN_NOT_FOUND`, before anything is written. */
async function chosenFeatures(
  features: Features,
  columns: readonly string[] | undefined,
  dataset: string,
): Promise<Features> {
  const missing = columns?.filter((name) => !Object.hasOwn(features, name)) ?? [];
  if (missing.length > 0) {
    const { columnNotFound } = await import("../../parquet/predicate/evaluate.ts");
    throw columnNotFound(
      missing,
      Object.keys(features).map((name) => ({ name })),
      dataset,
    );
  }
  return Object.fromEntries((columns ?? Object.keys(features)).map((name) => [name, features[name]])) as Features;
}

/** The rows, with how far they are in the status line, and a word on those that are missing. */
async function* watched(
  { dataset, count: total }: ChosenRows,
  status: Status,
  { stderr }: Terminal,
): AsyncGenerator<Record<string, unknown>> {
  const rows = dataset.rows();
  let done = 0;
  status.progress({ stage: "reading", done, total, unit: "rows" });
  for await (const row of rows) {
    yield row;
    done += 1;
    status.progress({ stage: "reading", done, total, unit: "rows" });
  }
  for (const { path, reason } of rows.stats.skippedFiles) stderr.write(`hfstream: left out ${path}: ${reason}\n`);
}

function formatOf(options: OptionValues): RowFormat {
  const given = [text(options["format"]), ...(["record", "json"] as const).filter((name) => options[name] === true)];
  const [name = "table", other] = given.filter((format) => format !== undefined);
  if (other !== undefined && other !== name)
    throw new HfStreamError("INVALID_OPTION", `--format ${name} and --${other}: give one of them.`);
  const format = ROW_FORMATS.find((known) => known === name);
  if (format !== undefined) return format;
  throw new HfStreamError(
    "INVALID_OPTION",
    `There is no --format ${name}${didYouMean(findNearNames(name, ROW_FORMATS))} Formats are: ${ROW_FORMATS.join(", ")}.`,
  );
}

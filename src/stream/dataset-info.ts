import type { DataFile } from "../fs/types.ts";
import type { Features } from "../resolve/features/features.ts";
import { redact } from "../redact.ts";
import { createMeter } from "../hub/meter.ts";
import type { DatasetReader, OpenDataset } from "./dataset-reader.ts";
import { LineIndex, unitsOfFile } from "./line-index.ts";

const WHOLE = { start: 0, end: Infinity };

/** What is known of a dataset's splits that were asked for. */
export interface DatasetInfo {
  /** `org/name`, or the folder. */
  readonly id: string;
  /** The commit; of a local folder, a hash of what it holds. */
  readonly commit: string;
  readonly config: string;
  /** As asked for. */
  readonly split: string;
  readonly features: Features;
  /** Rows of the splits, before any step; `undefined` where nothing that was read tells it. */
  readonly numRows: number | undefined;
  /** Bytes of the files. */
  readonly numBytes: number;
  /** In the order in which they are read. */
  readonly files: readonly DataFile[];
}

/** Describes datasets that are read together; with `scan`, by the footers of all their files. */
export async function describeDataset(
  readers: readonly DatasetReader[],
  { scan }: { readonly scan: boolean },
): Promise<DatasetInfo> {
  const infos = await Promise.all(readers.map(async (reader) => await describeOne(reader, scan)));
  const joined = (what: "id" | "commit" | "config" | "split"): string => infos.map((info) => info[what]).join("+");
  const counts = infos.map(({ numRows }) => numRows);
  return {
    id: joined("id"),
    commit: joined("commit"),
    config: joined("config"),
    split: joined("split"),
    features: Object.assign({}, ...infos.map(({ features }) => features).reverse()) as Features,
    numRows: counts.every((count) => count !== undefined) ? counts.reduce((sum, count) => sum + count, 0) : undefined,
    numBytes: infos.reduce((sum, { numBytes }) => sum + numBytes, 0),
    files: infos.flatMap(({ files }) => files),
  };
}

async function describeOne(reader: DatasetReader, scan: boolean): Promise<DatasetInfo> {
  const { signal } = reader.settings;
  const dataset = await reader.open({ signal });
  const { id, commit, config, split, features, files } = dataset;
  const numRows = scan
    ? (await reader.index(WHOLE, { signal, meter: createMeter() })).rows
    : (declaredRows(dataset) ?? knownRows(dataset));
  const numBytes = files.reduce((sum, { size }) => sum + size, 0);
  return { id, commit, config: config.name, split, features, numRows, numBytes, files: files.map(withoutSecrets) };
}

function withoutSecrets(file: DataFile): DataFile {
  return { ...file, path: redact(file.path) };
}

/** The rows that the first file's footer counts, where it is the only file. */
function knownRows({ files, line, first }: OpenDataset): number | undefined {
  if (files.length !== 1) return undefined;
  return new LineIndex(line, () => unitsOfFile(first), WHOLE).rows;
}

/** The rows that the card counts, where whole splits were asked for. */
function declaredRows({ config, line }: OpenDataset): number | undefined {
  const counts = line.map(({ slice }) =>
    slice.start === undefined && slice.end === undefined
      ? config.splits.find(({ name }) => name === slice.split)?.numRows
      : undefined,
  );
  return counts.every((count) => count !== undefined) ? counts.reduce((sum, count) => sum + count, 0) : undefined;
}

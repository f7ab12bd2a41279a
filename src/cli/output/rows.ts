import type { Feature, Features } from "../../resolve/features/features.ts";
import { toJson, toJsonRow } from "../../stream/json-row.ts";
import { describeFeature } from "./describe-feature.ts";
import { countOf, formatCount, formatValue } from "./format.ts";
import { fit, renderTable } from "./table.ts";
import { wrap } from "./wrap.ts";

type Row = Readonly<Record<string, unknown>>;

/** The ways to write rows, by the name of the option `--format`. */
export const ROW_FORMATS = ["table", "record", "json", "csv", "markdown"] as const;
export type RowFormat = (typeof ROW_FORMATS)[number];

/** What is known of the rows before they come. */
export interface RowsAbout {
  /** Of the columns that the rows have, in order. */
  readonly features: Features;
  /** Which row of the dataset the first one is; `undefined` where they are chosen otherwise than by place. */
  readonly first: number | undefined;
  /** How many there are to choose from; `undefined` if that is not known. */
  readonly total: number | undefined;
  /** Characters of a line. */
  readonly width: number | undefined;
}

/** Writes rows as text, piece by piece; the last piece comes when the rows end. */
export function writeRows(rows: AsyncIterable<Row>, format: RowFormat, about: RowsAbout): AsyncIterable<string> {
  return WRITERS[format](rows, about);
}

/** Of the line above a record. */
const RULE_WIDTH = 40;
/** Of the column of types between names and values. */
const MAX_TYPE_WIDTH = 24;

const WRITERS: Readonly<Record<RowFormat, (rows: AsyncIterable<Row>, about: RowsAbout) => AsyncIterable<string>>> = {
  async *table(rows, { features, total, width }) {
    const names = Object.keys(features);
    const cells: string[][] = [];
    for await (const row of rows) cells.push(names.map((name) => formatValue(row[name], features[name])));
    const columns = names.map((name) => {
      const feature = features[name] as Feature;
      return { name, type: describeFeature(feature), isNumber: isNumeric(feature), isWhole: isTime(feature) };
    });
    const { text, hidden } = renderTable(columns, cells, width);
    const summary = rowsOf(cells.length, total) + hiddenText(hidden, names.length);
    yield `${text}\n\n${wrap(summary, width)}\n`;
  },

  async *record(rows, { features, first, total, width = 120 }) {
    const names = Object.keys(features);
    const label = Math.max(0, ...names.map((name) => name.length));
    const types = new Map(names.map((name) => [name, describeFeature(features[name] as Feature)]));
    const typed = Math.min(MAX_TYPE_WIDTH, Math.max(0, ...[...types.values()].map((type) => type.length)));
    let count = 0;
    for await (const row of rows) {
      const title = first === undefined ? `── #${count + 1} ` : `── row ${formatCount(first + count)} `;
      yield `${title.padEnd(Math.min(width, RULE_WIDTH), "─")}\n`;
      for (const name of names) {
        const line = `${name.padEnd(label)}  ${fit(types.get(name) ?? "", typed, false)}  ${formatValue(row[name], features[name])}`;
        yield `${fit(line, width, false).trimEnd()}\n`;
      }
      yield "\n";
      count += 1;
    }
    yield `${rowsOf(count, total)}\n`;
  },

  async *json(rows) {
    for await (const row of rows) yield `${toJsonRow(row)}\n`;
  },

  async *csv(rows, { features }) {
    const names = Object.keys(features);
    yield `${names.map(csvText).join(",")}\n`;
    for await (const row of rows) yield `${names.map((name) => csvValue(row[name])).join(",")}\n`;
  },

  async *markdown(rows, { features }) {
    const names = Object.keys(features);
    const line = (cells: readonly string[]): string => `| ${cells.map(markdownText).join(" | ")} |\n`;
    yield line(names);
    yield line(names.map((name) => (isNumeric(features[name] as Feature) ? "---:" : "---")));
    for await (const row of rows) yield line(names.map((name) => formatValue(row[name], features[name])));
  },
};

/** Whether a column's values are numbers. */
function isNumeric(feature: Feature): boolean {
  return "dtype" in feature && /^(u?int|float|decimal)/.test(String(feature.dtype));
}

function isTime(feature: Feature): boolean {
  return "dtype" in feature && /^(date|time|duration)/.test(String(feature.dtype));
}

function rowsOf(count: number, total: number | undefined): string {
  return total === undefined ? countOf(count, "row") : `${formatCount(count)} of ${countOf(total, "row")}`;
}

function hiddenText(hidden: readonly string[], all: number): string {
  if (hidden.length === 0) return "";
  const names = hidden.slice(0, 5).join(", ") + (hidden.length > 5 ? ", …" : "");
  return `; ${formatCount(hidden.length)} of ${countOf(all, "column")} hidden: ${names} (--record shows all)`;
}

/** By RFC 4180, lines ending as files of this system do. Null is nothing at all, an empty text is quoted. */
function csvValue(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return csvText(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (typeof value === "object") return csvText(toJson(value));
  return String(value);
}

function csvText(text: string): string {
  return text === "" || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function markdownText(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("|", "\\|");
}

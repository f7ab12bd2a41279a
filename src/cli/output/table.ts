import stringWidth from "string-width";

/** A column narrower than this says nothing: others are hidden instead. */
const MIN_WIDTH = 8;
/** A type that is longer makes no column wider. */
const MAX_TYPE_WIDTH = 12;
/** Where nothing tells how wide a line may be. */
const PLAIN_WIDTH = 120;
const GAP = "  ";

/** A column of a table. */
export interface TableColumn {
  readonly name: string;
  /** Stands in a row of its own below the names. */
  readonly type?: string;
  /** Whether its values are numbers: they stand to the right. */
  readonly isNumber?: boolean;
  /** Whether its values say nothing when they are cut, as those of numbers and dates. */
  readonly isWhole?: boolean;
}

/** A table as text, and which columns had no place in it. */
export interface RenderedTable {
  readonly text: string;
  readonly hidden: readonly string[];
}

/**
 * Lays cells out in columns, so that a row is a line of `width` characters at most: texts are cut where they must be, and
 * the last columns are left out where even that does not do.
 */
export function renderTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  width: number = PLAIN_WIDTH,
): RenderedTable {
  const natural = columns.map(({ name, type = "" }, index) =>
    Math.max(
      Math.min(stringWidth(type), MAX_TYPE_WIDTH),
      ...[name, ...rows.map((row) => row[index] ?? "")].map((cell) => stringWidth(cell)),
    ),
  );
  const least = natural.map((size, index) => (isWhole(columns[index]) ? size : Math.min(size, MIN_WIDTH)));
  const shown = fittingColumns(least, width);
  const widths = fitWidths(natural.slice(0, shown), least, width - GAP.length * (shown - 1));
  const line = (cells: readonly string[]): string =>
    widths
      .map((size, index) => fit(cells[index] ?? "", size, columns[index]?.isNumber === true))
      .join(GAP)
      .trimEnd();
  const types = columns.map(({ type = "" }) => type);
  const lines = [
    line(columns.map(({ name }) => name)),
    ...(types.some((type) => type !== "") ? [line(types)] : []),
    widths.map((size) => "─".repeat(size)).join(GAP),
    ...rows.map((cells) => line(cells)),
  ];
  return {
    text: lines.map((text) => fit(text, width, false).trimEnd()).join("\n"),
    hidden: columns.slice(shown).map(({ name }) => name),
  };
}

function isWhole(column: TableColumn | undefined): boolean {
  return column?.isNumber === true || column?.isWhole === true;
}

/** How many columns have a place, the first one in any case. */
function fittingColumns(least: readonly number[], width: number): number {
  let used = -GAP.length;
  const fitting = least.findIndex((size) => (used += size + GAP.length) > width);
  return fitting === -1 ? least.length : Math.max(1, fitting);
}

/** Gives narrow columns what they need, and the others the same share of the rest. */
function fitWidths(natural: readonly number[], least: readonly number[], available: number): number[] {
  const widths = natural.map((_, column) => least[column] ?? 0);
  let left = available - widths.reduce((sum, size) => sum + size, 0);
  const wanting = [...natural.keys()].sort((a, b) => (natural[a] ?? 0) - (natural[b] ?? 0));
  for (const [place, column] of wanting.entries()) {
    const others = wanting.slice(place).reduce((sum, other) => sum + (widths[other] ?? 0), 0);
    const share = Math.floor((left + others) / (wanting.length - place));
    const size = Math.max(widths[column] ?? 0, Math.min(natural[column] ?? 0, share));
    left -= size - (widths[column] ?? 0);
    widths[column] = size;
  }
  return widths;
}

/** `text` in exactly `width` characters: filled up, or cut. */
export function fit(text: string, width: number, isRight: boolean): string {
  const natural = stringWidth(text);
  const blank = " ".repeat(Math.max(0, width - natural));
  if (natural <= width) return isRight ? blank + text : text + blank;
  const characters = Array.from(text);
  let used = 0;
  let end = 0;
  for (; end < characters.length; end += 1) {
    const next = stringWidth(characters[end] as string);
    if (used + next > width - 1) break;
    used += next;
  }
  return `${characters.slice(0, end).join("")}…${" ".repeat(Math.max(0, width - 1 - used))}`;
}

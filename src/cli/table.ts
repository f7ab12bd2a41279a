import stringWidth from "string-width";

/** Widths beyond this are cut where the output is a terminal. */
const MIN_WIDTH = 8;
const PLAIN_WIDTH = 120;

/** Lays cells out in columns cut to `width` characters a line, so that a row is one line. */
export function renderTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  width: number = PLAIN_WIDTH,
): string {
  const natural = header.map((name, column) =>
    Math.max(...[name, ...rows.map((row) => row[column] ?? "")].map((cell) => stringWidth(cell))),
  );
  const widths = fitWidths(natural, width - 2 * (header.length - 1));
  const line = (cells: readonly string[]): string =>
    widths
      .map((columnWidth, column) => cut(cells[column] ?? "", columnWidth))
      .join("  ")
      .trimEnd();
  const rule = widths.map((columnWidth) => "─".repeat(columnWidth)).join("  ");
  return [line(header), rule, ...rows.map(line)].map((text) => cut(text, width).trimEnd()).join("\n");
}

/** Gives narrow columns what they need, and the others the same share of the rest. */
function fitWidths(natural: readonly number[], available: number): number[] {
  const order = [...natural.keys()].sort((a, b) => (natural[a] ?? 0) - (natural[b] ?? 0));
  const widths = natural.map(() => 0);
  let left = available;
  for (const [place, column] of order.entries()) {
    const share = Math.max(MIN_WIDTH, Math.floor(left / (order.length - place)));
    widths[column] = Math.min(natural[column] ?? 0, share);
    left -= widths[column] ?? 0;
  }
  return widths;
}

function cut(text: string, width: number): string {
  const natural = stringWidth(text);
  if (natural <= width) return text + " ".repeat(width - natural);
  const characters = Array.from(text);
  let used = 0;
  let end = 0;
  for (; end < characters.length; end += 1) {
    const next = stringWidth(characters[end] as string);
    if (used + next > width - 1) break;
    used += next;
  }
  return `${characters.slice(0, end).join("")}…${" ".repeat(width - 1 - used)}`;
}

/** How a column stands. */
export interface Column {
  readonly title: string;
  readonly align: "left" | "right";
}

/** Lays `rows` out below the titles, two blanks between columns; columns without any text are left out. */
export function renderTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const shown = columns
    .map((column, at) => ({ ...column, at, width: widest(rows.map((row) => row[at] ?? "")) }))
    .filter(({ width }) => width > 0)
    .map((column) => ({ ...column, width: Math.max(column.width, column.title.length) }));
  const line = (cells: readonly string[]): string =>
    shown
      .map(({ at, align, width }) => (align === "left" ? cells[at]?.padEnd(width) : cells[at]?.padStart(width)) ?? "")
      .join("  ")
      .trimEnd();
  return [columns.map(({ title }) => title), ...rows].map(line).join("\n");
}

function widest(cells: readonly string[]): number {
  return Math.max(0, ...cells.map((cell) => cell.length));
}

import type { PlacedStep } from "../steps/steps.ts";
import type { JoinedColumn } from "./join-columns.ts";

/** The columns that row steps leave; `undefined` where a function makes them. */
export function projectColumns(
  columns: readonly JoinedColumn[] | undefined,
  steps: readonly PlacedStep[],
): readonly JoinedColumn[] | undefined {
  return steps.reduce<readonly JoinedColumn[] | undefined>((before, { step }) => {
    switch (step.kind) {
      case "map":
      case "batch":
        return undefined;
      case "select":
        return before?.filter(({ name }) => step.columns.includes(name));
      case "remove":
        return before?.filter(({ name }) => !step.columns.includes(name));
      case "rename":
        return before?.map((column) => ({ ...column, name: step.names.get(column.name) ?? column.name }));
      default:
        return before;
    }
  }, columns);
}

/** What columns that row steps leave are before them: the inverse of {@link projectColumns}. */
export function sourceColumns(columns: readonly JoinedColumn[], steps: readonly PlacedStep[]): readonly JoinedColumn[] {
  return steps.reduceRight((after, { step }) => {
    if (step.kind !== "rename") return after;
    const before = new Map([...step.names].map(([old, name]) => [name, old]));
    return after.map((column) => ({ ...column, name: before.get(column.name) ?? column.name }));
  }, columns);
}

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
        return before?.map(({ name, type }) => ({ name: step.names.get(name) ?? name, type }));
      default:
        return before;
    }
  }, columns);
}

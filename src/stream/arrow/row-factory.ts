import type { Getter } from "./plain-values.ts";

/** Makes row objects of one batch. */
export type RowReader = (row: number) => Record<string, unknown>;

/** Makes a reader of rows of readers of their values. */
export type RowFactory = (getters: readonly Getter[]) => RowReader;

/** More columns make a function that is too large to be compiled well, and in the end at all. */
const MAX_COMPILED = 2000;

/** Compiles the object literal of a row. `__proto__` is written computed, so that it is a property like others. */
export function compileFactory(names: readonly string[]): RowFactory {
  if (names.length > MAX_COMPILED) return manyColumns(names);
  const properties = names.map((name, index) => {
    const key = JSON.stringify(name);
    return `${name === "__proto__" ? `[${key}]` : key}: g${index}(row)`;
  });
  const getters = names.map((_, index) => `g${index}`);
  // oxlint-disable-next-line no-new-func, typescript/no-implied-eval -- names are the only input, and they are quoted
  return new Function(
    "getters",
    `const [${getters.join(",")}] = getters; return (row) => ({ ${properties.join(", ")} });`,
  ) as RowFactory;
}

function manyColumns(names: readonly string[]): RowFactory {
  return (getters) => (row) => Object.fromEntries(names.map((name, index) => [name, (getters[index] as Getter)(row)]));
}

import { HfStreamError } from "../../errors.ts";
import { option, say } from "../../message.ts";
import type { FileMetadata, SchemaNode } from "./metadata.ts";

/**
 * Checks that columns, by their places, can be told by their names, and so can the fields of their structs. Throws
 * `SCHEMA_MISMATCH`, which names those that cannot.
 */
export function checkNames({ schema, path }: FileMetadata, places: ReadonlySet<number>): void {
  const columns = schema.children.filter((_, place) => places.has(place));
  const twice = duplicateOf(columns) ?? columns.map(duplicateBelow).find((found) => found !== undefined);
  if (twice === undefined) return;
  throw new HfStreamError(
    "SCHEMA_MISMATCH",
    say`${path} has two columns or fields named '${twice}', so that no row can hold both. Choose other columns with ${option("columns")}.`,
    { path },
  );
}

/** The first name that comes twice. */
function duplicateOf(nodes: readonly SchemaNode[]): string | undefined {
  const names = new Set<string>();
  for (const { name } of nodes) {
    if (names.has(name)) return name;
    names.add(name);
  }
  return undefined;
}

/** The same below a node, with the names above. */
function duplicateBelow(node: SchemaNode): string | undefined {
  const own = duplicateOf(node.children);
  if (own !== undefined) return `${node.name}.${own}`;
  for (const child of node.children) {
    const found = duplicateBelow(child);
    if (found !== undefined) return `${node.name}.${found}`;
  }
  return undefined;
}

import type { DataFile } from "../../src/fs/types.ts";
import type { DatasetRepo } from "../../src/resolve/types.ts";

/** What a fake repo holds: paths, or texts by path. */
export type RepoContent = readonly string[] | Readonly<Record<string, string>>;

/** A repo in memory that counts what is read of it. */
export interface FakeRepo extends DatasetRepo {
  readonly reads: string[];
}

/** Makes a repo of `content`; files listed by path alone are empty. */
export function fakeRepo(content: RepoContent, id = "org/name"): FakeRepo {
  const texts = new Map(
    Array.isArray(content) ? content.map((path: string) => [path, ""] as const) : Object.entries(content),
  );
  const reads: string[] = [];
  return {
    id,
    reads,
    files: [...texts.keys()].map(dataFile),
    readText: async (path, options) => {
      options?.signal?.throwIfAborted();
      reads.push(path);
      const text = texts.get(path);
      if (text === undefined) throw new Error(`${path} was read but is not there`);
      return await Promise.resolve(text);
    },
  };
}

/** A data file that nothing is known of but its path. */
export function dataFile(path: string): DataFile {
  return { path, size: 1, oid: `oid of ${path}` };
}

/** A README whose front matter is `yaml`. */
export function readme(yaml: string): string {
  return `---\n${yaml}\n---\n# A dataset\n`;
}

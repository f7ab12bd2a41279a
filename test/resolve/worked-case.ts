import type { HfStreamErrorCode } from "../../src/errors.ts";
import type { ResolveOptions } from "../../src/resolve/types.ts";
import { readme, type RepoContent } from "./fake-repo.ts";

/** A split's name, then its files in order. */
export type SplitRow = readonly string[];

/** What comes out: a format and splits in order, with the config's name where it matters; or an error. */
export type Expected =
  | { readonly format: string; readonly splits: readonly SplitRow[]; readonly config?: string }
  | { readonly error: HfStreamErrorCode; readonly says?: string };

/** A repo, what is asked of it, and what comes out. The number in a title is that of the same case tried in Python. */
export interface WorkedCase {
  readonly title: string;
  readonly repo: RepoContent;
  readonly options?: ResolveOptions;
  readonly expected: Expected;
}

/** Splits of CSV files. */
export const csv = (...splits: readonly SplitRow[]): Expected => ({ format: "csv", splits });

/** Splits of text files. */
export const text = (...splits: readonly SplitRow[]): Expected => ({ format: "text", splits });

/** Splits of Parquet files. */
export const parquet = (...splits: readonly SplitRow[]): Expected => ({ format: "parquet", splits });

/** A repo of empty files whose card has this front matter. */
export const withCard = (frontMatter: string, paths: readonly string[]): RepoContent => ({
  "README.md": readme(frontMatter),
  ...Object.fromEntries(paths.map((path) => [path, ""])),
});

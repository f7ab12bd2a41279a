import { createHash } from "node:crypto";
import type { CacheKey } from "../cache/layout.ts";
import { repoPath, type RevisionRef } from "../hub/repo.ts";

/** What is kept of a repo at a revision. */
export type RepoEntryKind = "refs" | "files" | "tree" | "text";

/** Where the cache keeps what a Hub said: by the Hub, since another one may say something else of the same names. */
export class HubKeys {
  readonly #origin: string;

  constructor(endpoint: string) {
    const { protocol, host, pathname } = new URL(endpoint);
    const scheme = protocol === "https:" ? "" : "http ";
    const hash = pathname === "/" ? "" : `-${createHash("sha256").update(pathname).digest("hex").slice(0, 8)}`;
    this.#origin = `${scheme}${host}${hash}`;
  }

  of({ revision, ...repo }: RevisionRef, kind: RepoEntryKind, file?: string): CacheKey {
    return [this.#origin, repoPath(repo), kind, revision, ...(file === undefined ? [] : [file])];
  }

  /** Of what was made of contents that this Hub names so: a footer, a count. */
  ofContent(kind: string, oid: string): CacheKey {
    return [this.#origin, "contents", kind, oid];
  }

  /** Of a whole data file. */
  ofCopy(oid: string): CacheKey {
    return this.ofContent("files", oid);
  }
}

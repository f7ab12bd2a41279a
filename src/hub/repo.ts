import { HfStreamError } from "../errors.ts";

/** The kinds of repos that a Hub holds. */
export type RepoType = "model" | "dataset" | "space";

/** A repo: its kind and `org/name`, or a legacy one-word name. */
export interface RepoRef {
  readonly type: RepoType;
  readonly id: string;
}

/** A repo at a revision: branch, tag, commit, `refs/convert/…` or `refs/pr/N`. */
export interface RevisionRef extends RepoRef {
  readonly revision: string;
}

/** `datasets/org/name`, as the Hub's web addresses and file system paths have it: models have no prefix. */
export function repoPath({ type, id }: RepoRef): string {
  return type === "model" ? id : `${type}s/${id}`;
}

/** The path of a repo's API: `/api/datasets/org/name`. */
export function apiPath({ type, id }: RepoRef): string {
  return `/api/${type}s/${encodePath(id)}`;
}

/** A revision as one segment of a path, `/` encoded. */
export function revisionPath({ revision }: RevisionRef): string {
  return encodeSegment(revision, revision);
}

/** The path of a file's bytes. The file keeps its slashes. */
export function resolvePath(repo: RevisionRef, file: string): string {
  return `/${encodePath(repoPath(repo))}/resolve/${revisionPath(repo)}/${encodePath(file)}`;
}

/** Tells whether `revision` is a full commit hash, which never changes its meaning. */
export function isCommit(revision: string): boolean {
  return /^[0-9a-f]{40}$/.test(revision);
}

/** Half of a character, and what ends a name. */
const UNUSABLE = /\p{Surrogate}|\0/u;

function encodePath(path: string): string {
  return path
    .split("/")
    .map((segment) => encodeSegment(segment, path))
    .join("/");
}

/**
 * Encodes a segment of a path. Throws `INVALID_PATH` for what an address cannot hold: `..`, which leads out of the repo
 * however it is encoded, and characters that are none.
 */
function encodeSegment(segment: string, path: string): string {
  if (segment !== "." && segment !== ".." && segment !== "" && !UNUSABLE.test(segment))
    return encodeURIComponent(segment);
  throw new HfStreamError("INVALID_PATH", `${JSON.stringify(path)} cannot be asked for: it is no path in a repo.`, {
    path,
  });
}

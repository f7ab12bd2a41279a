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
  return `/api/${type}s/${id}`;
}

/** The path of a file's bytes. The revision is sent as one segment, `/` encoded; the file keeps its slashes. */
export function resolvePath(repo: RevisionRef, file: string): string {
  return `/${repoPath(repo)}/resolve/${encodeURIComponent(repo.revision)}/${encodePath(file)}`;
}

/** Tells whether `revision` is a full commit hash, which never changes its meaning. */
export function isCommit(revision: string): boolean {
  return /^[0-9a-f]{40}$/.test(revision);
}

function encodePath(file: string): string {
  return file.split("/").map(encodeURIComponent).join("/");
}

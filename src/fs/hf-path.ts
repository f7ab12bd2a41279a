import { HfStreamError } from "../errors.ts";
import type { RepoRef, RepoType } from "../hub/repo.ts";

/** A place in a repo. */
export interface HfPath extends RepoRef {
  /** As written; `undefined` stands for the default branch. */
  readonly revision: string | undefined;
  /** From the root of the repo; empty for the root itself. */
  readonly path: string;
}

const PREFIXES: Readonly<Record<string, RepoType>> = { datasets: "dataset", spaces: "space", models: "model" };
const SINGULAR = new Set(["dataset", "space", "model"]);
/** Revisions that hold a slash and may be written as they are. */
const SPECIAL_REVISION = /^refs\/(?:convert\/[\w.-]+|pr\/\d+)(?=\/|$)/;

/**
 * Parses `[hf://][datasets/|spaces/]org/name[@revision][/path]`, no prefix being a model, by the grammar of Python's
 * `huggingface_hub`. A revision ends at the next `/`, unless it is `refs/convert/…` or `refs/pr/N`; others with a slash
 * are written encoded, as `feature%2Fx`. The path is literal. Throws `INVALID_PATH`.
 */
export function parseHfPath(text: string): HfPath {
  const bare = text.startsWith("hf://") ? text.slice("hf://".length) : text;
  const parts = bare.replace(/\/$/, "").split("/");
  if (parts.includes("")) throw invalid(text, "it has an empty part");
  const [first = "", ...afterFirst] = parts;
  if (SINGULAR.has(first)) throw invalid(text, `write ${first}s/ instead of ${first}/`);
  const type = PREFIXES[first];
  const [namespace, name, ...rest] = type === undefined ? parts : afterFirst;
  if (namespace === undefined || name === undefined || namespace.includes("@"))
    throw invalid(text, "expected [hf://][datasets/|spaces/]org/name[@revision][/path]");
  const at = name.indexOf("@");
  const id = `${namespace}/${at < 0 ? name : name.slice(0, at)}`;
  if (at < 0) return { type: type ?? "model", id, revision: undefined, path: rest.join("/") };
  const { revision, path } = takeRevision([name.slice(at + 1), ...rest].join("/"), text);
  return { type: type ?? "model", id, revision, path };
}

/** Writes a path as `datasets/org/name@revision/path`, the form that listings give; {@link parseHfPath} reads it back. */
export function formatHfPath({ type, id, revision, path }: HfPath): string {
  const prefix = type === "model" ? "" : `${type}s/`;
  const at = revision === undefined ? "" : `@${formatRevision(revision)}`;
  return `${prefix}${id}${at}${path === "" ? "" : `/${path}`}`;
}

function formatRevision(revision: string): string {
  const special = SPECIAL_REVISION.exec(revision)?.[0];
  return special === revision ? revision : encodeURIComponent(revision);
}

function takeRevision(text: string, whole: string): { revision: string; path: string } {
  const special = SPECIAL_REVISION.exec(text)?.[0];
  const end = special === undefined ? text.indexOf("/") : special.length;
  const written = end < 0 ? text : text.slice(0, end);
  if (written === "") throw invalid(whole, "the revision after @ is empty");
  try {
    return { revision: decodeURIComponent(written), path: end < 0 ? "" : text.slice(end + 1) };
  } catch (cause) {
    throw invalid(whole, "the revision is not well encoded", cause);
  }
}

function invalid(path: string, why: string, cause?: unknown): HfStreamError {
  return new HfStreamError("INVALID_PATH", `${path} is not a path on the Hub: ${why}.`, { path, cause });
}

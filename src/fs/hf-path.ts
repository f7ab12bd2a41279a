import { HfStreamError } from "../errors.ts";
import { escapeGlob } from "./glob.ts";
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
/** What a namespace or a name consists of. Anything else could change the meaning of a web address. */
const ID_PART = /^(?!\.+$)[\w.-]+$/;

/**
 * Parses `[hf://][datasets/|spaces/]org/name[@revision][/path]`, no prefix being a model, by the grammar of Python's
 * `huggingface_hub`. A revision ends at the next `/`, unless it is `refs/convert/…` or `refs/pr/N`; others with a slash
 * are written encoded, as `feature%2Fx`. The path is literal. Throws `INVALID_PATH`.
 */
export function parseHfPath(text: string): HfPath {
  const parts = bareText(text).split("/");
  if (parts.includes("")) throw invalid(text, "it has an empty part");
  const [first = "", ...afterFirst] = parts;
  if (SINGULAR.has(first)) throw invalid(text, `write ${first}s/ instead of ${first}/`);
  const type = PREFIXES[first];
  const [namespace, name, ...rest] = type === undefined ? parts : afterFirst;
  if (namespace === undefined || name === undefined || namespace.includes("@"))
    throw invalid(text, "expected [hf://][datasets/|spaces/]org/name[@revision][/path]");
  const at = name.indexOf("@");
  const word = at < 0 ? name : name.slice(0, at);
  if (!ID_PART.test(namespace) || !ID_PART.test(word))
    throw invalid(text, "the name of a repo consists of letters, digits, '-', '_' and '.'");
  const repo = { type: type ?? "model", id: `${namespace}/${word}` };
  if (at < 0) return { ...repo, revision: undefined, path: rest.join("/") };
  return { ...repo, ...takeRevision([name.slice(at + 1), ...rest].join("/"), text) };
}

/** Writes a path as `datasets/org/name@revision/path`, the form that listings give; {@link parseHfPath} reads it back. */
export function formatHfPath({ type, id, revision, path }: HfPath): string {
  const prefix = type === "model" ? "" : `${type}s/`;
  const at = revision === undefined ? "" : `@${formatRevision(revision)}`;
  return `${prefix}${id}${at}${path === "" ? "" : `/${path}`}`;
}

/** The repo and revision of a path, the way they were typed: what the names in a listing begin with. */
export function typedRoot(text: string, { path }: HfPath): string {
  const bare = bareText(text);
  return path === "" ? bare : bare.slice(0, -path.length - 1);
}

/**
 * Makes an `hf://` path of the web address of a file or folder at a Hub (`…/resolve/…`, `blob`, `raw`, `tree`);
 * `undefined` for any other text.
 */
export function hfPathOfWebAddress(text: string, endpoint: string): string | undefined {
  return readWebAddress(text, endpoint, (path) => path);
}

/** As {@link hfPathOfWebAddress}, for a pattern: wildcards stay what they are, but for those that are written encoded. */
export function hfPatternOfWebAddress(text: string, endpoint: string): string | undefined {
  return readWebAddress(text, endpoint, (path) =>
    path.replaceAll(/%(?:2a|3f|5b)/gi, (code) => escapeGlob(decodeURIComponent(code))),
  );
}

function readWebAddress(text: string, endpoint: string, prepare: (path: string) => string): string | undefined {
  const base = `${endpoint}/`;
  if (!text.startsWith(base)) return undefined;
  const match =
    /^((?:datasets\/|spaces\/)?[^/]+\/[^/]+)\/(?:resolve|blob|raw|tree)\/(refs\/(?:convert|pr)\/[^/]+|[^/]+)(?:\/(.*))?$/.exec(
      text.slice(base.length),
    );
  if (match === null) return undefined;
  const [, repo = "", revision = "", path = ""] = match;
  return `hf://${repo}@${revision}/${decode(prepare(path.replace(/\?download=true$/, "")), text)}`;
}

function bareText(text: string): string {
  return (text.startsWith("hf://") ? text.slice("hf://".length) : text).replace(/\/$/, "");
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
  return { revision: decode(written, whole), path: end < 0 ? "" : text.slice(end + 1) };
}

function decode(text: string, whole: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw invalid(whole, "it is not well encoded", cause);
  }
}

function invalid(path: string, why: string, cause?: unknown): HfStreamError {
  return new HfStreamError("INVALID_PATH", `${path} is not a path on the Hub: ${why}.`, { path, cause });
}

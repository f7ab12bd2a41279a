/** What a request asks for. */
export type RouteKind =
  | "info"
  | "tree"
  | "paths-info"
  | "refs"
  | "commits"
  | "parquet"
  | "xet-read-token"
  | "resolve"
  | "resolve-cache"
  | "raw"
  | "cdn"
  | "whoami"
  | "agent-harnesses"
  | "telemetry"
  | "viewer"
  | "log"
  | "index"
  | "list"
  | "unknown"
  | "malformed";

/** The kinds of repo a Hub holds. */
export type RepoType = "datasets" | "models" | "spaces";

/** A path of the Hub taken apart, percent-decoded. */
export interface Route {
  readonly kind: RouteKind;
  readonly type?: RepoType | undefined;
  /** `org/name`, or a legacy one-word name, as it was asked for. */
  readonly id?: string | undefined;
  readonly revision?: string | undefined;
  /** Within the repo, without slashes at the ends; empty for its root. */
  readonly path: string;
}

const REPO_ACTIONS: ReadonlyMap<string, RouteKind> = new Map<string, RouteKind>([
  ["revision", "info"],
  ["tree", "tree"],
  ["paths-info", "paths-info"],
  ["refs", "refs"],
  ["commits", "commits"],
  ["parquet", "parquet"],
  ["xet-read-token", "xet-read-token"],
]);
const FILE_ACTIONS: ReadonlyMap<string, RouteKind> = new Map<string, RouteKind>([
  ["resolve", "resolve"],
  ["raw", "raw"],
]);
const REPO_TYPES: ReadonlyMap<string, RepoType> = new Map<string, RepoType>([
  ["datasets", "datasets"],
  ["models", "models"],
  ["spaces", "spaces"],
]);

/**
 * Takes apart the path of a request, still percent-encoded and without its query. An encoded slash belongs to the
 * revision or to the path it stands in; a revision `refs/x/y` is understood with bare slashes too.
 */
export function parseRoute(path: string): Route {
  const raw = path.split("/").slice(1);
  const segments: string[] = [];
  for (const segment of raw) {
    const decoded = decodeSegment(segment);
    if (decoded === undefined) return { kind: "malformed", path: "" };
    segments.push(decoded);
  }
  if (segments[0] === "api") return parseApi(segments.slice(1));
  const single = SINGLE_PAGES[segments.join("/")];
  if (single !== undefined) return { kind: single, path: "" };
  // Files of models have no prefix.
  const prefix = segments[0] === "models" ? undefined : REPO_TYPES.get(segments[0] ?? "");
  const repo = splitRepo(prefix === undefined ? segments : segments.slice(1), FILE_ACTIONS);
  if (repo?.kind === undefined) return { kind: "unknown", path: "" };
  return { kind: repo.kind, type: prefix ?? "models", id: repo.id, ...splitRevision(repo.rest) };
}

const SINGLE_PAGES: Readonly<Record<string, RouteKind>> = {
  "": "index",
  _log: "log",
  info: "viewer",
  parquet: "viewer",
};

function parseApi(segments: readonly string[]): Route {
  const [first, ...rest] = segments;
  if (first === "whoami-v2" || first === "agent-harnesses") {
    return { kind: first === "whoami-v2" ? "whoami" : first, path: "" };
  }
  if (first === "telemetry") return { kind: "telemetry", path: "" };
  if (first === "resolve-cache") return parseResolveCache(rest);
  const type = REPO_TYPES.get(first ?? "");
  if (type !== undefined && rest.join("") === "") return { kind: "list", type, path: "" };
  const repo = splitRepo(rest, REPO_ACTIONS);
  if (type === undefined || repo === undefined) return { kind: "unknown", path: "" };
  const { kind, id } = repo;
  if (kind === undefined) return { kind: "info", type, id, path: "" };
  if (kind === "parquet") return { kind, type, id, path: joinPath(repo.rest) };
  return { kind, type, id, ...splitRevision(repo.rest) };
}

/** `{type}/{id}/{commit}/{path}`: the commit tells where the id ends. */
function parseResolveCache([first = "", ...rest]: readonly string[]): Route {
  const type = REPO_TYPES.get(first);
  const at = rest.findIndex((segment, index) => index > 0 && /^[0-9a-f]{40}$/.test(segment));
  if (type === undefined || at < 1 || at > 2) return { kind: "unknown", path: "" };
  const [id, path] = [rest.slice(0, at).join("/"), joinPath(rest.slice(at + 1))];
  return { kind: "resolve-cache", type, id, revision: rest[at], path };
}

interface RepoParts {
  readonly id: string;
  /** Of the action that follows; undefined if the id is all there is. */
  readonly kind: RouteKind | undefined;
  readonly rest: readonly string[];
}

/** Tells where an id of one or two words ends: where an action follows. */
function splitRepo(segments: readonly string[], actions: ReadonlyMap<string, RouteKind>): RepoParts | undefined {
  for (const words of [2, 1]) {
    const kind = actions.get(segments[words] ?? "");
    if (kind !== undefined) return { id: segments.slice(0, words).join("/"), kind, rest: segments.slice(words + 1) };
  }
  if (segments.length === 0 || segments.length > 2 || segments.includes("")) return undefined;
  return { id: segments.join("/"), kind: undefined, rest: [] };
}

function splitRevision(segments: readonly string[]): { revision: string | undefined; path: string } {
  const words = segments[0] === "refs" && segments.length >= 3 ? 3 : 1;
  const revision = segments.slice(0, words).join("/");
  return { revision: revision === "" ? undefined : revision, path: joinPath(segments.slice(words)) };
}

function joinPath(segments: readonly string[]): string {
  return segments.join("/").replace(/^\/+|\/+$/g, "");
}

function decodeSegment(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

/** Writes `id` in the place of the one that `url`, a path with its query as it was sent, asks for. */
export function replaceRepoId(url: string, route: Route, id: string): string {
  const [path = "", ...query] = url.split("?");
  const segments = path.split("/");
  const start = 1 + (segments[1] === "api" ? 1 : 0) + (route.kind === "resolve-cache" ? 1 : 0);
  const typed = REPO_TYPES.has(segments[start] ?? "") ? start + 1 : start;
  const words = (route.id ?? "").split("/").length;
  const rest = segments.slice(typed + words);
  return [[...segments.slice(0, typed), id, ...rest].join("/"), ...query].join("?");
}

/** Percent-encodes a path but for its slashes. */
export function encodePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

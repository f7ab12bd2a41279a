import { HfStreamError } from "../errors.ts";
import type { HubClient, HubRequest } from "./client.ts";
import { apiPath, repoPath, type RepoRef, resolvePath, type RevisionRef } from "./repo.ts";

/** Options of one call: abort and counters. */
export type CallOptions = Pick<HubRequest, "signal" | "meter">;

/** What a repo is at a revision. */
export interface RepoInfo {
  /** The repo's own name: other casings, and names it had before, lead to it. */
  readonly id: string;
  /** The commit that the revision stands for. */
  readonly commit: string;
}

/** A file or folder, as a tree page lists it. */
export interface TreeEntry {
  readonly type: "file" | "directory";
  readonly path: string;
  readonly size: number;
  readonly oid: string;
  readonly lfs?: { readonly oid: string; readonly size: number };
  readonly xetHash?: string;
}

/** Asks which commit a revision stands for: one request. */
export async function getRepoInfo(client: HubClient, repo: RevisionRef, options: CallOptions = {}): Promise<RepoInfo> {
  const url = client.url(`${apiPath(repo)}/revision/${encodeURIComponent(repo.revision)}`);
  const { bytes } = await client.get({ ...options, url, subject: subjectOf(repo) });
  const body = parseJson(bytes, url);
  if (!isRecord(body) || typeof body["sha"] !== "string") throw unexpected(url, "a repo with its `sha`");
  return { id: typeof body["id"] === "string" ? body["id"] : repo.id, commit: body["sha"] };
}

/** Lists every file and folder at a revision: one request per thousand entries. */
export async function listTree(client: HubClient, repo: RevisionRef, options: CallOptions = {}): Promise<TreeEntry[]> {
  const entries: TreeEntry[] = [];
  const path = `${apiPath(repo)}/tree/${encodeURIComponent(repo.revision)}?recursive=true&expand=false`;
  for (let url: URL | undefined = client.url(path); url !== undefined;) {
    const page = await client.get({ ...options, url, subject: subjectOf(repo) });
    const body = parseJson(page.bytes, url);
    if (!Array.isArray(body)) throw unexpected(url, "a list of files");
    for (const entry of body) entries.push(parseTreeEntry(entry, url));
    url = nextPage(page.headers.link, page.url, client);
  }
  return entries;
}

/** Gets a small file whole. */
export async function getFile(
  client: HubClient,
  repo: RevisionRef,
  file: string,
  options: CallOptions = {},
): Promise<Uint8Array> {
  const url = client.url(resolvePath(repo, file));
  const { bytes } = await client.get({ ...options, url, subject: `${repoPath(repo)}/${file}` });
  return bytes;
}

/** `dataset org/name` or `dataset org/name at v1`, for messages. */
export function subjectOf(repo: RepoRef & { readonly revision?: string }): string {
  const at = repo.revision === undefined || repo.revision === "main" ? "" : ` at revision ${repo.revision}`;
  return `${repo.type} ${repo.id}${at}`;
}

/**
 * Reads the next page's address from a `Link` header (RFC 8288). A mirror may hand on the address of the Hub behind it: the
 * next page is asked of the mirror too.
 */
function nextPage(link: string | string[] | undefined, current: URL, client: HubClient): URL | undefined {
  const match = /<([^>]+)>\s*;[^,]*\brel="?next"?/.exec(String(link ?? ""));
  if (match?.[1] === undefined) return undefined;
  const next = new URL(match[1], current);
  return next.origin === client.origin ? next : client.url(next.pathname + next.search);
}

function parseTreeEntry(entry: unknown, url: URL): TreeEntry {
  if (!isRecord(entry) || typeof entry["path"] !== "string") throw unexpected(url, "files with their `path`");
  const { type, path, size, oid, lfs, xetHash } = entry;
  return {
    type: type === "directory" ? "directory" : "file",
    path,
    size: typeof size === "number" ? size : 0,
    oid: typeof oid === "string" ? oid : "",
    ...(isRecord(lfs) && typeof lfs["oid"] === "string" && typeof lfs["size"] === "number"
      ? { lfs: { oid: lfs["oid"], size: lfs["size"] } }
      : {}),
    ...(typeof xetHash === "string" ? { xetHash } : {}),
  };
}

function parseJson(bytes: Uint8Array, url: URL): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw unexpected(url, "JSON", cause);
  }
}

function unexpected(url: URL, wanted: string, cause?: unknown): HfStreamError {
  const place = url.origin + url.pathname;
  return new HfStreamError("HUB_UNAVAILABLE", `${place} did not answer with ${wanted}. Is this a Hub?`, {
    cause,
    url: place,
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

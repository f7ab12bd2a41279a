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

/** A file by its content: the sha256 of a large one is its oid, the git blob sha1 of a small one. */
export interface ContentFile {
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  readonly oid: string;
}

/** Files, and beside them what git calls them: the git blob sha1 of the content, or of the pointer of a large file. */
export interface FileList {
  readonly files: readonly ContentFile[];
  readonly blobIds: readonly string[];
}

/** What a repo is at a revision, and what it holds. */
export interface RepoContents extends RepoInfo {
  /** The Hub cuts the list of a large repo short and does not say so. `undefined` where sizes or hashes are left out. */
  readonly list: FileList | undefined;
}

/** Asks which commit a revision stands for: one request. */
export async function getRepoInfo(client: HubClient, repo: RevisionRef, options: CallOptions = {}): Promise<RepoInfo> {
  const { id, commit } = await askInfo(client, repo, "", options);
  return { id, commit };
}

/** Asks which commit a revision stands for and which files it has: one request, however many they are. */
export async function getRepoContents(
  client: HubClient,
  repo: RevisionRef,
  options: CallOptions = {},
): Promise<RepoContents> {
  const { id, commit, siblings } = await askInfo(client, repo, "?blobs=true", options);
  return { id, commit, list: parseSiblings(siblings) };
}

/**
 * Lists the files and folders at a revision: all of them, or with `recursive: false` those in the top folder. One request
 * per thousand entries, one after the other.
 */
export async function listTree(
  client: HubClient,
  repo: RevisionRef,
  { recursive = true, ...options }: CallOptions & { readonly recursive?: boolean } = {},
): Promise<TreeEntry[]> {
  const entries: TreeEntry[] = [];
  const path = `${apiPath(repo)}/tree/${encodeURIComponent(repo.revision)}?recursive=${recursive}&expand=false`;
  for (let url: URL | undefined = client.url(path); url !== undefined;) {
    const page = await client.get({ ...options, url, subject: subjectOf(repo) });
    const listed = parseJson(page.body, url);
    if (!Array.isArray(listed)) throw unexpected(url, "a list of files");
    for (const entry of listed) entries.push(parseTreeEntry(entry, url));
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
  const { body } = await client.get({ ...options, url, subject: `${repoPath(repo)}/${file}` });
  return body;
}

/** `dataset org/name` or `dataset org/name at v1`, for messages. */
export function subjectOf(repo: RepoRef & { readonly revision?: string }): string {
  const at = repo.revision === undefined || repo.revision === "main" ? "" : ` at revision ${repo.revision}`;
  return `${repo.type} ${repo.id}${at}`;
}

async function askInfo(
  client: HubClient,
  repo: RevisionRef,
  query: string,
  options: CallOptions,
): Promise<RepoInfo & { readonly siblings: unknown }> {
  const url = client.url(`${apiPath(repo)}/revision/${encodeURIComponent(repo.revision)}${query}`);
  const { body } = await client.get({ ...options, url, subject: subjectOf(repo) });
  const info = parseJson(body, url);
  if (!isRecord(info) || typeof info["sha"] !== "string") throw unexpected(url, "a repo with its `sha`");
  const { id, sha: commit, siblings } = info;
  return { id: typeof id === "string" ? id : repo.id, commit, siblings };
}

function parseSiblings(siblings: unknown): FileList | undefined {
  if (!Array.isArray(siblings)) return undefined;
  const files: ContentFile[] = [];
  const blobIds: string[] = [];
  for (const sibling of siblings as unknown[]) {
    if (!isRecord(sibling)) return undefined;
    const { rfilename: path, size, blobId, lfs } = sibling;
    const oid = isRecord(lfs) ? lfs["sha256"] : blobId;
    if (typeof path !== "string" || typeof size !== "number") return undefined;
    if (typeof blobId !== "string" || typeof oid !== "string") return undefined;
    files.push({ path, size, oid });
    blobIds.push(blobId);
  }
  return { files, blobIds };
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
    // Other than that of a TextDecoder, this text takes one byte for an ASCII character: twice as fast to work with.
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString());
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

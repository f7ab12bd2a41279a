import { HfStreamError } from "../errors.ts";
import type { HubClient, HubRequest } from "./client.ts";
import { header } from "./header.ts";
import { nextPage } from "./pages.ts";
import { apiPath, repoPath, type RepoRef, resolvePath, revisionPath, type RevisionRef } from "./repo.ts";
import { DOUBTFUL, TransientError } from "./retry.ts";
import { notThis, parseRepo, parseTreePage, type RepoContents, type RepoInfo, type TreeEntry } from "./wire.ts";

/** Options of one call: abort and counters. */
export type CallOptions = Pick<HubRequest, "signal" | "meter">;

/** Options of getting a small file. */
export interface FileOptions extends CallOptions {
  /** Tells whether it came as it is listed; what did not is asked for again. */
  readonly isGenuine?: ((bytes: Uint8Array) => boolean) | undefined;
  /** Whether the file may be missing: it is then not asked for again. @default false */
  readonly mayBeMissing?: boolean | undefined;
}

/** The largest repos have some hundred thousand entries; a thousand make a page. */
const MAX_ENTRIES = 5_000_000;
const MAX_PAGES = 10_000;

/** Asks which commit a revision stands for: one request. */
export async function getRepoInfo(client: HubClient, repo: RevisionRef, options: CallOptions = {}): Promise<RepoInfo> {
  const { id, commit } = await askRepo(client, repo, "", options);
  return { id, commit };
}

/** Asks which commit a revision stands for and which files it has: one request, however many they are. */
export async function getRepoContents(
  client: HubClient,
  repo: RevisionRef,
  options: CallOptions = {},
): Promise<RepoContents> {
  return await askRepo(client, repo, "?blobs=true", options);
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
  const entries = new Map<string, TreeEntry>();
  const visited = new Set<string>();
  const path = `${apiPath(repo)}/tree/${revisionPath(repo)}?recursive=${recursive}&expand=false`;
  const subject = subjectOf(repo);
  for (let url: URL | undefined = client.url(path); url !== undefined;) {
    visited.add(url.href);
    const request: HubRequest = { ...options, kind: "tree", url, subject };
    const page = await client.get(request, (body, { headers, url: from }) => ({
      listed: parseTreePage(body, from),
      next: nextPage(header(headers, "link"), from, client),
      from,
    }));
    const before = entries.size;
    for (const entry of page.listed) entries.set(entry.path, entry);
    const isEndless = page.next !== undefined && (entries.size === before || visited.has(page.next.href));
    if (isEndless || visited.size > MAX_PAGES || entries.size > MAX_ENTRIES)
      throw notThis(page.from, "a listing that comes to an end");
    url = page.next;
  }
  return [...entries.values()];
}

/** Gets a small file whole. */
export async function getFile(
  client: HubClient,
  repo: RevisionRef,
  file: string,
  { isGenuine, ...options }: FileOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const subject = `${repoPath(repo)}/${file}`;
  const request: HubRequest = { ...options, kind: "file", url: client.url(resolvePath(repo, file)), subject };
  return await client.get(request, (body) => {
    if (isGenuine === undefined || isGenuine(body)) return body;
    const message = `${subject}: what the Hub sends is not the file that it lists: its hash is another.`;
    throw new TransientError(new HfStreamError("CORRUPT_FILE", message, { path: subject }), { patience: DOUBTFUL });
  });
}

/** `dataset org/name` or `dataset org/name at v1`, for messages. */
export function subjectOf(repo: RepoRef & { readonly revision?: string }): string {
  const at = repo.revision === undefined || repo.revision === "main" ? "" : ` at revision ${repo.revision}`;
  return `${repo.type} ${repo.id}${at}`;
}

async function askRepo(
  client: HubClient,
  repo: RevisionRef,
  query: string,
  options: CallOptions,
): Promise<RepoContents> {
  const url = client.url(`${apiPath(repo)}/revision/${revisionPath(repo)}${query}`);
  const request: HubRequest = { ...options, kind: "info", url, subject: subjectOf(repo) };
  return await client.get(request, (body) => parseRepo(body, url, repo.id));
}

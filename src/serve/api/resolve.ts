import { redirectAnswer, type Answer } from "../answer.ts";
import { answerFile, checkUnchanged, matchesEtag } from "../file-answer.ts";
import type { HubRequest } from "../hub-request.ts";
import { Refusal } from "../refusal.ts";
import { lfsPointer } from "../repos/content-hashes.ts";
import type { Repo } from "../repos/repo.ts";
import type { LfsInfo, RepoFile, Snapshot } from "../repos/snapshot.ts";
import { encodePath } from "../route.ts";
import type { SignedStore } from "../signed-store.ts";

/** What {@link answerResolve} works with. */
export interface ResolveOptions {
  readonly repo: Repo;
  readonly snapshot: Snapshot;
  readonly signedStore: SignedStore;
  /** Whether small files are answered by way of `/api/resolve-cache/`. */
  readonly resolveCache: boolean;
}

/** Answers with a file: with its content if it is small, with the address of its content if it is large. */
export async function answerResolve(request: HubRequest, options: ResolveOptions): Promise<Answer> {
  const { snapshot } = options;
  const { kind, path } = request.route;
  const commit = { "X-Repo-Commit": snapshot.commit };
  const file = snapshot.files.get(path);
  if (file === undefined) throw new Refusal(404, "Entry not found", { code: "EntryNotFound", headers: commit });
  if (file.lfs !== undefined) {
    return kind === "raw" ? answerPointer(file, file.lfs, commit) : await answerLarge(file, file.lfs, request, options);
  }
  if (options.resolveCache && kind === "resolve") return redirectToCache(file, request, options);
  const head = { etag: `"${file.oid}"`, contentType: "text/plain; charset=utf-8", headers: commit };
  return await answerFile(file, head, request);
}

async function answerLarge(
  file: RepoFile,
  { oid, size }: LfsInfo,
  request: HubRequest,
  { repo, snapshot, signedStore }: ResolveOptions,
): Promise<Answer> {
  const etag = `"${oid}"`;
  const headers = {
    "X-Repo-Commit": snapshot.commit,
    "X-Linked-Size": String(size),
    "X-Linked-Etag": etag,
    "Accept-Ranges": "bytes",
  };
  if (matchesEtag(request.headers["if-none-match"], etag)) return { status: 304, headers: { ...headers, ETag: etag } };
  const { cdnOrigin } = request;
  if (cdnOrigin === undefined) {
    return await answerFile(file, { etag, contentType: "application/octet-stream", headers }, request);
  }
  await checkUnchanged(file);
  const location = signedStore.sign(file, oid, {
    cdnOrigin,
    name: `${repo.id}/${file.path}`,
    range: request.headers.range,
  });
  return redirectAnswer(302, location, headers);
}

function redirectToCache(file: RepoFile, request: HubRequest, { repo, snapshot }: ResolveOptions): Answer {
  const original = encodeURIComponent(request.url.split("?")[0]!);
  const target = `/api/resolve-cache/${repo.type}/${repo.id}/${snapshot.commit}/${encodePath(file.path)}`;
  return redirectAnswer(307, `${target}?${original}=&etag=%22${file.oid}%22`, {
    "X-Repo-Commit": snapshot.commit,
    "X-Linked-Size": String(file.size),
    "X-Linked-Etag": `"${file.oid}"`,
    "Accept-Ranges": "bytes",
  });
}

function answerPointer(file: RepoFile, lfs: LfsInfo, headers: Readonly<Record<string, string>>): Answer {
  const head = { ...headers, "Content-Type": "text/plain; charset=utf-8", ETag: `"${file.oid}"` };
  return { status: 200, headers: head, body: lfsPointer(lfs.oid, lfs.size) };
}

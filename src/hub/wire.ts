import { HfStreamError } from "../errors.ts";
import { bareAddress } from "./redact.ts";
import { isCommit } from "./repo.ts";
import { DOUBTFUL, TransientError } from "./retry.ts";

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

const REPO_ID = /^[\w-][\w.-]*(?:\/[\w-][\w.-]*)?$/;
const MAX_ID_LENGTH = 200;
/** Longer than any path that git on a common file system can check out. */
const MAX_PATH_LENGTH = 4096;
const SHA1 = /^[0-9a-f]{40}$/;
const SHA256 = /^[0-9a-f]{64}$/;

/**
 * Reads what a Hub answers about a repo. The name in it is believed only where it can be one: addresses and places on the
 * disk are made of it.
 */
export function parseRepo(body: Uint8Array, url: URL, asked: string): RepoContents {
  const info = parseJson(body, url);
  const commit = isRecord(info) ? info["sha"] : undefined;
  if (!isRecord(info) || typeof commit !== "string" || !isCommit(commit))
    throw unexpected(url, "a repo with its `sha`");
  const { id, siblings } = info;
  return { id: isRepoId(id) ? id : asked, commit, list: parseSiblings(siblings, url) };
}

/** Reads a page of a listing. */
export function parseTreePage(body: Uint8Array, url: URL): TreeEntry[] {
  const listed = parseJson(body, url);
  if (!Array.isArray(listed)) throw unexpected(url, "a list of files");
  return listed.filter((entry) => !isOther(entry)).map((entry: unknown) => parseTreeEntry(entry, url));
}

/** Says that an answer is not what it should be: it is asked for again for a while. */
export function unexpected(url: URL, wanted: string): TransientError {
  return new TransientError(notThis(url, wanted), { patience: DOUBTFUL });
}

/** Says the same, for good. */
export function notThis(url: URL, wanted: string): HfStreamError {
  const place = bareAddress(url);
  return new HfStreamError("HUB_UNAVAILABLE", `${place} did not answer with ${wanted}. Is this a Hub?`, { url: place });
}

function isRepoId(id: unknown): id is string {
  return typeof id === "string" && id.length <= MAX_ID_LENGTH && REPO_ID.test(id) && !id.includes("..");
}

function parseSiblings(siblings: unknown, url: URL): FileList | undefined {
  if (!Array.isArray(siblings)) return undefined;
  const files: ContentFile[] = [];
  const blobIds: string[] = [];
  for (const sibling of siblings as unknown[]) {
    if (!isRecord(sibling)) return undefined;
    const { rfilename: path, size, blobId, lfs } = sibling;
    const oid = isRecord(lfs) ? lfs["sha256"] : blobId;
    if (typeof path !== "string" || !isSize(size) || !isHash(blobId, SHA1)) return undefined;
    if (!isHash(oid, isRecord(lfs) ? SHA256 : SHA1)) return undefined;
    checkPath(path, url);
    files.push({ path, size, oid });
    blobIds.push(blobId);
  }
  return { files, blobIds };
}

/** Submodules are neither files nor folders. */
function isOther(entry: unknown): boolean {
  return isRecord(entry) && typeof entry["type"] === "string" && !["file", "directory"].includes(entry["type"]);
}

function parseTreeEntry(entry: unknown, url: URL): TreeEntry {
  if (!isRecord(entry) || typeof entry["path"] !== "string") throw unexpected(url, "files with their `path`");
  const { path, oid, lfs, xetHash } = entry;
  const type = entry["type"] === "directory" ? "directory" : "file";
  const size = type === "directory" ? 0 : entry["size"];
  checkPath(path, url);
  if (!isSize(size)) throw unexpected(url, "files of a size that a file can have");
  if (!isHash(oid, SHA1)) throw unexpected(url, "files with their `oid`");
  return {
    type,
    path,
    size,
    oid,
    ...(isRecord(lfs) && type === "file" ? { lfs: parseLfs(lfs, url) } : {}),
    ...(typeof xetHash === "string" ? { xetHash } : {}),
  };
}

function parseLfs({ oid, size }: Record<string, unknown>, url: URL): { oid: string; size: number } {
  if (!isHash(oid, SHA256) || !isSize(size)) throw unexpected(url, "large files with their `oid` and `size`");
  return { oid, size };
}

/** Git holds no such names. They would lead out of the repo, or to another kind of place. */
function checkPath(path: string, url: URL): void {
  const parts = path.split("/");
  const isOutside = parts.some((part) => part === "" || part === "." || part === "..");
  if (isOutside || /^[a-z]:[\\/]/i.test(path) || path.length > MAX_PATH_LENGTH)
    throw unexpected(url, "names that files in a repo can have");
}

function isSize(size: unknown): size is number {
  return Number.isSafeInteger(size) && (size as number) >= 0;
}

function isHash(hash: unknown, form: RegExp): hash is string {
  return typeof hash === "string" && form.test(hash);
}

function parseJson(bytes: Uint8Array, url: URL): unknown {
  try {
    // Other than that of a TextDecoder, this text takes one byte for an ASCII character: twice as fast to work with.
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString());
  } catch {
    throw unexpected(url, "JSON"); // the parser's own words repeat what came
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

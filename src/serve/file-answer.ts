import { open, stat } from "node:fs/promises";
import type { ByteRange } from "../fs/types.ts";
import type { Answer } from "./answer.ts";
import { formatContentRange, parseRange } from "./byte-range.ts";
import type { HubRequest } from "./hub-request.ts";
import { FileChangedError } from "./repos/content-hashes.ts";
import { ignoreMissing, type StoredFile } from "./repos/scan-folder.ts";

/** What goes into the head of an answer that is a file. */
export interface FileHead {
  /** With its quotes. */
  readonly etag: string;
  readonly contentType: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/**
 * Answers with a file or a range of it: 200, 206, 304 or 416. Rejects with a {@link FileChangedError} if it is no
 * longer what was listed.
 */
export async function answerFile(file: StoredFile, head: FileHead, request: HubRequest): Promise<Answer> {
  const headers = { ...head.headers, ETag: head.etag, "Accept-Ranges": "bytes" };
  if (matchesEtag(request.headers["if-none-match"], head.etag)) return { status: 304, headers };
  const requested = requestedRange(file, head, request);
  if (requested === "unsatisfiable") {
    return { status: 416, headers: { ...headers, "Content-Range": formatContentRange(requested, file.size) } };
  }
  const range = request.fault?.wrongRange === true ? neighbour(requested, file.size) : requested;
  const { offset, length } = range ?? { offset: 0, length: file.size };
  const answer = {
    status: range === undefined ? 200 : 206,
    headers: {
      ...headers,
      "Content-Type": head.contentType,
      "Content-Length": String(length),
      ...(range === undefined ? {} : { "Content-Range": formatContentRange(range, file.size) }),
    },
  };
  if (request.method === "HEAD") {
    await checkUnchanged(file);
    return answer;
  }
  return { ...answer, body: { handle: await openUnchanged(file), range: { offset, length } } };
}

/** Tells whether an `If-None-Match` header names `etag`. */
export function matchesEtag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  const names = new Set(header.split(",").map((name) => name.trim().replace(/^W\//, "")));
  return names.has(etag) || names.has("*");
}

function requestedRange(
  file: StoredFile,
  { etag }: FileHead,
  { method, headers, fault }: HubRequest,
): ReturnType<typeof parseRange> {
  const ifRange = headers["if-range"];
  const stale = ifRange !== undefined && ifRange !== etag;
  if (method === "HEAD" || stale || fault?.ignoreRange === true) return undefined;
  return parseRange(headers.range, file.size);
}

/** The range one byte on, or one byte back at the end of the file. */
function neighbour(range: ByteRange | undefined, size: number): ByteRange | undefined {
  if (range === undefined || range.length === size) return range;
  const { offset, length } = range;
  return { offset: offset + length < size ? offset + 1 : offset - 1, length };
}

/** Rejects with a {@link FileChangedError} if `file` is no longer what was listed. */
export async function checkUnchanged(file: StoredFile): Promise<void> {
  const stats = await stat(file.realPath).catch(ignoreMissing);
  if (stats === undefined || !isSame(file, stats)) throw changed(file);
}

async function openUnchanged(file: StoredFile): ReturnType<typeof open> {
  const handle = await open(file.realPath).catch(ignoreMissing);
  if (handle === undefined) throw changed(file);
  try {
    if (!isSame(file, await handle.stat())) throw changed(file);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function isSame(file: StoredFile, stats: { size: number; mtimeMs: number; ino: number }): boolean {
  return stats.size === file.size && stats.mtimeMs === file.mtimeMs && stats.ino === file.inode;
}

function changed({ path }: StoredFile): FileChangedError {
  return new FileChangedError(`${path} changed since it was listed`);
}

import { jsonAnswer, type Answer } from "../answer.ts";
import type { HubRequest } from "../hub-request.ts";
import { Refusal } from "../refusal.ts";
import type { RepoFile, RepoFolder, Snapshot } from "../repos/snapshot.ts";

/** Entries of one page: of a plain listing, and of one with `expand=true`. */
export interface PageSizes {
  readonly plain: number;
  readonly expanded: number;
}

/** Answers a page of the listing of a folder. */
export function answerTree(snapshot: Snapshot, request: HubRequest, pageSizes: PageSizes): Answer {
  const { path } = request.route;
  const folder = snapshot.folders.get(path);
  if (folder === undefined) {
    throw new Refusal(404, `${path} does not exist on "${request.route.revision}"`, { code: "EntryNotFound" });
  }
  const expand = request.query.get("expand") === "true";
  const pageSize = expand ? pageSizes.expanded : pageSizes.plain;
  const limit = Math.max(1, Math.min(Number(request.query.get("limit") ?? pageSize) || pageSize, pageSize));
  const start = readCursor(request.query.get("cursor"), snapshot.commit);
  const page: object[] = [];
  let index = 0;
  for (const entry of listEntries(folder, request.query.get("recursive") === "true")) {
    if (index >= start + limit) return jsonAnswer(page, { Link: nextLink(request, snapshot.commit, index) });
    if (index >= start) page.push(describeEntry(entry, expand ? snapshot : undefined));
    index += 1;
  }
  return jsonAnswer(page);
}

/** Answers what is known of the paths in the body, a form or JSON; unknown paths are left out. */
export async function answerPathsInfo(snapshot: Snapshot, request: HubRequest): Promise<Answer> {
  const { paths, expand } = readPaths(await request.readText(), request.headers["content-type"]);
  const entries = paths.map((path) => path.replace(/^\/+|\/+$/g, "")).filter((path) => path !== "");
  const found = entries.map((path) => snapshot.files.get(path) ?? snapshot.folders.get(path));
  const known = found.filter((entry) => entry !== undefined);
  return jsonAnswer(known.map((entry) => describeEntry(entry, expand ? snapshot : undefined)));
}

/** Folders come before files, and a folder's content after it and its neighbours. */
function* listEntries(folder: RepoFolder, recursive: boolean): Generator<RepoFile | RepoFolder> {
  yield* folder.folders;
  yield* folder.files;
  if (!recursive) return;
  for (const child of folder.folders) yield* listEntries(child, true);
}

function describeEntry(entry: RepoFile | RepoFolder, expandFrom: Snapshot | undefined): object {
  const isFile = "realPath" in entry;
  const expanded = expandFrom === undefined ? {} : { lastCommit: describeCommit(expandFrom) };
  if (!isFile) return { type: "directory", oid: entry.oid, size: 0, path: entry.path, ...expanded };
  return {
    type: "file",
    oid: entry.oid,
    size: entry.size,
    ...(entry.lfs === undefined ? {} : { lfs: entry.lfs }),
    path: entry.path,
    ...expanded,
    ...(expandFrom === undefined ? {} : { securityFileStatus: UNSCANNED }),
  };
}

const UNSCANNED = { status: "unscanned", avScan: null, pickleImportScan: null };

/** A commit as listings mention it. */
export function describeCommit({ commit, mtimeMs }: Snapshot): { id: string; title: string; date: string } {
  return { id: commit, title: "Serve a folder", date: new Date(mtimeMs).toISOString() };
}

interface PathsBody {
  readonly paths: readonly string[];
  readonly expand: boolean;
}

function readPaths(body: string, contentType = ""): PathsBody {
  if (!contentType.includes("json")) {
    const form = new URLSearchParams(body);
    return { paths: form.getAll("paths"), expand: form.get("expand")?.toLowerCase() === "true" };
  }
  const value = parseJson(body);
  if (typeof value !== "object" || value === null) throw new Refusal(400, "The body must be a JSON object");
  const paths: unknown = "paths" in value ? value.paths : undefined;
  const list: unknown[] = Array.isArray(paths) ? paths : [paths];
  if (!list.every((path) => typeof path === "string")) throw new Refusal(400, '"paths" must be a list of strings');
  return { paths: list, expand: "expand" in value && value.expand === true };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, "The body is not JSON");
  }
}

/** A cursor names its commit: pages of two different listings must not be put together. */
function nextLink({ url, origin }: HubRequest, commit: string, offset: number): string {
  const next = new URL(`${origin}${url}`);
  next.searchParams.set("cursor", Buffer.from(`${commit}:${offset}`).toString("base64"));
  return `<${next.href}>; rel="next"`;
}

function readCursor(cursor: string | null, commit: string): number {
  if (cursor === null) return 0;
  const [of, offset] = Buffer.from(cursor, "base64").toString().split(":");
  if (of !== commit || !/^\d+$/.test(offset ?? "")) throw new Refusal(400, "Invalid cursor: list again from the start");
  return Number(offset);
}

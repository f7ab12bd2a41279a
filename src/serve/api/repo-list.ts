import { createHash } from "node:crypto";
import type { RepoAccess } from "../access.ts";
import { type Answer, jsonAnswer } from "../answer.ts";
import type { HubRequest } from "../hub-request.ts";
import type { ServedRepo } from "../repos/list-repos.ts";

/** A repo that is listed, and who may see what of it. */
export interface ListedRepo extends ServedRepo {
  readonly access: RepoAccess;
}

/** Answers which repos there are: `search` in their ids, of an `author`, `limit` of them at most. */
export function answerList(repos: readonly ListedRepo[], { query }: HubRequest): Answer {
  const search = (query.get("search") ?? "").toLowerCase();
  const author = query.get("author");
  const limit = Number(query.get("limit") ?? Infinity);
  const found = repos.filter(
    ({ id }) => id.toLowerCase().includes(search) && (author === null || authorOf(id) === author),
  );
  return jsonAnswer(found.slice(0, limit > 0 ? limit : undefined).map(describe));
}

function describe({ type, id, bytes, modified, access }: ListedRepo): object {
  return describeRepo({ type, id, bytes, date: new Date(modified).toISOString(), access });
}

/** What is told of a repo, alone and in a list. */
export interface RepoSummary {
  readonly type: string;
  readonly id: string;
  /** Of all files. */
  readonly bytes: number;
  /** ISO 8601. */
  readonly date: string;
  readonly access: RepoAccess;
}

/** Describes a repo as the Hub does. */
export function describeRepo({ type, id, bytes, date, access }: RepoSummary): Record<string, unknown> {
  const author = authorOf(id);
  return {
    _id: createHash("sha1").update(`${type}/${id}`).digest("hex").slice(0, 24),
    id,
    ...(author === undefined ? {} : { author }),
    lastModified: date,
    private: access.private ?? false,
    gated: access.gated ?? false,
    disabled: access.disabled ?? false,
    downloads: 0,
    likes: 0,
    tags: [],
    usedStorage: bytes,
  };
}

/** `org` of `org/name`; a one-word name has none. */
function authorOf(id: string): string | undefined {
  return id.includes("/") ? id.split("/")[0] : undefined;
}

/** Answers with a page for people: what is served here, and how clients find it. */
export function answerIndex(repos: readonly ListedRepo[], { origin }: HubRequest): Answer {
  const rows = repos.map(({ type, id, files, bytes }) => {
    const size = `${(bytes / 1e6).toFixed(1)} MB`;
    return `<tr><td><a href="/api/${type}/${encodeId(id)}">${escape(id)}</a></td><td>${type}</td><td>${files}</td><td>${size}</td></tr>`;
  });
  const example = repos.find(({ type }) => type === "datasets")?.id ?? "org/name";
  const body = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>hfstream serve</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
td,th{text-align:left;padding:.1rem 1.5rem .1rem 0}td:nth-child(n+3),th:nth-child(n+3){text-align:right}
pre{background:#8882;padding:.6rem 1rem;overflow:auto}</style></head><body>
<h1>A Hub of ${repos.length} ${repos.length === 1 ? "repo" : "repos"}</h1>
<p>Clients find it by <code>HF_ENDPOINT</code>:</p>
<pre>HF_ENDPOINT=${escape(origin)} npx hfstream head ${escape(example)}</pre>
<table><tr><th>repo</th><th>type</th><th>files</th><th>size</th></tr>
${rows.join("\n")}
</table></body></html>
`;
  return { status: 200, headers: { "Content-Type": "text/html; charset=utf-8" }, body };
}

function encodeId(id: string): string {
  return id.split("/").map(encodeURIComponent).join("/");
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

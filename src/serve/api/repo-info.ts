import { createHash } from "node:crypto";
import type { RepoAccess } from "../access.ts";
import { jsonAnswer, type Answer } from "../answer.ts";
import type { HubRequest } from "../hub-request.ts";
import type { Repo } from "../repos/repo.ts";
import type { RepoFile, Snapshot } from "../repos/snapshot.ts";
import { describeCommit } from "./tree.ts";

/** Answers what a repo is and holds; only the fields asked for if any are. */
export function answerInfo(repo: Repo, snapshot: Snapshot, access: RepoAccess, { query }: HubRequest): Answer {
  const all = describeRepo(repo, snapshot, access, query.get("blobs") === "true");
  const fields = new Set([...query.getAll("expand"), ...query.getAll("expand[]")]);
  if (fields.size === 0) return jsonAnswer(all);
  const wanted = Object.entries(all).filter(([name]) => fields.has(name) || name === "id" || name === "_id");
  return jsonAnswer(Object.fromEntries(wanted));
}

function describeRepo(repo: Repo, snapshot: Snapshot, access: RepoAccess, blobs: boolean): object {
  const files = [...snapshot.files.values()];
  const { date } = describeCommit(snapshot);
  return {
    _id: createHash("sha1").update(`${repo.type}/${repo.id}`).digest("hex").slice(0, 24),
    id: repo.id,
    ...(repo.id.includes("/") ? { author: repo.id.split("/")[0] } : {}),
    sha: snapshot.commit,
    lastModified: date,
    createdAt: date,
    private: access.private ?? false,
    gated: access.gated ?? false,
    disabled: access.disabled ?? false,
    downloads: 0,
    likes: 0,
    tags: [],
    usedStorage: files.reduce((sum, file) => sum + file.size, 0),
    siblings: files.map((file) => (blobs ? describeBlob(file) : { rfilename: file.path })),
  };
}

function describeBlob({ path, size, oid, lfs }: RepoFile): object {
  const large = lfs === undefined ? {} : { lfs: { sha256: lfs.oid, size: lfs.size, pointerSize: lfs.pointerSize } };
  return { rfilename: path, size, blobId: oid, ...large };
}

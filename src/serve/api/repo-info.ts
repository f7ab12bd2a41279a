import type { RepoAccess } from "../access.ts";
import { jsonAnswer, jsonTextAnswer, type Answer } from "../answer.ts";
import type { HubRequest } from "../hub-request.ts";
import type { Repo } from "../repos/repo.ts";
import type { RepoFile, Snapshot } from "../repos/snapshot.ts";
import { describeRepo } from "./repo-list.ts";
import { describeCommit } from "./tree.ts";

/** The lists of files as they are sent: long, and the same for as long as nothing changes. */
const siblingLists = { plain: new WeakMap<Snapshot, string>(), blobs: new WeakMap<Snapshot, string>() };

/** Answers what a repo is and holds; only the fields asked for if any are. */
export function answerInfo(repo: Repo, snapshot: Snapshot, access: RepoAccess, { query }: HubRequest): Answer {
  const all = describeAt(repo, snapshot, access);
  const fields = new Set([...query.getAll("expand"), ...query.getAll("expand[]")]);
  const isWanted = (name: string): boolean => fields.size === 0 || fields.has(name) || name === "id" || name === "_id";
  const wanted = Object.fromEntries(Object.entries(all).filter(([name]) => isWanted(name)));
  if (!isWanted("siblings")) return jsonAnswer(wanted);
  const siblings = listSiblings(snapshot, query.get("blobs") === "true" ? "blobs" : "plain");
  return jsonTextAnswer(`${JSON.stringify(wanted).slice(0, -1)},"siblings":${siblings}}`);
}

function describeAt({ type, id }: Repo, snapshot: Snapshot, access: RepoAccess): object {
  const { date } = describeCommit(snapshot);
  const bytes = [...snapshot.files.values()].reduce((sum, file) => sum + file.size, 0);
  return { ...describeRepo({ type, id, bytes, date, access }), sha: snapshot.commit, createdAt: date };
}

function listSiblings(snapshot: Snapshot, kind: keyof typeof siblingLists): string {
  let list = siblingLists[kind].get(snapshot);
  if (list === undefined) {
    const files = [...snapshot.files.values()];
    list = JSON.stringify(files.map((file) => (kind === "blobs" ? describeBlob(file) : { rfilename: file.path })));
    siblingLists[kind].set(snapshot, list);
  }
  return list;
}

function describeBlob({ path, size, oid, lfs }: RepoFile): object {
  const large = lfs === undefined ? {} : { lfs: { sha256: lfs.oid, size: lfs.size, pointerSize: lfs.pointerSize } };
  return { rfilename: path, size, blobId: oid, ...large };
}

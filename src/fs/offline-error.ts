import { HfStreamError } from "../errors.ts";
import { subjectOf } from "../hub/api.ts";
import { repoPath, type RevisionRef } from "../hub/repo.ts";
import type { PythonRevision } from "./python-cache.ts";
import { type Message, option, type OptionMention, say } from "../message.ts";

/** Where was looked, and what Python's cache has of the repo. */
export interface Searched {
  readonly folders: readonly string[];
  readonly revisions: readonly PythonRevision[];
}

const MAX_NAMED = 5;

/** Says that nothing on this machine tells which files a revision has. */
export function noListing(repo: RevisionRef, { folders, revisions }: Searched): HfStreamError {
  const what = say`There is no list of the files of ${subjectOf(repo)} on this machine`;
  const where = `(looked in ${folders.join(" and ")})`;
  const message = say`${what} ${where}, ${STATE}. ${cure(repo)}${has(revisions)}`;
  return new HfStreamError("OFFLINE", message, { path: repoPath(repo) });
}

/** Says that a file of a commit is not on this machine. */
export function noData(at: RevisionRef, file: string, { folders, revisions }: Searched): HfStreamError {
  const path = `${repoPath(at)}/${file}`;
  const what = `The data of ${path} is not on this machine (looked in ${folders.join(" and ")})`;
  const others = revisions.filter(({ commit }) => commit !== at.revision);
  return new HfStreamError("OFFLINE", say`${what}, ${STATE}. ${cure(at, file)}${has(others, " at other commits")}`, {
    path,
  });
}

const STATE: Message = say`and HF_HUB_OFFLINE or ${option("offline")} is set`;

/** How to get it. What only the API can do, the command line leaves out. */
function cure(repo: RevisionRef, file?: string): Message {
  const kind = repo.type === "model" ? "" : `--repo-type ${repo.type} `;
  const at = repo.revision === "main" ? "" : ` --revision ${shellWord(repo.revision)}`;
  const command = `\`hf download ${kind}${repo.id}${file === undefined ? "" : ` ${shellWord(file)}`}${at}\``;
  const call = `\`loadDataset('${repo.id}', { streaming: false })\``;
  const inApi = (text: string): OptionMention | string =>
    repo.type === "dataset" ? { option: "streaming", value: "false", text } : "";
  const reading =
    file === undefined
      ? say`read it once${inApi(` (by ${call}, to keep its data)`)}, or `
      : [inApi(`read ${call}, which keeps data files, or `)];
  return say`To get it, with network access: ${reading}run ${command}.`;
}

function has(revisions: readonly PythonRevision[], where = ""): string {
  if (revisions.length === 0) return "";
  const named = revisions.slice(0, MAX_NAMED).map(({ revision }) => revision);
  const more = revisions.length > MAX_NAMED ? ` and ${revisions.length - MAX_NAMED} more` : "";
  return ` What Python's cache has of it${where}: ${named.join(", ")}${more}.`;
}

function shellWord(text: string): string {
  return /^[\w./@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

import { jsonAnswer, redirectAnswer, type Answer } from "../answer.ts";
import type { HubRequest } from "../hub-request.ts";
import { Refusal } from "../refusal.ts";
import type { Repo } from "../repos/repo.ts";
import type { Snapshot } from "../repos/snapshot.ts";
import { describeCommit } from "./tree.ts";

const CONVERTED = "refs/convert/parquet";

/** Answers the branches, tags and other refs of a repo. */
export async function answerRefs(repo: Repo, { query }: HubRequest): Promise<Answer> {
  const refs = await Promise.all(
    repo.revisions.map(async (revision) => {
      const ref = revision.startsWith("refs/") ? revision : `refs/heads/${revision}`;
      const [, group = "", ...words] = ref.split("/");
      const snapshot = await repo.snapshot(revision);
      return { group, name: words.join("/"), ref, targetCommit: snapshot?.commit };
    }),
  );
  const inGroup = (wanted: string): object[] => {
    return refs
      .filter(({ group }) => group === wanted)
      .map(({ name, ref, targetCommit }) => ({ name, ref, targetCommit }));
  };
  return jsonAnswer({
    branches: inGroup("heads"),
    converts: inGroup("convert"),
    tags: inGroup("tags"),
    ...(query.get("include_prs") === null ? {} : { pullRequests: inGroup("pr") }),
  });
}

/** Answers the commits of a revision: the present one, as a folder has no history. */
export function answerCommits(snapshot: Snapshot): Answer {
  const { id, title, date } = describeCommit(snapshot);
  const commit = { id, title, message: "", authors: [], date, formatted: { title, message: "" } };
  return jsonAnswer([commit], { "X-Total-Count": "1" });
}

/** Answers the index of the files in `refs/convert/parquet`, or of a part of it, or leads to one of them. */
export async function answerParquet(repo: Repo, { route, origin }: HubRequest): Promise<Answer> {
  const snapshot = await repo.snapshot(CONVERTED);
  if (snapshot === undefined) throw missing(route.path);
  const resolve = `/datasets/${repo.id}/resolve/${encodeURIComponent(CONVERTED)}/`;
  const [config, split, file] = route.path.split("/").filter((word) => word !== "");
  if (file !== undefined) return redirectAnswer(302, `${resolve}${config}/${split}/${file.padStart(12, "0")}`);
  const index: Record<string, Record<string, string[]>> = {};
  for (const path of snapshot.files.keys()) {
    const [ofConfig, ofSplit, name] = path.split("/");
    if (ofConfig === undefined || ofSplit === undefined || name?.endsWith(".parquet") !== true) continue;
    ((index[ofConfig] ??= {})[ofSplit] ??= []).push(`${origin}${resolve}${path}`);
  }
  const found = config === undefined ? index : split === undefined ? index[config] : index[config]?.[split];
  if (found === undefined) throw missing(route.path);
  return jsonAnswer(found);
}

function missing(path: string): Refusal {
  return new Refusal(404, `There is no Parquet export of ${path === "" ? "this dataset" : path}`, {
    code: "EntryNotFound",
  });
}

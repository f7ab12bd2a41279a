import { linkController } from "../async/abort.ts";
import { isHfStreamError } from "../errors.ts";
import { getFile, getRepoContents, listTree } from "../hub/api.ts";
import type { HubClient } from "../hub/client.ts";
import type { RevisionRef } from "../hub/repo.ts";
import type { FileList, RepoInfo, TreeEntry } from "../hub/wire.ts";
import { hasOid } from "./content-hash.ts";
import { topFolder } from "./git-objects.ts";
import type { DataFile, ReadOptions } from "./types.ts";

/** A commit, and all of its files in any order. */
export interface CommitListing extends RepoInfo {
  readonly files: readonly DataFile[];
}

/** Options of a listing that somebody waits for. */
export interface ListingOptions extends ReadOptions {
  /** A small file that will be read next, if there is one of that name. */
  readonly alongside?: string | undefined;
}

/** What {@link askListing} finds. */
export interface ListingAnswer extends CommitListing {
  /** The content of the file `alongside`. */
  readonly text: Uint8Array | undefined;
}

/**
 * Asks for all files at a revision, and for the file `alongside`, in one round trip: at most three requests, all sent at
 * once, however many files there are. The list comes with the answer that tells the commit. As the Hub cuts long lists
 * short, the top folder is asked for too: the oids of its folders tell whether anything is missing below them. Where that
 * is so, and where the Hub leaves sizes out, the tree is listed page by page.
 */
export async function askListing(
  client: HubClient,
  repo: RevisionRef,
  { alongside, signal, meter }: ListingOptions,
): Promise<ListingAnswer> {
  const stop = linkController(signal);
  const options = { signal: stop.signal, meter };
  try {
    const asked = getRepoContents(client, repo, options);
    const top = listTree(client, repo, { ...options, recursive: false });
    const content =
      alongside === undefined ? undefined : getFile(client, repo, alongside, { ...options, mayBeMissing: true });
    for (const answer of [top, content]) answer?.catch(() => {}); // not always waited for
    const { id, commit, list } = await asked;
    const isWhole = list !== undefined && isAll(list, await top);
    const { files } = isWhole ? list : await listFiles(client, { ...repo, id, revision: commit }, options);
    const oid = files.find(({ path }) => path === alongside)?.oid;
    const text = oid === undefined ? undefined : await contentOf(oid, content);
    return { id, commit, files, text };
  } finally {
    stop.abort();
    stop.dispose();
  }
}

/** A tree's entry by its content. */
export function toDataFile({ path, size, oid, lfs }: TreeEntry): DataFile {
  return { path, size, oid: lfs?.oid ?? oid };
}

async function listFiles(client: HubClient, repo: RevisionRef, options: ReadOptions): Promise<FileList> {
  const entries = (await listTree(client, repo, options)).filter(({ type }) => type === "file");
  return { files: entries.map(toDataFile), blobIds: entries.map(({ oid }) => oid) };
}

/** Whether a list has all that is below the entries of the top folder. */
function isAll({ files, blobIds }: FileList, top: readonly TreeEntry[]): boolean {
  const oids = new Map(top.map(({ path, type, oid }) => [type === "directory" ? `${path}/` : path, oid]));
  const { names, oids: found } = topFolder(files, blobIds);
  return names.length === oids.size && names.every((name, index) => oids.get(name) === found[index]);
}

/** What was asked for by the name of a branch, which may have moved since: its hash tells whether it is the file. */
async function contentOf(oid: string, content: Promise<Uint8Array> | undefined): Promise<Uint8Array | undefined> {
  try {
    const bytes = await content;
    return bytes !== undefined && hasOid(bytes, oid) ? bytes : undefined;
  } catch (error) {
    if (isHfStreamError(error, "ENTRY_NOT_FOUND")) return undefined;
    throw error;
  }
}
